"""What is drawn of some schedules in some days: lanes, days, and the moment that it is now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ivr_app.console.calls.drawing import WIDTH
from ivr_app.console.oncall.lanes import FOOT, HEAD, Bar, Day, Gap, Lane, days, lanes, place
from ivr_app.console.oncall.period import Period
from plan.holidays import office
from routing.line import Line, Schedule

STOP = dt.timedelta(minutes=30)
"""To what a time is rounded that is chosen by hand."""

COLOURS = 8


@dataclass(frozen=True, slots=True)
class Scene:
    """The drawing."""

    line: Line
    period: Period
    lanes: Sequence[Lane]
    days: Sequence[Day]
    now: float | None

    @property
    def width(self) -> float:
        """Of the drawing, in its own units."""
        return WIDTH

    @property
    def height(self) -> float:
        """Down to the foot of the last lane."""
        return self.lanes[-1].y + self.lanes[-1].height + FOOT if self.lanes else HEAD

    @property
    def gaps(self) -> list[tuple[Schedule, Gap]]:
        """Whenever nobody is on call, lane by lane."""
        return [(lane.schedule, gap) for lane in self.lanes for gap in lane.gaps]

    @property
    def people(self) -> list[str]:
        """Everybody whose time is drawn, in the order of the file."""
        drawn = {bar.person for lane in self.lanes for bar in lane.bars}
        return [one.id for one in self.line.engineers if one.id in drawn]

    @property
    def stops(self) -> str:
        """The local times, in order, at which a time chosen by hand may begin or end."""
        start, end = self.period.span
        count = round((end - start) / STOP)
        moments = ((start + n * STOP).astimezone(self.period.zone) for n in range(count + 1))
        return " ".join(f"{at:%Y-%m-%dT%H:%M}" for at in moments)

    def name(self, person: str) -> str:
        """How somebody is called; whoever has left is called by the id."""
        engineer = self.line.engineer(person)
        return engineer.name if engineer else person

    def label(self, bar: Bar) -> str:
        """As much of the name as there is room for."""
        words = self.name(bar.person).split()
        initials = "".join(word[0] for word in words)
        fits = (one for one in (" ".join(words), words[0], initials) if bar.holds(one))
        return next(fits, "")

    def colour(self, person: str) -> int:
        """Which of the colours is somebody's; the name stands beside it."""
        known = [one.id for one in self.line.engineers]
        return known.index(person) % COLOURS if person in known else COLOURS - 1

    def local(self, at: dt.datetime) -> str:
        """A moment as a field for times has it."""
        return f"{at.astimezone(self.period.zone):%Y-%m-%dT%H:%M}"


def scene(line: Line, period: Period, now: dt.datetime) -> Scene:
    """Lay out the schedules of a line."""
    hours = office(line)
    found = lanes(line, period, hours)
    return Scene(line, period, found, days(period, hours), place(period, now))
