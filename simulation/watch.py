"""What must hold at the company, looked at from outside: who waits, and who talks with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routing import errands as er
from routing.incident import Hunting, Incident, Page, State
from simulation.broken import BrokenError
from simulation.pending import Pending
from simulation.phone import Side, Talk

if TYPE_CHECKING:
    from simulation.night import Night

TRIED_WITHIN = 90.0
"""Seconds within which somebody is tried for a caller who waits, or the caller is told of a pause;
counted from the last trouble among our own processes."""

NEEDED_WITHIN = 60.0
"""Seconds within which a telephone that is not needed any more is let go, counted likewise."""


class Watch:
    """Looks at the company and at the book, and compares."""

    def __init__(self, night: Night) -> None:
        """From the beginning of the night."""
        self.night, self.world = night, night.world
        self.company, self.rows = night.company, night.book.rows
        self.due = Pending(night.book.rows).due
        self.callers: list[tuple[Side, Any]] = []
        self.tried_at: dict[str, float] = {}
        self.needed_at: dict[str, float] = {}
        self.helped: set[str] = set()
        night.company.hung_up_on = self.hung_up_on
        night.company.placed = self.placed
        night.company.dialled = self.dialled

    def expect(self, side: Side, caller: Any) -> None:
        """Somebody calls."""
        self.callers.append((side, caller))

    def broken(self, what: str, about: str) -> None:
        """Something that must hold does not."""
        raise BrokenError(what, about)

    def owned(self, incident: Incident, legs: tuple[Page, ...]) -> bool:
        """True while somebody has it, or something is still to come that finds somebody."""
        hunt = incident.hunt
        if incident.state is State.ACKNOWLEDGED:
            if incident.reached or not hunt.round or incident.winner() is not None:
                return True
            if self.due(er.KeyOverdue, incident.key):
                return True
        elif incident.state is not State.OPEN or hunt.doing is Hunting.QUIET:
            return True
        if self.due(er.HuntOn, incident.key, mark=hunt.mark):
            return True
        return any(self.due(er.SettleLeg, leg.id) for leg in legs)

    def talk_begins(self, talk: Talk) -> None:
        """At most one engineer is joined with a caller, and it is the one who has the incident."""
        others = [t for t in self.company.talks if t.one is talk.one and not t.over]
        if len(others) > 1:
            self.broken("two engineers are joined with one caller", talk.one.sid)
        _, leg = self.rows.pages[talk.other.leg or ""]
        if not leg.won:
            self.broken(f"{leg.engineer} talks without having taken it", talk.one.sid)

    def placed(self, side: Side) -> None:
        """In a calm night no telephone is rung twice for one leg. A lease lasts for seconds: in
        others, clocks that differ or a process that stands still may outlast it."""
        calm = self.night.weather == self.night.weather.over
        if calm and any(s.leg == side.leg and s.live for s in self.company.sides.values()):
            self.broken("a leg is placed twice", side.leg or "")

    def dialled(self, side: Side, number: str) -> None:
        """A document joins a caller with a number it has dialled: somebody pressed the key."""
        if number not in self.company.pressed:
            self.broken("a caller is joined with somebody who pressed no key", side.sid)
        self.helped.add(side.sid)

    def hung_up_on(self, side: Side) -> None:
        """The line has ended a call: it must have said why."""
        matter = self.night.book.matter_as_kept(side.sid)
        if matter is None or matter.call is None or side.failed or side.sid in self.helped:
            return
        call = matter.call
        if call.parked_at is not None and (call.fate or call.outcome) is None:
            self.broken("the line hung up on a caller who waited", side.sid)

    def look(self) -> None:
        """For everybody who waits, somebody is tried, or they were told of a pause."""
        for side, _ in self.callers:
            if side.live and side.parked and not self.tried(side):
                since = max(self.tried_at[side.sid], self.night.machines.troubled_at)
                if self.world.seconds - since > TRIED_WITHIN:
                    self.broken("nobody is tried for a caller who waits", side.sid)
            else:
                self.tried_at[side.sid] = self.world.seconds

        for side in self.company.sides.values():
            if side.live and side.leg is not None:
                self.needed(side, side.leg)

    def needed(self, side: Side, leg: str) -> None:
        """A telephone is not held for long when the book has done with it."""
        _, page = self.rows.pages[leg]
        if page.live:
            self.needed_at[side.sid] = self.world.seconds
        seen = self.needed_at.setdefault(side.sid, self.world.seconds)
        since = max(seen, self.night.machines.troubled_at)
        if self.world.seconds - since > NEEDED_WITHIN:
            self.broken(f"{page.engineer} is held on the telephone for nothing", side.sid)

    def tried(self, side: Side) -> bool:
        """True while a telephone rings for this caller, or they were told why none does."""
        matter = self.night.book.matter_as_kept(side.sid)
        if matter is None or matter.incident is None:
            return False
        hunt = matter.incident.hunt
        if hunt.doing is Hunting.ROW or (hunt.resumes_at or self.world.now) > self.world.now:
            return True
        if self.night.book.busy("main").intersection(hunt.missed):
            return True  # told that all are busy; somebody is rung as soon as one is free
        legs = {leg.id for leg in matter.incident.legs()}
        return any(s.leg in legs and s.live for s in self.company.sides.values())
