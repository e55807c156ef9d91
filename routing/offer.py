"""An incident as it is offered to whoever calls from an engineer's number: it names nobody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """``incident`` is its key; ``own`` when the engineer has it already."""

    incident: str
    number: int
    urgency: int
    own: bool = False
