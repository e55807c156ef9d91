"""A telephone dialled from a document: the last resort, somebody of the file, a customer."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from devtools.simulation.phone import FailedError, Side
from routing.events import Heard
from routing.voice_document import Dial, Next

if TYPE_CHECKING:
    from devtools.simulation.handset import Handset


def dialling(handset: Handset, act: Dial) -> Generator[float, None, bool]:
    """True when somebody picked up and pressed the key that was asked for, and they have talked."""
    company = handset.company
    company.dials(handset.side, act.number)
    phone = company.phone(act.number)
    after = phone.picks_up()
    if after is None or after > act.seconds:
        yield act.seconds if after is None else min(after, act.seconds)
        return False
    phone.on = True
    company.world.tell(f"{handset.side.sid} dials {act.number}")
    handset.side.dials = True
    try:
        yield after
        if act.whisper is not None:
            if not (yield from whispered(handset, act.number, act.whisper)):
                return False
            company.dialled(handset.side, act.number)
        talk = company.join(handset.side, Side("", act.number, Heard.ANSWERED, act.then))
        try:
            yield phone.talks()
        finally:
            talk.over = True
    finally:
        phone.on, handset.side.dials = False, False
        company.pressed.discard(act.number)
    return True


def whispered(handset: Handset, number: str, whisper: Next) -> Generator[float, None, bool]:
    """Whoever picked up is asked for a key; True when the document lets them through."""
    from devtools.simulation.handset import Handset as Other

    company = handset.company
    sid = handset.side.sid
    other = Other(company, Side(sid, number, Heard.ANSWERED, whisper), company.phone(number))
    step: tuple[Next, object] | None = (whisper, other.said())
    while step is not None:
        try:
            document = yield from company.ask(other.side, *step)  # type: ignore[arg-type]
        except FailedError:
            return False
        if not document.acts:
            return True
        step = yield from other.read(document)
    return False
