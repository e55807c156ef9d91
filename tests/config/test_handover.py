"""Whether whoever comes on is told, and how long there is to confirm, as the file writes it."""

import datetime as dt

import pytest

from routing.line import HandoverRules

WHISPER = "whisper: full"


def test_without_a_word_whoever_comes_on_is_told_and_has_a_quarter_of_an_hour(example, read):
    assert "handover:" not in example
    assert read(example).line.handover == HandoverRules(True, dt.timedelta(minutes=15))


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ("{tell: false}", HandoverRules(tell=False)),
        ("{tell: true, confirm_within: 1h}", HandoverRules(True, dt.timedelta(hours=1))),
    ],
)
def test_both_can_be_changed(example, read, written, rules):
    text = example.replace(WHISPER, f"handover: {written}")
    assert read(text).line.handover == rules
