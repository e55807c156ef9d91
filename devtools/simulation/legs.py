"""A call that the line has placed: it rings, somebody or something answers, and it ends."""

from __future__ import annotations

from devtools.simulation.company import Company
from devtools.simulation.handset import Handset
from devtools.simulation.phone import (
    ClaimedError,
    GoneError,
    LeaveError,
    PartedError,
    Side,
    ToldError,
)
from devtools.simulation.world import Process, Story
from routing import events
from routing.events import Heard
from routing.voice_document import Next

ENDS = (GoneError, LeaveError, PartedError, ClaimedError, ToldError)


def leg_story(company: Company, side: Side, limit: float) -> Story:
    """From the first ring to the end, with the carrier's word of each."""
    phone = company.phone(side.number)
    try:
        yield 0.2
        if phone.on:
            side.heard = Heard.BUSY
            return
        tell(company, side, Heard.RINGING)
        phone.on = True
        try:
            yield from rung(company, side, limit)
        finally:
            phone.on = False
    except ENDS:
        pass
    finally:
        if side.live:
            side.heard = Heard.COMPLETED
        tell(company, side, side.heard)


def rung(company: Company, side: Side, limit: float) -> Story:
    """The phone rings, and whoever answers it hears the line."""
    phone = company.phone(side.number)
    phone.on = False
    after = phone.picks_up()
    phone.on = True
    if after is None or after > limit:
        yield limit
        side.heard = Heard.NO_ANSWER
        return
    yield after
    side.heard = Heard.ANSWERED
    tell(company, side, Heard.ANSWERED)
    handset = Handset(company, side, phone)
    yield from handset.perform(Next("leg.listens", side.leg or ""), handset.said())


def tell(company: Company, side: Side, heard: Heard) -> None:
    """The carrier's word of where a leg is, on its way."""
    leg, sid = side.leg or "", side.sid

    def happen() -> None:
        if company.door.desk.calls.find_by_page(leg) is not None:
            company.door.desk.happen(events.LegHeard(leg, heard, sid))

    what = f"{sid}, leg {leg[:6]}, is {heard}"
    Process(company.world, company.told(what, happen))
