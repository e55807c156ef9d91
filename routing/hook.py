"""Where a program outside listens for what happens to incidents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Happening(StrEnum):
    """What a program may want to hear of, in the order in which it is told."""

    OPENED = "opened"
    RAISED = "raised"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    BREACHED = "breached"
    RESPONDED = "responded"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a program listens, and for what. ``secret`` is the name under which the environment
    keeps what signs the dispatches: the secret itself is in neither file nor database."""

    id: str
    url: str
    secret: str
    on: tuple[Happening, ...] = tuple(Happening)
