"""The number that was called, as carriers write it, and calls to a number that no line has."""

import pytest
import structlog

from service import metrics
from tests.stories.stage import JORIS, LINE, SANNE
from tests.stories.test_hostile import post

PIETER = "+31612345678"
LAST = "+31207654321"
SPELLINGS = ["31201234567", "0031201234567", "0201234567", "sip:31201234567@example.org"]
SPELLINGS += ["tel:+31-20-123-4567"]


@pytest.mark.parametrize("to", SPELLINGS)
def test_a_call_reaches_the_line_however_its_number_is_written(stage, to):
    answer = post(stage, "/voice/incoming", CallSid="CA7", To=to, From=PIETER)
    assert "<Gather" in answer.text
    assert stage.desk.calls.find_by_sid("CA7").call.line == "main"


def test_a_call_that_names_the_number_as_called_reaches_the_line(stage):
    post(stage, "/voice/incoming", CallSid="CA7", Called=LINE, Caller=PIETER)
    assert stage.desk.calls.find_by_sid("CA7").call.caller == PIETER


@pytest.mark.parametrize("to", SPELLINGS)
def test_a_text_reaches_the_line_however_its_number_is_written(stage, to):
    stage.hang_up(stage.call_level_1())
    stage.advance(65)
    number = str(stage.incident().number)
    answer = post(stage, "/sms/incoming", MessageSid="SM7", To=to, From=JORIS, Body=number)
    assert "<Message>" in answer.text


@pytest.mark.parametrize("to", SPELLINGS)
def test_the_fallback_knows_the_line_however_its_number_is_written(stage, to):
    stage.write_fallback()
    answer = post(stage, "/voice/fallback", CallSid="CA7", To=to, From=PIETER)
    assert SANNE in answer.text
    assert f'callerId="{LINE}"' in answer.text


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("to", ["+31209999999", "sip:somebody@example.org", ""])
def test_a_call_to_no_line_hears_a_sentence_and_a_human_and_is_logged(stage, to, written):
    if written:
        stage.write_fallback()
    with structlog.testing.capture_logs() as logged:
        answer = post(stage, "/voice/incoming", CallSid="CA7", To=to, From=PIETER)
    assert answer.status_code == 200
    assert "<Say" in answer.text
    assert (SANNE if written else LAST) in answer.text
    assert "a call to a number that no line has" in [line["event"] for line in logged]
    told = metrics.scrape(stage.services).decode()
    assert "priority_line_calls_to_unknown_number_total 0.0" not in told
