"""Where programs report matters of customers: decided and written down as what callers say is."""

from __future__ import annotations

from routing import flow
from routing.desk import Desk, UnknownError, won
from routing.events import Lodged
from routing.matter import Matter


def lodge(desk: Desk, event: Lodged) -> Matter:
    """A program reports a matter; reported twice, it is the same incident."""
    return won(lambda: _lodge(desk, event), "a matter of a program")


def _lodge(desk: Desk, event: Lodged) -> Matter:
    with desk.book.moment():
        known = desk.book.matter_of_incident(event.key)
        if known is not None:
            return known
        line = desk.people.line(event.line)
        if line is None:
            raise UnknownError("no line has this id")
        decision = flow.lodge(desk.facts(line), event)
    return desk.save(Matter(), decision)
