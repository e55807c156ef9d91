"""Nothing a customer says is lost: what hanging up leaves behind, question by question."""

import dataclasses
import datetime as dt

import pytest

from routing import events
from routing.call import CallOutcome, Stage
from routing.incident import EscalationPhase, IncidentState
from routing.line import RateLimit, Step, UnverifiedRates
from tests.routing.floor import JORIS, PIETER, PIN, SANNE, STRANGER, Floor, prompts


def identified(floor, *keys):
    call = floor.dial(PIETER)
    floor.pin(call, PIN)
    for key in keys:
        floor.press(call, key)
    return call


def stranger(floor, *keys):
    call = floor.dial(STRANGER)
    floor.press(call, "1")
    floor.contract(call, "0")
    for key in keys:
        floor.press(call, key)
    return call


def silent(floor):
    """Somebody who presses nothing at all, until a name is asked for."""
    call = floor.dial("anonymous")
    floor.press(call, None)
    floor.contract(call, None)
    floor.contract(call, None)
    floor.press(call, None)
    floor.press(call, None)
    assert floor.call(call).stage is Stage.INTRODUCE
    return call


@pytest.mark.parametrize(
    "reach",
    [
        lambda floor: floor.dial(STRANGER),
        lambda floor: floor.dial(PIETER),
        identified,
        stranger,
        silent,
        lambda floor: identified(floor, "1", "2"),
    ],
)
def test_before_the_urgency_a_record_is_left_and_nobody_is_woken(floor, reach):
    call = reach(floor)
    where = floor.call(call).stage
    floor.hang_up(call)
    gone = floor.call(call)
    assert (gone.outcome, gone.left_at, gone.incident) == (CallOutcome.ABANDONED, where, None)
    assert floor.legs() == []


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize("reach", [identified, stranger])
def test_who_chose_level_1_and_hangs_up_when_asked_to_confirm_is_paged(floor, reach, failed):
    call = reach(floor, "1")
    floor.desk.happen(events.CallEnded(call, failed))
    floor.work()
    incident = floor.incident(call)
    assert (incident.urgency, incident.state, floor.ringing()) == (1, IncidentState.OPEN, [SANNE])
    assert incident.calls == (floor.call(call).sid,)
    assert floor.call(call).outcome is (CallOutcome.FAILED if failed else CallOutcome.ABANDONED)
    assert floor.call(call).stage is Stage.ENDED
    assert floor.notes().count("abandoned") == 1
    floor.take(SANNE)
    assert floor.incident(call).acknowledged_by == "sanne"


def test_the_word_of_it_twice_opens_one_incident(floor):
    call = identified(floor, "1")
    floor.hang_up(call)
    floor.hang_up(call)
    floor.press(call, "1")
    assert (len(floor.book.rows.incidents), floor.rings(SANNE)) == (1, 1)


def test_whose_hanging_up_is_never_told_is_paged_within_a_minute(floor):
    call = identified(floor, "1")
    floor.exchange.heards[floor.call(call).sid] = events.Heard.COMPLETED
    floor.advance(61)
    assert (floor.call(call).outcome, floor.ringing()) == (CallOutcome.ABANDONED, [SANNE])


def test_the_limits_for_strangers_hold_for_those_who_hang_up(floor):
    none = UnverifiedRates(per_caller=RateLimit(0, dt.timedelta(hours=1)))
    floor.apply(unverified=none)
    call = stranger(floor, "1")
    floor.hang_up(call)
    assert (floor.legs(), floor.exchange.texts) == ([], [SANNE])
    assert floor.call(call).stage is Stage.ENDED
    assert floor.incident(call).escalation.phase is EscalationPhase.QUIET


@pytest.mark.parametrize("earlier", ["name", "end"])
def test_a_name_that_ends_by_hanging_up_is_heard_and_paged_whichever_is_told_first(floor, earlier):
    call = silent(floor)
    turn = floor.call(call).turn
    told = [events.Introduced(call, turn, "http://spoken"), events.CallEnded(call)]
    for event in told if earlier == "name" else reversed(told):
        floor.desk.happen(event)
    for event in told:
        floor.desk.happen(event)
    floor.work()
    incident = floor.incident(call)
    assert floor.book.rows.recordings[incident.introduction].url == "http://spoken"
    assert (incident.urgency, len(floor.book.rows.recordings)) == (1, 1)
    assert floor.call(call).outcome is CallOutcome.ABANDONED
    assert (len(floor.book.rows.incidents), floor.ringing()) == (1, [SANNE])


def test_hanging_up_without_a_name_wakes_nobody(floor):
    call = silent(floor)
    turn = floor.call(call).turn
    floor.hang_up(call)
    floor.desk.happen(events.Introduced(call, turn, None))
    assert (floor.call(call).incident, floor.legs()) == (None, [])


def test_a_name_that_was_never_asked_for_is_no_incident(floor):
    call = identified(floor)
    turn = floor.call(call).turn
    floor.hang_up(call)
    floor.desk.happen(events.Introduced(call, turn, "http://spoken"))
    assert floor.call(call).incident is None


@pytest.mark.parametrize("level", ["2", "3", "4"])
def test_lower_levels_are_incidents_from_their_key_on(floor, level):
    call = identified(floor, level)
    floor.hang_up(call)
    assert floor.incident(call).urgency == int(level)
    assert floor.legs() == []


def test_at_the_question_what_it_is_about_a_record_is_left_and_the_hunt_goes_on(floor):
    first = floor.critical()
    floor.hang_up(first)
    hunt = floor.incident(first).escalation
    call = identified(floor)
    assert floor.call(call).stage is Stage.ABOUT
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.ABANDONED
    assert floor.incident(first).escalation == hunt


AFTER_HOURS = dt.timedelta(hours=9)


def raising(floor, level="3"):
    """Somebody reports a lower level, then says that business has stopped, and hears the question;
    with a desk that is open in the row, else after the office has closed."""
    call = identified(floor, level)
    floor.work()
    if floor.call(call).stage is Stage.WAITING:
        floor.wait_key(call, "3")
    else:
        floor.press(call, "3")
    assert floor.call(call).stage is Stage.CONFIRM
    return call


def desk_floor():
    return Floor(desk=Step(("joris",), dt.timedelta(seconds=20)))


@pytest.mark.parametrize("late", [dt.timedelta(0), AFTER_HOURS])
def test_who_says_that_business_has_stopped_and_hangs_up_is_paged(late):
    floor = desk_floor()
    floor.now += late
    call = raising(floor)
    number, at = floor.incident(call).number, floor.now
    floor.hang_up(call)
    floor.hang_up(call)
    incident = floor.incident(call)
    assert (incident.number, incident.urgency, incident.state) == (number, 1, IncidentState.OPEN)
    assert (incident.raised_at, incident.queued_at) == (at, None)
    assert incident.respond_by is not None
    assert floor.rings(SANNE) == 1
    assert floor.call(call).stage is Stage.ENDED
    assert floor.call(call).outcome is CallOutcome.ABANDONED
    assert floor.notes().count("raised") == 1


def test_a_raise_that_was_taken_back_before_hanging_up_is_none():
    floor = desk_floor()
    call = raising(floor)
    floor.press(call, "2")
    floor.hang_up(call)
    assert (floor.incident(call).urgency, floor.rings(SANNE)) == (3, 0)


def test_a_raise_by_hanging_up_after_the_desk_has_taken_it_is_theirs_and_counts():
    floor = desk_floor()
    call = raising(floor)
    floor.take(JORIS)
    assert floor.incident(call).counted is None
    floor.hang_up(call)
    incident = floor.incident(call)
    assert (incident.urgency, incident.acknowledged_by, incident.counted is None) == (
        *(1, "joris"),
        False,
    )
    assert (floor.call(call).stage, floor.rings(SANNE)) == (Stage.ENDED, 0)


def test_who_raises_hears_what_is_left_of_the_bundle():
    floor = desk_floor()
    bakery = floor.people.contracts["main", "100234"]
    few = dataclasses.replace(bakery, premium_incidents=2)
    floor.people.contracts["main", "100234"] = few
    call = raising(floor)
    assert floor.incident(call).few_left is None
    floor.press(call, "1")
    assert floor.incident(call).few_left is not None
    floor.say_matter(call, None)
    assert "premium_left_many" in prompts(floor.room(call))


def test_whoever_may_not_ring_leaves_an_incident_all_the_same():
    floor = Floor(unverified_level_1="message")
    call = stranger(floor, "1")
    floor.hang_up(call)
    assert floor.incident(call).urgency == 1
    assert floor.legs() == []
    assert floor.call(call).outcome is CallOutcome.ABANDONED
