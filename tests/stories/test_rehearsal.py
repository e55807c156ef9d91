"""What the first caller would wait for is done before: statements, sentences, holidays."""

import pytest

from carrier.prompts import read_sentences
from config.holidays import _public_holidays
from ivr_app.rehearsal import rehearse
from store.db import prepared
from tests.stories.conftest import PAPER
from tests.stories.stage import PIN
from tests.words import words_of

CACHED = (read_sentences, _public_holidays)


@pytest.fixture
def paper():
    return PAPER.replace("country: NL\n", "").replace(
        '"09:00-18:00"}\n', '"09:00-18:00"}\n  holidays: NL\n'
    )


def count_work():
    """How many statements were compiled, files read and years computed in this process."""
    compiled = sum(len(statement._compiled) for statement in prepared._EVERY)
    return compiled, *(cached.cache_info().misses for cached in CACHED)


def test_the_first_call_after_a_rehearsal_prepares_nothing(stage, monkeypatch):
    for cached in CACHED:
        cached.cache_clear()
    for statement in prepared._EVERY:
        monkeypatch.setattr(statement, "_compiled", {})
    rehearse(stage.services)
    done = count_work()
    assert all(done)
    caller = stage.dial()
    for digits in (f"{PIN}#", "1"):
        stage.press(caller, digits)
    assert count_work() == done


def test_a_rehearsal_without_a_database_is_left_to_the_first_caller(stage):
    stage.break_database()
    rehearse(stage.services)
    stage.mend_database()
    assert words_of("welcome", line="MSA Plus prioriteitslijn") in stage.dial().hears
