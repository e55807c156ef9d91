"""What must hold while people wait: somebody is tried for them, and nobody is held in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devtools.simulation import cast
from devtools.simulation.phone import Side
from devtools.simulation.watch import Watch
from routing.escalation.steps import find_announced
from routing.escalation.taking import KEPT_WITHIN
from routing.facts import QUIET_NOTICE
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.message import UNRUNG

if TYPE_CHECKING:
    from devtools.simulation.night import Night

TRIED_WITHIN = 90.0
"""Seconds within which somebody is tried for a caller who waits, or the caller is told of a pause;
counted from the last trouble among our own processes."""

LONGEST_PAUSE = cast.FIVE_MINUTES.total_seconds()

NEEDED_WITHIN = 60.0
"""Seconds within which a telephone that is not needed any more is let go, counted likewise."""

NAMED_WITHIN = KEPT_WITHIN.total_seconds() + 20.0
"""Seconds for which somebody who has pressed no key may have the incident of whoever waits."""


KNOWN_WITHIN = QUIET_NOTICE.total_seconds() + 20.0
"""Seconds within which somebody is told of each level 1 for which nobody is rung."""


def unreached(incident: Incident) -> bool:
    """True while it is in somebody's name who has not reached the customer."""
    return incident.state is IncidentState.ACKNOWLEDGED and not incident.reached


class Vigil(Watch):
    """Looks at everybody who waits, every few seconds."""

    def __init__(self, night: Night) -> None:
        """Nobody waits yet."""
        super().__init__(night)
        self.tried_at: dict[str, float] = {}
        self.needed_at: dict[str, float] = {}
        self.named_at: dict[tuple[str, object], float] = {}
        self.unknown_at: dict[str, float] = {}
        self.pauses_until: dict[tuple[str, int], float] = {}

    def look(self) -> None:
        """For everybody who waits, somebody is tried, or they were told of a pause."""
        for side, _ in self.callers:
            if side.live and side.parked and not self.tried(side):
                since = max(self.tried_at[side.sid], self.troubled_at)
                if self.world.seconds - since > TRIED_WITHIN:
                    self.broken("nobody is tried for a caller who waits", side.sid)
            else:
                self.tried_at[side.sid] = self.world.seconds
            if side.live and side.parked:
                self.named(side)
        self.unknown()
        for side in self.company.sides.values():
            if side.live and side.leg is not None:
                self.needed(side, side.leg)

    def named(self, side: Side) -> None:
        """Whoever took a level 1 by text or at a screen, and comes to no telephone, loses it. The
        wait for their key counts from the beginning when the clocks are set back in it."""
        matter = self.night.book.matter_as_kept(side.sid)
        incident = matter.incident if matter is not None else None
        if incident is None or incident.urgency != 1 or not unreached(incident):
            return
        name = (incident.key, incident.acknowledged_at)
        set_at = self.night.machines.set_at
        since = max(self.named_at.setdefault(name, self.world.seconds), self.troubled_at, set_at)
        if self.world.seconds - since > NAMED_WITHIN and incident.winner() is None:
            self.broken("somebody has it who does not come, and its caller waits", side.sid)

    def unknown(self) -> None:
        """No level 1 is open for longer than a quarter of an hour without a text about it."""
        messages = [one for one in self.rows.messages.values() if one.words == UNRUNG]
        known = find_announced(messages) | {
            key for key, pages in self.rows.pages_of.items() if pages
        }
        for incident in self.rows.incidents.values():
            open_ = incident.urgency == 1 and incident.state is IncidentState.OPEN
            if (
                not open_
                or incident.key in known
                or incident.escalation.phase is not EscalationPhase.QUIET
            ):
                self.unknown_at.pop(incident.key, None)
                continue
            first = self.unknown_at.setdefault(incident.key, self.world.seconds)
            since = max(first, self.night.machines.set_at)
            trouble = TRIED_WITHIN if self.troubled_at > first else 0.0
            if self.world.seconds - since > KNOWN_WITHIN + trouble:
                self.broken("nobody was told of a level 1 for a quarter", incident.key[:6])

    def needed(self, side: Side, leg: str) -> None:
        """A telephone is not held for long when the book has done with it."""
        _, page = self.rows.pages[leg]
        if page.live:
            self.needed_at[side.sid] = self.world.seconds
        seen = self.needed_at.setdefault(side.sid, self.world.seconds)
        since = max(seen, self.troubled_at)
        if self.world.seconds - since > NEEDED_WITHIN:
            self.broken(f"{page.engineer} is held on the telephone for nothing", side.sid)

    def pauses(self, incident: Incident) -> bool:
        """True while the hunt stands still for as long as was said, by a clock that is right."""
        escalation, now = incident.escalation, self.world.shown
        if escalation.resumes_at is None:
            return False
        left = min((escalation.resumes_at - now).total_seconds(), LONGEST_PAUSE)
        ends_at = self.world.seconds + left
        return self.world.seconds < self.pauses_until.setdefault(
            (incident.key, escalation.mark), ends_at
        )

    def tried(self, side: Side) -> bool:
        """True while a telephone rings for this caller, or they were told why none does."""
        matter = self.night.book.matter_as_kept(side.sid)
        if matter is None or matter.incident is None:
            return False
        escalation = matter.incident.escalation
        if escalation.phase is EscalationPhase.ROW or self.pauses(matter.incident):
            return True
        if self.night.book.find_busy("main").intersection(escalation.missed):
            return True  # told that all are busy; somebody is rung as soon as one is free
        legs = {leg.id for leg in matter.incident.legs()}
        return any(s.leg in legs and s.live for s in self.company.sides.values())

    @property
    def troubled_at(self) -> float:
        """When our own processes were last in trouble, in seconds of the night."""
        return self.night.machines.troubled_at
