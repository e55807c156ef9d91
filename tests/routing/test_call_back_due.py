"""A call back of levels 2 to 4 that was taken and not made: whoever has it is reminded."""

from __future__ import annotations

import datetime as dt

from routing import events
from routing.line import DutyManager, Hours
from routing.message import Via
from tests.routing.floor import JORIS
from tests.routing.test_desk_queue import called_back, reports, staffed


def letters_of(floor):
    return [(one.reader, one.words) for one in floor.book.rows.messages.values()]


REMINDED, MANAGER = ("joris", "call_back_due"), ("duty_manager", "call_back_due_had")


def managed(**changes):
    """The desk of Joris alone, and a duty manager who is told what is not done."""
    return staffed("joris", duty_manager=DutyManager(phone="+31612345604"), **changes)


def taken_and_not_made():
    desk = managed()
    call = called_back(desk)
    desk.take(JORIS)
    desk.drop(JORIS)
    return desk, call


def test_whoever_took_a_callback_and_did_not_make_it_is_reminded_twice_and_no_more():
    desk, call = taken_and_not_made()
    within = desk.line.paging.reach_within.total_seconds()
    desk.advance(within - 5)
    assert letters_of(desk) == []
    desk.advance(10)
    assert letters_of(desk) == [REMINDED]
    desk.advance(within)
    assert letters_of(desk) == [REMINDED, REMINDED, MANAGER]
    desk.advance(4 * within)
    assert letters_of(desk) == [REMINDED, REMINDED, MANAGER]
    assert desk.incident(call).acknowledged_by == "joris"


def test_nobody_is_reminded_once_it_is_said_to_be_done():
    desk, call = taken_and_not_made()
    desk.desk.happen(events.Responded(desk.incident(call).key, "joris", Via.TEXT))
    desk.advance(3600)
    assert letters_of(desk) == []


def test_whoever_takes_a_callback_by_text_is_reminded_too():
    desk = managed()
    call = called_back(desk)
    desk.desk.happen(events.AcknowledgedWithoutKey(desk.incident(call).key, "joris"))
    desk.advance(16 * 60)
    assert letters_of(desk) == [REMINDED]


def test_so_is_one_who_took_it_while_the_customer_heard_of_the_callback():
    desk = managed()
    call = reports(desk)
    desk.wait_key(call, "8")
    desk.take(JORIS)
    desk.hang_up(call)
    desk.drop(JORIS)
    desk.advance(16 * 60)
    assert letters_of(desk) == [REMINDED]


def test_nobody_is_reminded_of_a_callback_outside_office_hours():
    desk, _ = taken_and_not_made()
    desk.apply(office_hours=(Hours(days=("tue",), start=dt.time(9), end=dt.time(18)),))
    desk.advance(16 * 60)
    assert letters_of(desk) == []
    desk.advance(24 * 3600)
    assert letters_of(desk)[0] == REMINDED


def test_nobody_is_reminded_while_they_are_on_the_line_about_it():
    desk = managed()
    called_back(desk)
    desk.take(JORIS)
    desk.advance(20 * 60)
    assert letters_of(desk) == []
    desk.drop(JORIS)
    desk.advance(61)
    assert letters_of(desk) == [REMINDED]
