"""What must be done with what was spoken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from routing.errands.lane import Lane


@dataclass(frozen=True, slots=True)
class KeepRecording:
    """Fetch this recording from the carrier into our own keeping."""

    recording: str
    kind: Literal["keep_recording"] = "keep_recording"
    lane: ClassVar[Lane] = Lane.REST


@dataclass(frozen=True, slots=True)
class DropRecording:
    """Delete this recording at the carrier: it is ours, or nobody may have it any more."""

    recording: str
    kind: Literal["drop_recording"] = "drop_recording"
    lane: ClassVar[Lane] = Lane.REST
