"""Where programs report matters of customers: decided and written down as what callers say is."""

from __future__ import annotations

from routing import flow
from routing.desk import Desk, UnknownError
from routing.events import Lodged
from routing.matter import LostRaceError, Matter


def lodge(desk: Desk, event: Lodged) -> Matter:
    """A program reports a matter; reported twice, it is the same incident."""
    with desk.book.moment():
        known = desk.book.matter_of_incident(event.key)
        if known is not None:
            return known
        line = desk.people.line(event.line)
        if line is None:
            raise UnknownError("no line has this id")
        decision = flow.lodge(desk.facts(line), event)
    try:
        return desk.save(Matter(), decision)
    except LostRaceError:
        return lodge(desk, event)
