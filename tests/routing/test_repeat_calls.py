"""Who calls again about level 2 to 4: back to the desk, an honest word, or level 1."""

import datetime as dt

import pytest

from routing import events
from routing.call import CallOutcome, Preamble, Stage
from routing.contracts.plans import OfficeTime
from routing.incident import ClockState, EscalationPhase, IncidentState, ReopenReason
from routing.line import Engineer, Step
from routing.message import Via
from routing.page import LegState
from tests.routing.floor import ENGINEERS, JORIS, NOW, PIETER, PIN, SANNE, prompts
from tests.routing.test_joined_incidents import ANNA, joins, the_bakerys_two
from tests.words import words_of

MILAN = "+31612345603"
EVERYBODY = (*ENGINEERS, Engineer("milan", "Milan Smit", (MILAN,)))
BOB = "+31612345682"
AFTER_HOURS = NOW + dt.timedelta(hours=9)


@pytest.fixture
def floor():
    return at_the_desk()


def at_the_desk():
    """Joris and Milan are at the desk in office hours; two contacts of the bakery may call."""
    floor = the_bakerys_two()
    floor.apply(engineers=EVERYBODY, desk=Step(("joris", "milan"), dt.timedelta(seconds=20)))
    return floor


def reports(floor, level="3", shown=PIETER):
    """A customer reports something of this level, and waits for the desk if it is open."""
    call = floor.dial(shown)
    floor.pin(call, PIN)
    floor.something_new(call)
    floor.press(call, level)
    floor.work()
    return call


def had(floor, call, who="joris"):
    """The caller has gone, and somebody took it by text."""
    floor.hang_up(call)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, who, Via.TEXT))
    floor.work()
    return floor.incident(call)


def letters(floor):
    return [letter.reader for letter in floor.book.rows.messages.values()]


# In office hours


def test_who_calls_again_waits_in_the_row_and_the_desk_hears_so(floor):
    first = reports(floor)
    floor.hang_up(first)
    call = joins(floor)
    incident = floor.incident(first)
    assert (incident.call, incident.escalation.phase) == (call, EscalationPhase.ROW)
    assert (floor.call(call).stage, floor.call(call).urgency) == (Stage.WAITING, 3)
    assert prompts(floor.script(call)) == ["in_row"]
    assert floor.ringing() == sorted([JORIS, MILAN])
    floor.answer(JORIS)
    assert words_of("whisper_called_again") in floor.xml(floor.whisper(JORIS))
    floor.key(JORIS, floor.leg(JORIS).take_key)
    floor.meet(JORIS)
    assert floor.call(call).stage is Stage.BRIDGED


def test_who_was_to_be_called_back_and_calls_has_the_old_place_and_is_not_called(floor):
    floor.apply(desk=Step(("joris",), dt.timedelta(seconds=20)))
    busy = reports(floor, "2", BOB)
    floor.talk(busy, JORIS)
    first = reports(floor)
    place = floor.incident(first).queued_at
    floor.wait_key(first, "8")
    floor.hang_up(first)
    assert floor.call(first).outcome is CallOutcome.CALLBACK
    floor.advance(60)
    call = joins(floor)
    assert (floor.incident(call).queued_at, floor.incident(call).call) == (place, call)
    floor.hang_up(busy)
    floor.part(JORIS, bridged=True)
    floor.drop(JORIS)
    floor.key(JORIS, "1")
    assert floor.take(JORIS).state is LegState.CONNECTING
    floor.meet(JORIS)
    assert floor.call(call).stage is Stage.BRIDGED


def test_whoever_has_it_and_is_at_the_desk_is_rung_first(floor):
    had(floor, reports(floor))
    call = joins(floor)
    assert floor.ringing() == [JORIS]
    assert letters(floor) == []
    floor.talk(call, JORIS)
    assert floor.incident(call).acknowledged_by == "joris"


def test_the_others_are_rung_once_the_first_has_not_picked_up(floor):
    had(floor, reports(floor))
    joins(floor)
    before = floor.rings(MILAN)
    floor.advance(15)
    assert floor.rings(MILAN) == before
    floor.advance(10)
    floor.drop(JORIS, events.Heard.NO_ANSWER)
    floor.advance(31)
    assert floor.rings(MILAN) == before + 1


def test_while_whoever_has_it_is_rung_nobody_else_is(floor):
    incident = had(floor, reports(floor))
    joins(floor)
    assert floor.ringing() == [JORIS]
    floor.desk.happen(events.DeskTurn(incident.key, ("milan",)))
    floor.work()
    assert floor.ringing() == [JORIS]


def test_whoever_had_it_is_told_when_it_becomes_level_1_at_night(floor):
    had(floor, reports(floor))
    floor.now = AFTER_HOURS
    call = joins(floor)
    before = letters(floor).count("joris")
    for key in "31":
        floor.press(call, key)
    floor.work()
    assert floor.incident(call).urgency == 1
    assert letters(floor).count("joris") == before + 1


def test_who_passes_it_on_leaves_it_to_the_others(floor):
    had(floor, reports(floor))
    joins(floor)
    floor.pass_on(JORIS)
    floor.advance(31)
    assert floor.ringing() == [MILAN]


def test_whoever_has_it_and_is_not_at_the_desk_is_told_and_the_desk_serves(floor):
    had(floor, reports(floor), "sanne")
    joins(floor)
    assert floor.ringing() == sorted([JORIS, MILAN])
    assert letters(floor) == ["sanne"]


def test_who_hangs_up_before_anybody_took_it_leaves_it_to_whoever_has_it(floor):
    had(floor, reports(floor))
    call = joins(floor)
    floor.hang_up(call)
    incident = floor.incident(call)
    assert (incident.state, incident.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "joris")
    assert (incident.escalation.phase, incident.queued_at) == (EscalationPhase.OVER, None)
    assert floor.call(call).outcome is CallOutcome.ABANDONED


def test_a_call_back_is_kept_although_somebody_has_the_incident(floor):
    had(floor, reports(floor), "sanne")
    call = joins(floor)
    floor.wait_key(call, "8")
    floor.hang_up(call)
    incident = floor.incident(call)
    assert (incident.escalation.phase, incident.queued_at) == (EscalationPhase.ROW, floor.now)
    assert floor.take(JORIS).state is LegState.CALLING


def test_whoever_is_on_the_line_about_it_is_sent_to_the_customer_who_is_back(floor):
    first = reports(floor)
    floor.hang_up(first)
    first = joins(floor)
    floor.take(JORIS)
    floor.hang_up(first)
    assert floor.part(JORIS, bridged=False).state is LegState.OFFERED
    call = joins(floor)
    assert floor.leg(JORIS).state is LegState.CONNECTING
    assert floor.incident(call).call == call
    floor.meet(JORIS)
    assert floor.call(call).stage is Stage.BRIDGED


def test_what_was_responded_to_is_open_and_waits_for_the_desk(floor):
    incident = had(floor, reports(floor))
    floor.desk.happen(events.Responded(incident.key, "joris", Via.COMMAND))
    call = joins(floor)
    incident = floor.incident(call)
    assert (incident.state, incident.reopen_reason) == (
        IncidentState.OPEN,
        ReopenReason.CALLED_AGAIN,
    )
    assert (incident.escalation.phase, floor.ringing()) == (EscalationPhase.ROW, [JORIS])


# Outside office hours


def closed(floor, call):
    floor.now = AFTER_HOURS
    floor.work()
    return joins(floor)


def test_outside_office_hours_the_honest_word_and_a_message_to_the_incident(floor):
    first = reports(floor)
    floor.hang_up(first)
    call = closed(floor, first)
    assert floor.call(call).stage is Stage.LATER
    assert prompts(floor.script(call)) == ["again_at", "later_keys"]
    floor.press(call, None)
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, "http://spoken"))
    floor.hang_up(call)
    incident = floor.incident(first)
    assert floor.book.rows.recordings[incident.message].url == "http://spoken"
    assert floor.call(call).outcome is CallOutcome.MESSAGE
    assert (incident.escalation.phase, incident.state) == (
        EscalationPhase.LATER,
        IncidentState.OPEN,
    )


def test_a_promised_call_back_is_kept_when_the_customer_calls_after_hours(floor):
    reports(floor, "2", BOB), reports(floor, "2", "+31612345680")
    floor.take(JORIS)
    floor.take(MILAN)
    first = reports(floor)
    place = floor.incident(first).queued_at
    floor.wait_key(first, "8")
    floor.hang_up(first)
    call = closed(floor, first)
    assert floor.call(call).stage is Stage.LATER
    floor.hang_up(call)
    incident = floor.incident(first)
    assert (incident.escalation.phase, incident.queued_at, incident.call) == (
        EscalationPhase.ROW,
        place,
        first,
    )


def test_whoever_has_it_is_told_after_hours_too(floor):
    had(floor, reports(floor))
    closed(floor, None)
    assert letters(floor) == ["joris"]


@pytest.mark.parametrize(
    "state", [IncidentState.OPEN, IncidentState.ACKNOWLEDGED, IncidentState.RESPONDED]
)
def test_one_makes_it_level_1_with_its_number_and_the_clock_starts_anew(floor, state):
    floor.apply(respond_within=((1, OfficeTime(dt.timedelta(hours=4), office=True)),))
    first = reports(floor)
    number = floor.incident(first).number
    if state is IncidentState.OPEN:
        floor.hang_up(first)
    else:
        had(floor, first)
    if state is IncidentState.RESPONDED:
        floor.desk.happen(events.Responded(floor.incident(first).key, "joris", Via.COMMAND))
    call = closed(floor, first)
    floor.press(call, "3")
    floor.press(call, "1")
    floor.work()
    incident = floor.incident(call)
    assert (incident.number, incident.urgency, incident.state) == (number, 1, IncidentState.OPEN)
    assert (incident.call, floor.call(call).stage) == (call, Stage.MATTER)
    assert (incident.raised_at, incident.clock.since) == (AFTER_HOURS, AFTER_HOURS)
    assert incident.clock.state is ClockState.RUNNING
    assert incident.responded_at is None
    assert floor.ringing() == [SANNE]
    floor.talk(call)
    assert floor.incident(call).counted is not None


def test_raised_in_office_hours_whoever_has_it_is_rung_first(floor):
    had(floor, reports(floor))
    call = joins(floor)
    floor.drop(JORIS, events.Heard.NO_ANSWER)
    floor.wait_key(call, "3")
    floor.press(call, "1")
    floor.work()
    assert floor.ringing() == [JORIS]
    floor.advance(46)
    assert SANNE in floor.ringing()


# The file names no desk


def test_without_a_desk_in_the_file_it_is_written_down_as_before(floor):
    floor.apply(desk=None)
    floor.hang_up(reports(floor))
    call = joins(floor)
    assert floor.call(call).remark is Preamble.CALLED_AGAIN
    assert floor.call(call).fate is CallOutcome.REGISTERED


def test_without_a_desk_what_was_responded_to_is_open_as_it_was_when_new(floor):
    floor.apply(desk=None)
    first = reports(floor)
    floor.hang_up(first)
    floor.desk.happen(events.Responded(floor.incident(first).key, "joris", Via.TEXT))
    assert floor.incident(first).escalation.phase is EscalationPhase.OVER
    incident = floor.incident(joins(floor))
    assert (incident.state, incident.escalation.phase) == (
        IncidentState.OPEN,
        EscalationPhase.QUIET,
    )


# Waiting for the customer


@pytest.mark.parametrize("level", ["1", "3"])
def test_calling_about_it_is_the_reply_that_was_waited_for(floor, level):
    hours = OfficeTime(dt.timedelta(hours=4), office=True)
    floor.apply(respond_within=((1, hours), (3, hours)))
    first = floor.critical() if level == "1" else reports(floor, level)
    incident = had(floor, first, "sanne")
    floor.desk.happen(
        events.WaitsForCustomer(incident.key, "sanne", Via.CONSOLE, "logs", note_id="m1")
    )
    assert floor.incident(first).clock.state is ClockState.PAUSED
    floor.advance(600)
    call = joins(floor)
    incident = floor.incident(call)
    assert (incident.waiting_since, incident.clock.state) == (None, ClockState.RUNNING)
    assert floor.notes().count("customer_replied") == 1
    assert incident.respond_by == NOW + dt.timedelta(hours=4, minutes=10)


# Two contacts at once


def beside(floor):
    """The first waits in the row; a colleague says that business has stopped by now."""
    busy = [reports(floor, "2", BOB), reports(floor, "2", "+31612345680")]
    floor.take(JORIS)
    floor.take(MILAN)
    first = reports(floor)
    anna = joins(floor, ANNA)
    assert prompts(floor.script(anna)) == ["colleague_waits", "engaged_menu", "engaged_raise"]
    floor.press(anna, "3")
    assert (floor.call(anna).stage, len(busy)) == (Stage.CONFIRM, 2)
    return first, anna


@pytest.mark.parametrize("hangs_up", [False, True])
def test_a_colleague_raises_it_and_the_first_is_served_as_level_1(floor, hangs_up):
    first, anna = beside(floor)
    if hangs_up:
        floor.hang_up(anna)
    else:
        floor.press(anna, "1")
        assert prompts(floor.script(anna)) == ["ask_message_raised"]
    floor.work()
    incident = floor.incident(first)
    assert (incident.urgency, incident.call, incident.escalation.phase) == (
        1,
        first,
        EscalationPhase.STEPS,
    )
    assert incident.raised_at == floor.now
    assert floor.ringing() == [SANNE]
    floor.talk(first)
    assert floor.call(first).stage is Stage.BRIDGED


def test_a_colleague_who_does_not_confirm_leaves_a_message_and_the_level_stays(floor):
    first, anna = beside(floor)
    floor.press(anna, "2")
    assert floor.call(anna).stage is Stage.MESSAGE
    assert (floor.incident(first).urgency, floor.incident(first).call) == (3, first)
    assert floor.call(first).stage is Stage.WAITING


def test_of_level_1_there_is_nothing_to_raise(floor):
    floor.critical()
    anna = joins(floor, ANNA)
    assert prompts(floor.script(anna)) == ["colleague_waits", "engaged_menu"]
    floor.press(anna, "3")
    assert floor.call(anna).remark is Preamble.NO_SUCH_KEY


def test_the_first_has_gone_by_the_time_it_is_confirmed(floor):
    first, anna = beside(floor)
    floor.hang_up(first)
    floor.press(anna, "1")
    floor.work()
    assert floor.incident(first).call == anna
    assert (floor.call(anna).stage, floor.ringing()) == (Stage.MATTER, [SANNE])


def test_who_stays_on_after_a_colleague_raised_it_waits_for_those_who_are_rung(floor):
    """Joris has left the conversation, and the office is closed by now. That the first stays on
    must not end the step in which sanne is rung."""
    first = reports(floor)
    floor.talk(first, JORIS)
    floor.part(JORIS, bridged=True)
    floor.left(first)
    floor.drop(JORIS)
    assert floor.call(first).stage is Stage.RETURNING
    floor.apply(office_hours=())
    anna = joins(floor, ANNA)
    floor.press(anna, "3")
    floor.press(anna, "1")
    floor.work()
    before = floor.incident(first).escalation
    assert (before.phase, floor.ringing()) == (EscalationPhase.STEPS, [SANNE])
    floor.stay(first)
    after = floor.incident(first).escalation
    assert (after.mark, after.step, floor.ringing()) == (before.mark, before.step, [SANNE, JORIS])
    assert floor.call(first).stage is Stage.WAITING


def test_who_has_talked_and_then_raises_it_has_still_met_somebody(floor):
    call = reports(floor)
    floor.talk(call, JORIS)
    floor.part(JORIS, bridged=True)
    floor.left(call)
    floor.drop(JORIS)
    floor.stay(call)
    floor.wait_key(call, "3")
    floor.press(call, "1")
    assert (floor.call(call).urgency, floor.call(call).fate) == (1, CallOutcome.CONNECTED)


def test_who_is_still_on_the_line_is_joined_by_the_key_that_calls_back(floor):
    """The carrier has not said yet that the customer left the conversation and is there."""
    call = reports(floor)
    floor.talk(call, JORIS)
    floor.part(JORIS, bridged=True)
    queued = floor.call(call).queued
    floor.key(JORIS, "8")
    floor.left(call, turn=queued)
    assert (floor.leg(JORIS).state, floor.ringing()) == (LegState.CONNECTING, [])
    assert floor.call(call).stage is Stage.WAITING
