"""The console has words in both languages for every value that a timeline can show."""

import pytest

from carrier.prompts.sources import SPOKEN
from ivr_app.web.i18n import load_catalogue
from routing.journal import JournalEvent
from routing.line import Channel
from routing.message import Via
from routing.notify.customer import CustomerNews
from routing.page import PageResult
from routing.recording import RecordingState
from store.log.timeline import StepKind


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("calls.event", [*JournalEvent, *StepKind]),
        ("console.channel", [*Channel, *Via]),
        ("calls.result", [*PageResult, *RecordingState]),
        ("calls.speaks", SPOKEN),
        ("calls.news", list(CustomerNews)),
    ],
)
def test_every_value_of_the_log_has_words(section, values):
    assert len(values) > 1
    assert [one for one in values if f"{section}.{one}" not in load_catalogue()] == []
