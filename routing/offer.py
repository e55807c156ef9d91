"""An incident as it is offered to an engineer or a proven contact who calls: it names nobody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """``incident`` is its key; ``own`` when the engineer has it already."""

    incident: str
    number: int
    urgency: int
    own: bool = False
