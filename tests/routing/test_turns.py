"""Whoever is free goes to the first by level, then plan, then age, wherever somebody waits."""

from __future__ import annotations

import pytest

from routing import events
from routing.incident import Incident
from routing.line import Engineer, SignatureDesk
from tests.routing.floor import (
    JORIS,
    PIETER,
    PIN,
    SANNE,
    SANNES_DESK,
    STANDARD,
    STRANGER,
    Floor,
    stepping,
)

BOB = STANDARD.contacts[0].phones[0]
WAITING = {"msa_plus": PIETER, "standard": BOB, "unverified": STRANGER}


def only_joris() -> Floor:
    """Nobody else is rung."""
    return Floor(escalation=stepping(("joris",), seconds=60, repeat=3))


@pytest.fixture
def floor():
    return only_joris()


def engaged(floor: Floor) -> str:
    """Joris talks with somebody."""
    first = floor.critical("anonymous")
    floor.talk(first, JORIS)
    return first


def sought(floor: Floor, shown: str) -> Incident:
    """Somebody waits at level 1, a while later than those before."""
    incident = floor.incident(floor.critical(shown))
    floor.advance(1)
    return incident


def rung_for(floor: Floor, number: str = JORIS) -> str:
    """The incident for which this number rings now."""
    return floor.book.rows.pages[floor.leg(number).id][0].key


@pytest.mark.parametrize(
    "shown",
    [(BOB, PIETER), (STRANGER, BOB), (STRANGER, PIETER), (STRANGER, BOB, PIETER)],
)
def test_a_freed_engineer_goes_to_the_better_plan_before_the_older_call(floor, shown):
    engaged(floor)
    *_, newest = [sought(floor, number) for number in shown]
    floor.drop(JORIS)
    assert (floor.ringing(), rung_for(floor)) == ([JORIS], newest.key)


def test_of_one_plan_the_older_call_comes_first(floor):
    engaged(floor)
    older, _ = sought(floor, PIETER), sought(floor, "+31612345680")
    floor.drop(JORIS)
    assert rung_for(floor) == older.key


def test_an_engineer_gives_way_between_two_rings_of_the_same_hunt(floor):
    """The next pass of an older standard caller does not ring whom MSA Plus waits for."""
    standard = sought(floor, BOB)
    better = sought(floor, PIETER)
    assert rung_for(floor) == standard.key
    floor.advance(59)
    assert rung_for(floor) == better.key
    assert floor.book.rows.incidents[standard.key].escalation.missed == ("joris",)


def test_so_does_one_with_another_telephone_left():
    floor = Floor(escalation=stepping(("primary",), seconds=60, repeat=3))
    standard, better = sought(floor, BOB), sought(floor, PIETER)
    assert rung_for(floor, SANNE) == standard.key
    floor.drop(SANNE, events.Heard.BUSY)
    assert (floor.ringing(), rung_for(floor, SANNE)) == ([SANNE], better.key)
    floor.pass_on(SANNE)
    assert (floor.ringing(), rung_for(floor, SANNES_DESK)) == ([SANNES_DESK], standard.key)


def test_nobody_is_kept_from_a_caller_by_a_hunt_that_is_over(floor):
    standard, better = sought(floor, BOB), sought(floor, PIETER)
    floor.hang_up(better.call or "")
    floor.desk.happen(events.AcknowledgedWithoutKey(better.key, "joris"))
    floor.advance(58)
    assert rung_for(floor) == standard.key


def test_a_hunt_that_missed_them_while_they_came_free_is_told_of_it(floor):
    """Freed was told before the hunt had written down that it misses Joris."""
    engaged(floor)
    better = sought(floor, PIETER)
    leg = floor.leg(JORIS)
    floor.exchange.heards[leg.sid or ""] = events.Heard.COMPLETED
    floor.desk.happen(events.LegHeard(leg.id, events.Heard.COMPLETED, leg.sid))
    for key, errand in floor.pending().items():
        if errand.command.kind in ("offer_engineer", "serve_desk"):
            floor.done.add(key)
    standard = floor.critical(BOB)
    assert rung_for(floor) == better.key
    assert floor.incident(standard).escalation.missed == ("joris",)


def test_whoever_asks_for_a_caller_by_text_is_rung_for_that_one(floor):
    engaged(floor)
    standard, _ = sought(floor, BOB), sought(floor, PIETER)
    leg = floor.leg(JORIS)
    floor.desk.happen(events.LegHeard(leg.id, events.Heard.COMPLETED, leg.sid))
    floor.desk.happen(events.AcknowledgedWithoutKey(standard.key, "joris"))
    assert rung_for(floor) == standard.key


def test_level_1_comes_before_the_row_of_the_desk():
    floor = Floor(
        escalation=stepping(("joris",), seconds=60, repeat=3), desk=stepping(("joris",)).steps[0]
    )
    engaged(floor)
    at_the_desk(floor, PIETER, "2")
    critical = sought(floor, STRANGER)
    leg = floor.leg(JORIS)
    floor.exchange.heards[leg.sid or ""] = events.Heard.COMPLETED
    floor.desk.happen(events.LegHeard(leg.id, events.Heard.COMPLETED, leg.sid))
    row = floor.book.desk_queue.find_waiting("main")
    floor.desk.happen(events.DeskTurn(row[0], ("joris",)))
    floor.work()
    assert rung_for(floor) == critical.key


def at_the_desk(floor: Floor, shown: str, level: str) -> Incident:
    """Somebody waits for the desk."""
    call = floor.dial(shown)
    floor.pin(call, PIN)
    floor.something_new(call)
    floor.press(call, level)
    floor.work()
    floor.advance(1)
    return floor.incident(call)


def test_whoever_serves_two_rows_goes_to_the_first_of_both():
    """A false alarm about virus recognition is level 3, and comes before a level 4."""
    desk = stepping(("joris",)).steps[0]
    floor = Floor(
        engineers=(Engineer("joris", "Joris Bakker", (JORIS,)),),
        desk=desk,
        signature_desk=SignatureDesk(("joris",), desk.ring_for),
    )
    engaged(floor)
    incident = at_the_desk(floor, PIETER, "4")
    call = floor.dial(BOB)
    floor.pin(call, PIN)
    for key in ("5", "1", "1", "2"):
        floor.press(call, key)
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, "http://spoken"))
    floor.work()
    request = floor.incident(call)
    assert floor.book.desk_queue.find_waiting("main", None) == [request.key, incident.key]
    floor.drop(JORIS)
    assert rung_for(floor) == request.key


def test_an_engineer_who_calls_is_offered_what_waits_in_that_order(floor):
    engaged(floor)
    older, better = sought(floor, BOB), sought(floor, PIETER)
    offers = floor.call(floor.dial(JORIS)).offers
    assert [offer.number for offer in offers] == [better.number, older.number, 1001]
    assert [offer.own for offer in offers] == [False, False, True]
