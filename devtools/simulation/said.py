"""What comes with a question of the carrier."""

from __future__ import annotations

from dataclasses import dataclass

from routing import events


@dataclass(frozen=True)
class Said:
    """What comes with a question of the carrier."""

    sid: str = ""
    number: str = ""
    key: str | None = None
    recording: str | None = None
    left: events.Left = events.Left.LEFT
    gone: bool = False
    joined: bool = False
