"""The course of an incident: who may say what became of it when, and what ends with it."""

import datetime as dt

import pytest

from routing import events
from routing.call import Stage
from routing.incident import ClockState, EscalationPhase, IncidentState
from routing.message import Via
from routing.page import LegState, TalkOutcome
from routing.recording import Purpose
from tests.routing.floor import JORIS, NOW, SANNE, Floor, prompts

MINUTE = dt.timedelta(minutes=1)


def reported(floor):
    """Pieter reported a level 1 and hung up; Sanne is being rung."""
    call = floor.critical()
    floor.hang_up(call)
    return call


@pytest.fixture
def call(floor):
    return reported(floor)


def happen(floor, call, kind, *more, by="sanne", how=Via.COMMAND):
    floor.desk.happen(kind(floor.incident(call).key, by, how, *more))
    floor.work()
    return floor.incident(call)


def reasons(floor, event):
    return [note.reason for _, _, note in floor.book.rows.journal if note.event == event]


def test_a_response_ends_the_hunt_and_whoever_responds_has_it(floor, call):
    floor.now += MINUTE
    incident = happen(floor, call, events.Responded, "called from the car", by="joris")
    assert (incident.state, incident.escalation.phase) == (
        IncidentState.RESPONDED,
        EscalationPhase.OVER,
    )
    assert (incident.acknowledged_by, incident.responded_by) == ("joris", "joris")
    assert incident.responded_at == NOW + MINUTE
    assert floor.ringing() == []
    assert reasons(floor, "responded") == ["joris by command line: called from the car"]
    floor.advance(3600)
    assert (floor.rings(SANNE), floor.rings(JORIS)) == (1, 0)


def test_somebody_else_may_record_the_response_of_whoever_has_it(floor, call):
    floor.take(SANNE)
    incident = happen(floor, call, events.Responded, by="joris")
    assert (incident.acknowledged_by, incident.responded_by) == ("sanne", "joris")


def test_the_second_response_changes_nothing(floor, call):
    first = happen(floor, call, events.Responded)
    floor.now += MINUTE
    assert happen(floor, call, events.Responded, by="joris") == first


def test_nothing_is_closed_that_was_not_responded_to(floor, call):
    before = floor.incident(call)
    assert happen(floor, call, events.Closed) == before
    floor.take(SANNE)
    assert happen(floor, call, events.Closed).state is IncidentState.ACKNOWLEDGED
    happen(floor, call, events.Responded)
    incident = happen(floor, call, events.Closed, "all is well", by="duty_manager")
    assert (incident.state, incident.closed_by) == (IncidentState.CLOSED, "duty_manager")
    assert reasons(floor, "closed") == ["duty_manager by command line: all is well"]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (events.Responded, ()),
        (events.Closed, ()),
        (events.WaitsForCustomer, ("logs", "m")),
        (events.CustomerReplied, ()),
    ],
)
def test_a_closed_incident_stays_as_it_is(floor, call, kind, more):
    happen(floor, call, events.Responded)
    closed = happen(floor, call, events.Closed)
    assert happen(floor, call, kind, *more) == closed
    reassigned = events.Reassigned(closed.key, "joris", "sanne", Via.COMMAND)
    assert floor.desk.happen(reassigned).incident == closed


@pytest.mark.parametrize(
    ("kind", "more"),
    [(events.Responded, ()), (events.WaitsForCustomer, ("l", "m"))],
)
def test_no_word_ends_the_hunt_for_a_caller_who_waits(floor, kind, more):
    call = floor.critical()
    before = floor.incident(call)
    assert happen(floor, call, kind, *more, by="joris") == before
    assert floor.ringing() == [SANNE]


def test_a_caller_who_stayed_on_after_the_talk_is_asked_whether_this_was_all(floor):
    call = floor.critical()
    floor.talk(call)
    floor.left(call)
    floor.part(SANNE, bridged=True)
    floor.stay(call)
    happen(floor, call, events.Responded, how=Via.TEXT)
    assert floor.call(call).stage is Stage.RETURNING


def test_a_phone_that_rings_for_what_is_responded_to_takes_nothing(floor, call):
    leg = floor.answer(SANNE)
    happen(floor, call, events.Responded)
    floor.key(SANNE, leg.take_key)
    assert floor.incident(call).state is IncidentState.RESPONDED
    assert prompts(floor.whisper(SANNE))[0] == "taken_by"


def test_the_closing_menu_records_the_response_with_its_leg(floor):
    call = floor.critical()
    floor.talk(call)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    floor.key(SANNE, "1")
    incident = floor.incident(call)
    assert (incident.responded_by, incident.clock.state) == ("sanne", ClockState.STOPPED)
    assert reasons(floor, "responded") == ["sanne by key: at the closing menu"]


def test_at_the_closing_menu_a_response_recorded_before_is_kept(floor):
    call = floor.critical()
    floor.talk(call)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    before = happen(floor, call, events.Responded, by="joris")
    floor.now += MINUTE
    leg = floor.key(SANNE, "1")
    assert leg.state is LegState.ENDED
    assert floor.incident(call).responded_at == before.responded_at


def test_waiting_for_the_customer_takes_what_nobody_has(floor, call):
    incident = happen(floor, call, events.WaitsForCustomer, "the log files", "m1", by="joris")
    assert (incident.state, incident.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "joris")
    assert (incident.waiting_for, incident.reached) == ("the log files", True)
    (asked,) = floor.book.correspondence.find_messages(incident.key)
    assert (asked.by, asked.door, asked.words) == ("joris", Via.COMMAND, "the log files")
    assert "log files" not in " ".join(reasons(floor, "waits_for_customer"))
    floor.advance(3600)
    assert floor.rings(SANNE) == 1


def test_more_may_be_asked_for_and_the_same_twice_changes_nothing(floor, call):
    first = happen(floor, call, events.WaitsForCustomer, "the log files", "m1")
    assert happen(floor, call, events.WaitsForCustomer, "the log files", "m1") == first
    floor.now += MINUTE
    more = happen(floor, call, events.WaitsForCustomer, "a sample", "m2")
    assert (more.waiting_since, more.waiting_for) == (first.waiting_since, "a sample")


def test_a_response_ends_the_waiting_for_the_customer(floor, call):
    happen(floor, call, events.WaitsForCustomer, "the log files", "m1")
    incident = happen(floor, call, events.Responded)
    assert (incident.waiting_since, incident.clock.state) == (None, ClockState.STOPPED)
    assert happen(floor, call, events.CustomerReplied) == incident


def test_a_reassigned_incident_changes_hands_and_the_new_one_is_told(floor, call):
    floor.take(SANNE)
    key = floor.incident(call).key
    floor.desk.happen(events.Reassigned(key, "joris", "duty_manager", Via.COMMAND, "Sanne is ill"))
    assert floor.incident(call).acknowledged_by == "joris"
    (letter,) = floor.book.rows.messages.values()
    assert (letter.reader, letter.words) == ("joris", "reassigned_code")
    assert reasons(floor, "reassigned") == [
        "to joris, duty_manager by command line: Sanne is ill",
    ]


def test_reassigning_never_ends_the_hunt_for_a_caller_who_waits(floor):
    call = floor.critical()
    key = floor.incident(call).key
    floor.desk.happen(events.Reassigned(key, "joris", "sanne", Via.COMMAND))
    floor.work()
    assert floor.ringing() == [SANNE, JORIS]


def test_a_note_is_kept_once_and_changes_nothing_else(floor, call):
    before = floor.incident(call)
    note = events.Noted(before.key, "joris", Via.TEXT, "customer prefers mail", "SM1")
    floor.desk.happen(note)
    floor.desk.happen(note)
    (memo,) = floor.book.notes.find_all(before.key)
    assert (memo.words, memo.at) == ("customer prefers mail", NOW)
    assert floor.incident(call) == before
    assert reasons(floor, "noted") == ["joris by text"]


def at_the_menu(floor):
    call = floor.critical()
    floor.talk(call)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    return call


def spoken_notes(floor):
    return list(floor.book.rows.recordings.values())


def test_four_at_the_closing_menu_records_a_note_and_comes_back_to_the_menu(floor):
    call = at_the_menu(floor)
    leg = floor.key(SANNE, "7")
    assert prompts(floor.whisper(SANNE)) == ["ask_note"]
    floor.desk.happen(events.NoteSpoken(leg.id, leg.turn - 1, "http://older"))
    spoken = events.NoteSpoken(leg.id, leg.turn, "http://recording")
    floor.desk.happen(spoken)
    floor.desk.happen(spoken)
    assert [(r.by, r.purpose, r.url) for r in spoken_notes(floor)] == [
        ("sanne", Purpose.NOTE, "http://recording")
    ]
    assert (floor.leg(SANNE).state, floor.leg(SANNE).became) == (
        LegState.CLOSING,
        TalkOutcome.TALKED,
    )
    floor.key(SANNE, "1")
    assert floor.incident(call).state is IncidentState.RESPONDED


def test_silence_after_the_tone_is_no_note(floor):
    at_the_menu(floor)
    leg = floor.key(SANNE, "7")
    floor.desk.happen(events.NoteSpoken(leg.id, leg.turn, None))
    assert floor.leg(SANNE).state is LegState.CLOSING
    assert spoken_notes(floor) == []


def test_a_note_that_ends_with_hanging_up_is_kept(floor):
    at_the_menu(floor)
    leg = floor.key(SANNE, "7")
    floor.drop(SANNE)
    floor.desk.happen(events.NoteSpoken(leg.id, leg.turn, "http://recording"))
    floor.desk.happen(events.NoteSpoken(leg.id, leg.turn, "http://recording"))
    assert len(spoken_notes(floor)) == 1
    assert floor.leg(SANNE).state is LegState.ENDED


def test_a_caller_who_stays_on_is_let_go_although_the_response_came_before_the_key(floor):
    call = floor.critical()
    floor.talk(call)
    floor.left(call)
    floor.part(SANNE, bridged=True)
    happen(floor, call, events.Responded, how=Via.TEXT)
    floor.stay(call)
    assert floor.call(call).stage is Stage.WAITING
    floor.key(SANNE, "1")
    assert floor.call(call).stage is Stage.RETURNING


def test_who_is_sought_again_after_a_response_has_not_responded():
    floor = Floor()
    call = floor.critical()
    floor.talk(call)
    floor.left(call)
    floor.part(SANNE, bridged=True)
    happen(floor, call, events.Responded)
    floor.stay(call)
    floor.drop(SANNE)
    incident = floor.incident(call)
    assert (incident.state, incident.responded_at) == (IncidentState.OPEN, None)
    assert incident.clock.state is ClockState.STOPPED
