"""In somebody's name without a key: 45 seconds for whoever waits, and a key that gives it back."""

import pytest

from routing import events
from routing.incident import EscalationPhase, IncidentState, ReopenReason
from routing.incidents.text_commands import why_no_call
from routing.message import Via
from routing.page import LegState, PageResult, WrapUpChoice
from tests.routing.floor import JORIS, LAST_RESORT, SANNE, Floor, prompts, stepping


@pytest.fixture
def call(floor):
    return floor.critical()


def acknowledge(floor, call, engineer="joris", by="text"):
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, engineer, by))
    floor.work()


def rested(floor, call):
    """Everybody was tried in vain: the next round is minutes away."""
    while floor.incident(call).escalation.phase is not EscalationPhase.RESTING:
        floor.advance(5)


def reasons(floor):
    return " / ".join(note.reason for _, _, note in floor.book.rows.journal)


# The promise of a text


def test_without_a_key_in_45_seconds_the_pause_is_over_and_everybody_is_sought(floor, call):
    rested(floor, call)
    acknowledge(floor, call)
    assert floor.ringing() == [JORIS]
    floor.advance(44)
    assert (floor.incident(call).state, floor.rings(SANNE)) == (IncidentState.ACKNOWLEDGED, 2)
    floor.advance(1)
    assert (floor.incident(call).state, floor.incident(call).acknowledged_by) == (
        IncidentState.OPEN,
        None,
    )
    assert floor.ringing() == [SANNE]
    assert "joris acknowledged it and pressed no key within 45 s" in reasons(floor)


def test_a_hunt_under_way_goes_on_where_it_was_and_notices_go_out_again(floor, call):
    acknowledge(floor, call, "sanne")
    floor.advance(44)
    before = floor.incident(call).escalation
    floor.advance(1)
    after = floor.incident(call).escalation
    assert (after.round, after.pass_, after.step) == (before.round, before.pass_, before.step)
    assert floor.incident(call).state is IncidentState.OPEN
    floor.advance(20)
    assert floor.exchange.texts == [SANNE, JORIS]


def test_the_key_in_time_keeps_the_promise(floor, call):
    rested(floor, call)
    acknowledge(floor, call)
    floor.talk(call, JORIS)
    floor.advance(60)
    assert floor.incident(call).acknowledged_by == "joris"
    assert (floor.ringing(), floor.rings(SANNE)) == ([], 2)


def test_a_key_that_comes_after_45_seconds_still_takes_it(floor, call):
    rested(floor, call)
    acknowledge(floor, call)
    leg = floor.answer(JORIS)
    floor.advance(46)
    floor.key(JORIS, leg.take_key)
    assert floor.incident(call).acknowledged_by == "joris"
    assert floor.ringing() == []


def test_the_promise_of_one_does_not_end_what_another_has_taken(floor, call):
    rested(floor, call)
    acknowledge(floor, call)
    leg = floor.answer(JORIS)
    floor.advance(46)
    acknowledge(floor, call, "sanne", "link")
    assert floor.incident(call).acknowledged_by == "sanne"
    floor.key(JORIS, leg.take_key)
    floor.meet(JORIS)
    floor.advance(60)
    assert (floor.incident(call).acknowledged_by, floor.ringing()) == ("joris", [])


def test_each_promise_has_45_seconds_of_its_own(floor, call):
    rested(floor, call)
    acknowledge(floor, call)
    floor.advance(46)
    acknowledge(floor, call)
    floor.advance(44)
    assert floor.incident(call).acknowledged_by == "joris"
    floor.advance(1)
    assert floor.incident(call).state is IncidentState.OPEN


def test_an_older_promise_does_not_end_a_newer_one(floor, call):
    rested(floor, call)
    acknowledge(floor, call)
    floor.advance(20)
    floor.pass_on(JORIS)
    acknowledge(floor, call)
    floor.advance(44)
    assert floor.incident(call).acknowledged_by == "joris"
    floor.advance(1)
    assert floor.incident(call).state is IncidentState.OPEN


def test_a_key_just_before_counts_while_the_two_are_being_joined(floor, call):
    rested(floor, call)
    acknowledge(floor, call)
    leg = floor.answer(JORIS)
    floor.advance(44)
    floor.key(JORIS, leg.take_key)
    floor.advance(2)
    assert floor.leg(JORIS).state is LegState.CONNECTING
    assert (floor.incident(call).acknowledged_by, floor.ringing()) == ("joris", [])


def test_a_caller_who_has_gone_leaves_it_to_whoever_acknowledged(floor, call):
    acknowledge(floor, call, "sanne")
    floor.hang_up(call)
    floor.advance(60)
    assert floor.incident(call).acknowledged_by == "sanne"
    assert (floor.ringing(), floor.rings(JORIS)) == ([], 0)


def test_whoever_acknowledged_and_is_busy_elsewhere_holds_up_nobody(floor, call):
    rested(floor, call)
    other = floor.critical("anonymous")
    floor.talk(other)
    acknowledge(floor, call, "sanne")
    assert floor.ringing() == []
    floor.advance(45)
    assert floor.incident(call).state is IncidentState.OPEN
    floor.advance(31)
    assert floor.ringing() == [JORIS]


# A key that gives it back


def called_in(floor, call, engineer, phone):
    floor.desk.happen(events.CalledIn(floor.incident(call).key, engineer, phone))
    floor.work()


def own(floor, call):
    """Sanne has it, the caller has gone, and she calls the line about it."""
    floor.hang_up(call)
    acknowledge(floor, call, "sanne")
    called_in(floor, call, "sanne", SANNE)
    assert floor.ringing() == [SANNE]


def test_passing_on_ones_own_incident_rings_the_others_and_says_so(floor, call):
    own(floor, call)
    leg = floor.pass_on(SANNE)
    assert (leg.state, leg.result, leg.said) == (
        LegState.ENDED,
        PageResult.DECLINED,
        WrapUpChoice.HANDED_OVER,
    )
    assert prompts(floor.whisper(SANNE)) == ["handed_over"]
    incident = floor.incident(call)
    assert (incident.state, incident.reopen_reason) == (
        IncidentState.OPEN,
        ReopenReason.HANDED_OVER,
    )
    assert floor.ringing() == [JORIS]
    floor.answer(JORIS)
    assert "whisper_handed_over" in prompts(floor.whisper(JORIS))


def test_silence_on_ones_own_incident_changes_nothing(floor, call):
    own(floor, call)
    floor.answer(SANNE)
    for _ in range(3):
        floor.key(SANNE, None)
    assert floor.leg(SANNE).result is PageResult.NO_KEY
    assert floor.incident(call).acknowledged_by == "sanne"
    floor.advance(60)
    assert (floor.ringing(), floor.rings(JORIS)) == ([], 0)


def test_passing_on_after_a_text_reopens_it_and_the_hunt_goes_on(floor, call):
    acknowledge(floor, call, "sanne")
    leg = floor.pass_on(SANNE)
    assert leg.said is WrapUpChoice.HANDED_OVER
    assert (floor.incident(call).state, floor.ringing()) == (IncidentState.OPEN, [JORIS])
    assert floor.incident(call).escalation.round == 1


def test_passing_on_in_a_pause_ends_the_pause(floor, call):
    rested(floor, call)
    acknowledge(floor, call)
    floor.pass_on(JORIS)
    assert (floor.incident(call).escalation.round, floor.ringing()) == (2, [SANNE])


def test_passing_on_when_there_is_nobody_else_comes_to_the_last_resort_and_back():
    floor = Floor(escalation=stepping(("sanne",)))
    call = floor.critical()
    floor.hang_up(call)
    acknowledge(floor, call, "sanne")
    called_in(floor, call, "sanne", SANNE)
    floor.pass_on(SANNE)
    assert floor.ringing() == [LAST_RESORT]
    rested(floor, call)
    floor.advance(300)
    assert floor.ringing() == [SANNE]


def test_passing_on_what_is_nobodys_is_only_passing_on(floor, call):
    leg = floor.pass_on(SANNE)
    assert (leg.said, floor.incident(call).reopen_reason) == (None, None)
    assert floor.ringing() == [JORIS]


# The customer is called, and whoever has the incident first


def wants_to_call(floor, call, engineer):
    floor.desk.happen(events.CallWanted(floor.incident(call).key, engineer))
    floor.work()


def test_whoever_has_it_is_rung_and_led_on_to_the_customer(floor, call):
    floor.hang_up(call)
    acknowledge(floor, call, "sanne")
    wants_to_call(floor, call, "sanne")
    assert floor.ringing() == [SANNE]
    floor.answer(SANNE)
    floor.take(SANNE)
    assert floor.leg(SANNE).state is LegState.CALLING


def test_nobody_else_is_rung_for_it(floor, call):
    floor.hang_up(call)
    acknowledge(floor, call, "sanne")
    wants_to_call(floor, call, "joris")
    assert floor.ringing() == []


def test_while_somebody_else_is_on_the_telephone_about_it_nobody_is_rung(floor, call):
    floor.hang_up(call)
    floor.take(SANNE)
    floor.desk.happen(events.Reassigned(floor.incident(call).key, "joris", "sanne", Via.CONSOLE))
    called_in(floor, call, "joris", JORIS)
    assert floor.ringing() == []
    wants_to_call(floor, call, "joris")
    assert why_no_call(floor.incident(call), "joris") == "on_the_telephone"
    assert floor.ringing() == []


def test_a_customer_without_a_number_is_not_called(floor):
    hidden = floor.critical("anonymous")
    floor.hang_up(hidden)
    acknowledge(floor, hidden, "sanne")
    wants_to_call(floor, hidden, "sanne")
    assert floor.ringing() == []
