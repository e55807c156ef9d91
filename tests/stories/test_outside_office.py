"""Levels 2 to 4 outside office hours: an honest word, a message, and one key for level 1."""

import datetime as dt

import pytest

from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, LINE, PIN, SANNE
from tests.words import words_of


@pytest.fixture
def paper():
    return PAPER.replace("paging:", "desk: {ring: [joris], for: 20s}\npaging:")


def reports(stage, level):
    caller = stage.dial()
    stage.press(caller, f"{PIN}#")
    stage.press(caller, level)
    return caller


def texts_to(stage, number):
    return [text for text in stage.office.texts if text.to == number]


def until_it_opens(stage):
    """Seconds until the office of the paper opens."""
    line = stage.desk.lines.find_line("main")
    facts = stage.desk.facts(line)
    return (facts.office_opens() - facts.now).total_seconds()


def test_it_is_said_when_it_will_be_handled(stage):
    caller = reports(stage, "3")
    stage.advance(12)
    heard = " ".join(caller.hears)
    assert words_of("later_at") in heard
    assert "vandaag om 9 uur" in heard
    assert stage.rings(JORIS) == stage.rings(SANNE) == 0


def test_a_message_is_kept_with_the_incident_and_the_desk_is_told_when_it_opens(stage):
    caller = reports(stage, "3")
    stage.record(caller, 5)
    stage.advance(8)
    call = stage.call(caller)
    assert (call.outcome, caller.live) == ("message", False)
    incident = stage.incident()
    assert incident.message == call.message is not None
    assert texts_to(stage, JORIS) == []
    stage.advance(until_it_opens(stage) + 2)
    (text,) = texts_to(stage, JORIS)
    assert f"{incident.number}, niveau 3" in text.body
    assert stage.rings(JORIS) == 0


def test_nobody_at_the_desk_is_told_again_before_the_next_day(stage):
    stage.hang_up(reports(stage, "4"))
    stage.advance(until_it_opens(stage) + 2)
    stage.advance(8 * 3600)
    assert len(texts_to(stage, JORIS)) == 1
    stage.advance(until_it_opens(stage) + 2 + 16 * 3600)
    assert len(texts_to(stage, JORIS)) == 2


def test_whoever_has_it_ends_the_telling(stage):
    stage.hang_up(reports(stage, "4"))
    stage.advance(until_it_opens(stage) + 2)
    stage.office.text(JORIS, LINE, str(stage.incident().number))
    stage.settle()
    stage.advance(26 * 3600)
    assert len([t for t in texts_to(stage, JORIS) if "niveau 4" in t.body]) == 1


@pytest.mark.parametrize("confirms", ["1", None])
def test_one_says_that_business_has_stopped_and_people_are_woken(stage, confirms):
    caller = reports(stage, "2")
    stage.advance(6)
    stage.press(caller, "3")
    if confirms:
        stage.press(caller, confirms)
    else:
        stage.advance(60)
    incident = stage.incident()
    assert (incident.urgency, incident.raised_at is None) == (1, False)
    assert incident.respond_by > stage.now() + dt.timedelta(hours=1)
    assert stage.rings(SANNE) == 1


def test_hanging_up_at_once_leaves_an_incident(stage):
    caller = reports(stage, "2")
    stage.hang_up(caller)
    assert stage.incident().urgency == 2
    assert stage.call(caller).outcome == "registered"


def test_saying_that_business_has_stopped_and_hanging_up_wakes_people_all_the_same(stage):
    caller = reports(stage, "2")
    stage.advance(6)
    number = stage.incident().number
    stage.press(caller, "3")
    stage.advance(2)
    stage.hang_up(caller)
    stage.advance(3)
    incident = stage.incident()
    assert (incident.number, incident.urgency, incident.state) == (number, 1, "open")
    assert (stage.rings(SANNE), stage.call(caller).outcome) == (1, "abandoned")
