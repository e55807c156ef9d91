"""Whole calls on the line of the papers, told to the real desk second by second."""

import pytest

from routing import events
from routing.call import Stage

NUMBER, PIETER = "+31201234567", "+31612345678"


@pytest.fixture
def level_1(board, clock):
    """Pieter keys his PIN and level 1, waits, and talks with Sanne for a minute: the sid."""
    return happened(board.call_service, clock, "CA" + "1" * 32)


def happened(desk, clock, sid):
    """A level 1 call from the first ring to the last word."""
    call = desk.answer(sid, NUMBER, PIETER).case.call
    clock.tick(4.25)
    call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
    if call.stage is Stage.ABOUT:  # about none of those that other tests left open
        call = desk.happen(events.Chose(call.id, call.turn, "2")).call
    for _ in ("level 1", "confirmed"):
        clock.tick(3)
        call = desk.happen(events.Chose(call.id, call.turn, "1")).call
    talked(desk, clock, desk.happen(events.MatterSaid(call.id, call.turn, None)))
    return sid


def talked(desk, clock, matter):
    """Sanne takes the call, talks for a minute, and says that she has answered."""
    leg = matter.incident.legs()[-1]
    sid = f"CB{matter.call.sid[2:]}"
    for wait, event in (
        (0.75, events.LegPlaced(leg.id, sid)),
        (8, events.LegListens(leg.id, sid)),
        (6.001, events.LegKeyed(leg.id, 1, leg.take_key)),
        (1, events.LegConnected(leg.id)),
        (60, events.LegParted(leg.id, 2, bridged=True)),
        (0.5, events.CallEnded(matter.call.id)),
        (4, events.LegKeyed(leg.id, 3, "1")),
    ):
        clock.tick(wait)
        desk.happen(event)
