"""Queues: a caller who waits in one, and an engineer who takes the caller out of it."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from devtools.simulation.phone import (
    ClaimedError,
    FailedError,
    GoneError,
    LeaveError,
    PartedError,
    Side,
)
from devtools.simulation.said import Said
from devtools.simulation.world import FOR_EVER
from routing.events import Left
from routing.voice_document import BridgeQueue, Document, Enqueue, Next

if TYPE_CHECKING:
    from devtools.simulation.handset import Handset

LOOKS_FOR = 5.0
LOOK = 0.5
PAUSE = 1.0


def waiting(handset: Handset, act: Enqueue) -> Generator[float, None, Left]:
    """In the queue, hearing the waiting document over and over, until somebody comes."""
    company, side = handset.company, handset.side
    company.queues[act.queue], side.parked = side, True
    company.opened.add(act.queue)
    try:
        yield from listening(handset, act.wait)
    except LeaveError:
        return Left.LEFT
    except ClaimedError as claimed:
        yield from greeted(handset, claimed)
        return Left.BRIDGED
    finally:
        side.parked = False
        company.queues.pop(act.queue, None)
    return Left.LEFT


def listening(handset: Handset, wait: Next) -> Generator[float, None, None]:
    """The waiting document, for ever; one that fails leaves silence, or drops the caller."""
    company = handset.company
    while True:
        step: tuple[Next, Said] | None = (wait, handset.said())
        try:
            while step is not None:
                document = yield from company.ask(handset.side, *step)
                following = yield from handset.read(document)
                if following is None and not lasts(document):
                    company.hung_up_on(handset.side)
                    raise GoneError
                step = following
        except FailedError:
            if company.machines.weather.failing_wait_drops:
                raise
            yield FOR_EVER
        yield PAUSE


def lasts(document: Document) -> bool:
    """False when the document hangs up."""
    return type(document.acts[-1]).__name__ != "HangUp"


def greeted(handset: Handset, claimed: ClaimedError) -> Generator[float, None, None]:
    """Told that somebody comes, and then they talk."""
    company, talk = handset.company, claimed.talk
    handset.side.talk = talk
    try:
        try:
            document = yield from company.ask(handset.side, claimed.joined, handset.said())
            yield from handset.read(document)
        except FailedError:
            pass
        yield FOR_EVER
    except PartedError:
        return
    finally:
        talk.end(by=handset.side)


def meeting(handset: Handset, act: BridgeQueue) -> Generator[float, None, bool]:
    """Take the caller out of the queue, if there is one; True when they were joined."""
    company, waited = handset.company, 0.0
    while (caller := company.queues.get(act.queue)) is None or not free(caller):
        if waited >= LOOKS_FOR:
            return False
        yield LOOK
        waited += LOOK
    del company.queues[act.queue]
    talk = company.join(caller, handset.side)
    if caller.process is not None:
        caller.process.interrupt(ClaimedError(talk, act.joined))
    company.talk_begins(talk)
    try:
        yield FOR_EVER
    except PartedError:
        return True
    finally:
        talk.end(by=handset.side)
    return True


def free(caller: Side) -> bool:
    """False while the caller's telephone is in the middle of something."""
    return caller.process is not None and not caller.process.acting and not caller.process.over
