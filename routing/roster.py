"""What is kept of handovers: the part of the book in which reliefs stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from routing.errands import Errand
from routing.letter import Letter
from routing.relief import Relief


@dataclass(frozen=True, slots=True)
class Telling:
    """What follows for a relief: its new self, who is written to, and what is looked at later."""

    relief: Relief
    letters: tuple[Letter, ...] = ()
    errands: tuple[Errand, ...] = ()


class Roster(Protocol):
    """Reliefs, each with its letters and errands in one transaction."""

    def plan(self, errands: Sequence[Errand], at: dt.datetime) -> Sequence[str]:
        """Write errands that have a name, each name once whoever plans; gives back those due."""

    def relieve(self, telling: Telling, at: dt.datetime) -> Sequence[str]:
        """Write a new relief with all that follows; one of the same line, schedule, instant and
        person that is there already stays as it is. Gives back the errands due.

        Raises LostRaceError when the person has been given this code a moment ago.
        """

    def relief(self, relief_id: str) -> Relief | None:
        """The relief of this id."""

    def reliefs_of(self, line: str, engineer: str, now: dt.datetime) -> Sequence[Relief]:
        """The reliefs of this person that are not over by now, oldest first."""

    def relief_became(self, telling: Telling, at: dt.datetime) -> Sequence[str]:
        """Write a changed relief with all that follows; gives back the errands due.

        Raises LostRaceError when it was changed since it was read.
        """

    def reliefs(self, line: str, start: dt.datetime, end: dt.datetime) -> Sequence[Relief]:
        """The reliefs of the line from one moment to just before another, oldest first."""
