"""A caller's call, from the first ring to the end."""

from __future__ import annotations

from devtools.simulation.company import Company
from devtools.simulation.handset import Handset
from devtools.simulation.legs import ENDS
from devtools.simulation.people import Caller
from devtools.simulation.phone import GoneError, Side
from devtools.simulation.world import Process, Story
from routing.events import Heard
from routing.voice_document import Next

FALLBACK = Next("fallback.human", "")


def dial(company: Company, caller: Caller) -> Side:
    """Somebody calls the line; after a while their patience ends."""
    side = Side(company.sid("CA"), caller.shown, Heard.ANSWERED, FALLBACK)
    company.sides[side.sid] = side
    company.world.tell(f"{side.sid} calls from {caller.shown}, level {caller.level}")
    side.process = Process(company.world, caller_story(company, side, caller))
    company.world.later(caller.patience, lambda: hang_up(company, side))
    return side


def hang_up(company: Company, side: Side) -> None:
    """This side puts the receiver down."""
    if side.live and side.process is not None:
        company.world.tell(f"{side.sid} hangs up")
        side.process.interrupt(GoneError())


def caller_story(company: Company, side: Side, caller: Caller) -> Story:
    """Document after document, until this side or the line hangs up."""
    handset = Handset(company, side, caller)
    try:
        yield from handset.perform(Next("call.incoming", ""), handset.said())
        company.hung_up_on(side)
    except ENDS:
        pass
    finally:
        side.heard = Heard.COMPLETED
        what = f"{side.sid} is over"
        Process(company.world, company.told(what, lambda: company.door.ended(side.sid)))
