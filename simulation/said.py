"""What comes with a question of the carrier."""

from __future__ import annotations

from dataclasses import dataclass

from routing import events as ev


@dataclass(frozen=True)
class Said:
    """What comes with a question of the carrier."""

    sid: str = ""
    number: str = ""
    key: str | None = None
    recording: str | None = None
    left: ev.Left = ev.Left.LEFT
    gone: bool = False
    joined: bool = False
