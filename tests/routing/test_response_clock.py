"""The response clock: what is promised, who is told at which share of it, and what pauses it."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.contracts.plans import OfficeTime
from routing.decision import Case
from routing.draft import DecisionDraft
from routing.incident import ClockState, IncidentState
from routing.incidents import response_clock
from routing.jobs import CheckResponseTime
from routing.line import DutyManager
from routing.message import CONTACT, Via
from routing.notify.customer import CustomerNews
from tests.routing.floor import NOW, SANNE, Floor

MANAGER = "+31612340000"
HOUR = dt.timedelta(hours=1)


def at(text):
    """A moment of Amsterdam's winter."""
    return dt.datetime.fromisoformat(text + "+01:00").astimezone(dt.UTC)


def managed():
    """The floor with somebody who is told."""
    return Floor(duty_manager=DutyManager(phone=MANAGER, language="nl"))


@pytest.fixture
def floor():
    return managed()


def left_alone(floor):
    """Pieter reports a level 1 and hangs up; Sanne has it and the customer is reached."""
    call = floor.critical()
    floor.talk(call)
    floor.hang_up(call)
    floor.drop(SANNE)
    return call


def letters(floor):
    """Who was told what by letter, in order."""
    kept = sorted(floor.book.rows.messages.values(), key=lambda letter: letter.at)
    return [(letter.reader, letter.words) for letter in kept]


def shares(floor):
    """Each share that was told of, and when."""
    told = [
        (when, note.reason) for when, _, note in floor.book.rows.journal if note.event == "clock"
    ]
    return [(int(reason.split()[0]), when) for when, reason in told]


def happen(floor, call, kind, *more, by="sanne"):
    floor.desk.happen(kind(floor.incident(call).key, by, Via.COMMAND, *more))
    floor.work()
    return floor.incident(call)


def waits(floor, call, what="the log files", memo="m1"):
    return happen(floor, call, events.WaitsForCustomer, what, memo)


def test_the_promise_counts_from_the_beginning_of_the_call(floor):
    call = floor.dial()
    floor.now += dt.timedelta(minutes=3)
    floor.pin(call, "4829130057")
    floor.press(call, "1")
    floor.press(call, "1")
    incident = floor.incident(call)
    assert incident.opened_at == NOW + dt.timedelta(minutes=3)
    assert incident.respond_by == incident.clock.unpaused == NOW + 4 * HOUR


def test_nothing_is_promised_where_the_file_says_nothing(floor):
    call = floor.dial()
    floor.pin(call, "4829130057")
    floor.press(call, "2")
    incident = floor.incident(call)
    assert (incident.respond_by, incident.clock.state) == (None, ClockState.NONE)
    assert not [e for e in floor.pending().values() if isinstance(e.command, CheckResponseTime)]


def test_a_level_gets_the_target_that_the_file_sets_for_it(floor):
    floor.apply(respond_within=((2, OfficeTime(8 * HOUR)),))
    call = floor.dial()
    floor.pin(call, "4829130057")
    floor.press(call, "2")
    assert floor.incident(call).respond_by == NOW + 8 * HOUR


def test_half_and_four_fifths_are_told_and_then_the_breach_each_once(floor):
    call = left_alone(floor)
    floor.advance(3 * 24 * 3600)
    assert shares(floor) == [
        (50, NOW + 2 * HOUR),
        (80, NOW + dt.timedelta(hours=3, minutes=12)),
        (100, NOW + 4 * HOUR),
    ]
    due, broken = "response_due", "response_broken"
    assert letters(floor) == [
        ("sanne", due),
        ("duty_manager", due + "_had"),
        ("sanne", due),
        ("duty_manager", due + "_had"),
        ("sanne", broken),
        ("duty_manager", broken + "_had"),
    ]
    assert floor.incident(call).breached_at == NOW + 4 * HOUR


def test_the_shares_are_shares_of_office_time(floor):
    floor.now = at("2026-03-03T16:00")  # a Tuesday; the office is open on Monday and Tuesday
    left_alone(floor)
    floor.advance(8 * 24 * 3600)
    assert shares(floor) == [
        (50, at("2026-03-03T18:00")),
        (80, at("2026-03-09T10:12")),
        (100, at("2026-03-09T11:00")),
    ]


def test_when_nobody_has_it_the_duty_manager_alone_is_told(floor):
    call = floor.critical()
    floor.hang_up(call)
    floor.advance(2 * 3600)
    assert letters(floor) == [("duty_manager", "response_due_nobody")]


def test_with_nobody_to_tell_the_journal_says_so():
    floor = Floor()  # no duty manager, and the last resort's number takes no texts
    floor.hang_up(floor.critical())
    floor.advance(2 * 3600)
    assert letters(floor) == []
    (told,) = [note.reason for _, _, note in floor.book.rows.journal if note.event == "clock"]
    assert told.endswith("notified: nobody: the duty manager cannot be reached")


def test_only_a_recorded_response_stops_the_clock(floor):
    call = left_alone(floor)
    floor.advance(3600)
    incident = happen(floor, call, events.Responded)
    assert (incident.state, incident.clock.state) == (IncidentState.RESPONDED, ClockState.STOPPED)
    assert (incident.responded_by, incident.responded_at) == ("sanne", NOW + HOUR)
    floor.advance(24 * 3600)
    assert letters(floor) == []
    assert floor.incident(call).breached_at is None


@pytest.mark.parametrize(("late", "breached"), [(0, False), (1, True)])
def test_a_response_that_comes_late_is_a_breach_even_before_anybody_looked(floor, late, breached):
    call = left_alone(floor)
    due = floor.incident(call).respond_by
    floor.now = due + dt.timedelta(seconds=late)
    incident = happen(floor, call, events.Responded)
    assert incident.breached_at == (due if breached else None)
    floor.advance(3600)
    assert letters(floor) == []


def test_strokes_that_come_late_tell_of_the_last_one_alone(floor):
    left_alone(floor)
    floor.now = NOW + dt.timedelta(hours=3, minutes=30)
    floor.work()
    assert [share for share, _ in shares(floor)] == [80]
    floor.advance(3600)
    assert [share for share, _ in shares(floor)] == [80, 100]


def test_a_stroke_that_comes_twice_or_early_tells_once(floor):
    call = left_alone(floor)
    incident = floor.incident(call)
    early = events.ClockStruck(incident.key, incident.clock.mark, 50)
    floor.desk.happen(early)
    assert shares(floor) == []
    strokes = [
        e.command.share
        for e in floor.pending().values()
        if isinstance(e.command, CheckResponseTime)
    ]
    assert sorted(strokes) == [50, 50]
    floor.advance(2 * 3600)
    floor.desk.happen(early)
    floor.advance(60)
    assert [share for share, _ in shares(floor)] == [50]
    (following,) = [
        e.command for e in floor.pending().values() if isinstance(e.command, CheckResponseTime)
    ]
    assert following.share == 80


def test_waiting_for_the_customer_pauses_the_clock_and_a_reply_resumes_it(floor):
    call = left_alone(floor)
    floor.advance(3600)
    incident = waits(floor, call)
    assert (incident.clock.state, incident.clock.left) == (ClockState.PAUSED, 3 * HOUR)
    assert (incident.waiting_by, incident.waiting_for) == ("sanne", "the log files")
    assert incident.waiting_since == NOW + HOUR
    floor.advance(24 * 3600)  # Tuesday 12:00: not a word meanwhile, but the question
    assert letters(floor) == [(CONTACT, CustomerNews.ASKED)]
    incident = happen(floor, call, events.CustomerReplied)
    assert incident.clock.state is ClockState.RUNNING
    assert incident.respond_by == NOW + 28 * HOUR
    assert incident.clock.unpaused == NOW + 4 * HOUR
    assert (incident.waiting_since, incident.waiting_for, incident.waiting_by) == (None, None, None)
    floor.advance(3 * 24 * 3600)
    assert [when - NOW for _, when in shares(floor)] == [
        26 * HOUR,
        dt.timedelta(hours=27, minutes=12),
        28 * HOUR,
    ]


def test_only_office_time_is_used_up_before_a_pause(floor):
    floor.now = at("2026-03-03T17:00")
    call = left_alone(floor)
    floor.now = at("2026-03-05T03:00")
    assert waits(floor, call).clock.left == 3 * HOUR
    floor.now = at("2026-03-07T12:00")
    assert happen(floor, call, events.CustomerReplied).respond_by == at("2026-03-09T12:00")


def test_what_was_told_before_a_pause_is_not_told_again(floor):
    call = left_alone(floor)
    floor.advance(3 * 3600)
    waits(floor, call)
    floor.advance(3600)
    happen(floor, call, events.CustomerReplied)
    floor.advance(5 * 3600)
    assert [share for share, _ in shares(floor)] == [50, 80, 100]


def test_what_is_late_is_told_before_a_pause(floor):
    call = left_alone(floor)
    floor.now += 2 * HOUR
    waits(floor, call)
    assert [share for share, _ in shares(floor)] == [50]


def test_each_pause_leaves_less_of_the_promise(floor):
    call = left_alone(floor)
    floor.advance(3600)
    waits(floor, call)
    happen(floor, call, events.CustomerReplied)
    floor.advance(3600)
    assert waits(floor, call, "more", "m2").clock.left == 2 * HOUR


def test_a_broken_promise_is_not_mended_by_a_pause(floor):
    call = left_alone(floor)
    floor.advance(5 * 3600)
    waits(floor, call)
    incident = happen(floor, call, events.CustomerReplied)
    assert incident.respond_by == incident.breached_at == NOW + 4 * HOUR
    floor.advance(24 * 3600)
    assert [share for share, _ in shares(floor)] == [50, 80, 100]


def test_a_level_without_a_promise_takes_an_older_promise_back(floor):
    call = left_alone(floor)
    before = floor.incident(call)
    draft = DecisionDraft(
        floor.desk.facts(floor.line), floor.call(call), replace(before, urgency=4)
    )
    after = response_clock.start(draft, floor.now).the_incident
    assert (after.respond_by, after.clock.state) == (None, ClockState.NONE)


def test_winding_anew_for_a_raised_level_voids_the_older_promise(floor):
    floor.apply(respond_within=((1, OfficeTime(HOUR)), (2, OfficeTime(2 * HOUR))))
    call = floor.dial()
    floor.pin(call, "4829130057")
    floor.press(call, "2")
    floor.hang_up(call)
    floor.advance(1800)
    before = floor.incident(call)
    draft = DecisionDraft(
        floor.desk.facts(floor.line), floor.call(call), replace(before, urgency=1)
    )
    raised = response_clock.start(draft, floor.now).decision
    floor.book.save(Case(floor.call(call), before), raised, floor.now)
    assert floor.incident(call).respond_by == floor.now + HOUR
    errands = len(floor.pending())
    floor.desk.happen(events.ClockStruck(before.key, before.clock.mark, 50))
    assert len(floor.pending()) == errands
    floor.advance(24 * 3600)
    assert [when - NOW for _, when in shares(floor)] == [
        dt.timedelta(minutes=60),
        dt.timedelta(minutes=78),
        dt.timedelta(minutes=90),
    ]


def test_two_incidents_keep_a_clock_each(floor):
    first = left_alone(floor)
    floor.advance(3600)
    second = floor.critical("anonymous")
    floor.hang_up(second)
    happen(floor, first, events.Responded)
    floor.advance(4 * 3600)
    assert floor.incident(first).breached_at is None
    assert floor.incident(second).breached_at == NOW + 5 * HOUR
