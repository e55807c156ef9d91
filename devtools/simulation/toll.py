"""Whom the line may have the carrier dial: nobody's number but those it knows and the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devtools.simulation import cast
from devtools.simulation.phone import Side

if TYPE_CHECKING:
    from devtools.simulation.night import Night


def may_dial(night: Night, side: Side, number: str) -> bool:
    """True for a number of the file or of a contact, and for an ordinary one in the line's country
    that was shown by whoever called or wrote about the incident of this leg."""
    if number in cast.KNOWN or side.leg is None:
        return number in cast.KNOWN
    incident, _ = night.book.rows.pages[side.leg]
    shown = [night.company.sides[sid].number for sid in incident.calls]
    reported = night.screens.phones.get(incident.key)
    return number in (*shown, reported) and number not in cast.NEVER_DIALLED
