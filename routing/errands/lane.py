"""Lanes: what waits for one service outside never holds the hands that another kind needs."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """In the order in which their errands are claimed."""

    TELEPHONES = "telephones"
    """Asks the carrier to ring, to stop ringing, or where a call is."""
    DECISIONS = "decisions"
    """Asks nobody outside: timers, the row of the desk, handovers."""
    TEXTS = "texts"
    """Asks the carrier to send a text."""
    REST = "rest"
    """Everything else: mail, recordings, what is cleared away."""


def lane_named_in(errand_id: str) -> Lane:
    """The lane of an errand, which its id begins with."""
    name = errand_id.partition("-")[0]
    return Lane(name) if name in Lane.__members__.values() else Lane.DECISIONS
