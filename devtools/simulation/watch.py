"""What must hold at the company, looked at from outside: who waits, and who talks with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devtools.simulation import cast
from devtools.simulation.broken import BrokenError
from devtools.simulation.pending import Pending
from devtools.simulation.phone import Side, Talk
from routing import jobs
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.line import LAST_RESORT
from routing.page import Page

if TYPE_CHECKING:
    from devtools.simulation.night import Night


MOST_QUESTIONS = 40
"""Menus in a row after which anybody has been heard."""


class Watch:
    """Looks at the company and at the book, and compares."""

    def __init__(self, night: Night) -> None:
        """From the beginning of the night."""
        self.night, self.world = night, night.world
        self.company, self.rows = night.company, night.book.rows
        self.due = Pending(night.book.rows).due
        self.callers: list[tuple[Side, Any]] = []
        self.helped: set[str] = set()
        self.sought_for: set[str] = set()
        night.company.hung_up_on = self.hung_up_on
        night.company.placed = self.placed
        night.company.asked = self.asked
        night.company.dials = self.dials
        night.company.dialled = self.dialled

    def expect(self, side: Side, caller: Any) -> None:
        """Somebody calls."""
        self.callers.append((side, caller))

    def broken(self, what: str, about: str) -> None:
        """Something that must hold does not."""
        raise BrokenError(what, about)

    def owned(self, incident: Incident, legs: tuple[Page, ...]) -> bool:
        """True while somebody has it, or something is still to come that finds somebody."""
        escalation = incident.escalation
        if incident.state is IncidentState.ACKNOWLEDGED:
            if incident.reached or not escalation.round or incident.winner() is not None:
                return True
            if self.due(jobs.CheckKeyDeadline, incident.key):
                return True
        elif incident.state is not IncidentState.OPEN or escalation.phase is EscalationPhase.QUIET:
            return True
        if self.due(jobs.ContinueEscalation, incident.key, mark=escalation.mark):
            return True
        return any(self.due(jobs.CheckLeg, leg.id) for leg in legs)

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
        self.dials(side, side.number)
        incident, page = self.rows.pages[side.leg or ""]
        now = self.rows.incidents[incident.key]
        if page.engineer != LAST_RESORT and (now.state, now.urgency) == (IncidentState.OPEN, 1):
            self.sought_for.add(now.key)
        calm = self.night.weather == self.night.weather.over
        if calm and any(s.leg == side.leg and s.live for s in self.company.sides.values()):
            self.broken("a leg is placed twice", side.leg or "")

    def asked(self, side: Side) -> None:
        """Whatever is pressed, the menus end: a human, a message, or a goodbye."""
        if side.questions > MOST_QUESTIONS:
            self.broken("somebody hears menus for ever", side.sid)

    def dials(self, side: Side, number: str) -> None:
        """Nobody has the line call what costs it money."""
        if not may_dial(self.night, side, number):
            self.broken(f"the line dials {number}", side.sid)

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


def may_dial(night: Night, side: Side, number: str) -> bool:
    """True for a number of the file or of a contact, and for an ordinary one in the line's country
    that was shown by whoever called or wrote about the incident of this leg."""
    if number in cast.KNOWN or side.leg is None:
        return number in cast.KNOWN
    incident, _ = night.book.rows.pages[side.leg]
    shown = [night.company.sides[sid].number for sid in incident.calls]
    reported = [night.screens.phones.get(key) for key in (incident.key, *incident.merged)]
    return number in (*shown, *reported) and number not in cast.NEVER_DIALLED
