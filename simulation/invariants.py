"""What must hold, whatever goes wrong: looked at after each step, every few seconds, at the end."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from routing import errands as er
from routing.call import Outcome
from routing.incident import Incident, LegState
from routing.line import LAST_RESORT
from routing.ports import Decision, Matter
from simulation.phone import Side
from simulation.watch import Watch
from simulation.witness import replayed

if TYPE_CHECKING:
    from simulation.night import Night

RINGS = (LegState.PLACING, LegState.RINGING)
DONE_WITHIN = dt.timedelta(seconds=60)
CORRECTED = {
    (Outcome.CONNECTED, Outcome.ABANDONED),  # nobody was joined after all
    (Outcome.CONNECTED, Outcome.MESSAGE),
    (Outcome.CONNECTED, Outcome.CALLBACK),
    (Outcome.ABANDONED, Outcome.CONNECTED),  # the conversation was told of last
    (Outcome.ABANDONED, Outcome.MESSAGE),  # so was a message that ended by hanging up
    (Outcome.MESSAGE, Outcome.CONNECTED),
    (Outcome.CALLBACK, Outcome.CONNECTED),
}


class Invariants(Watch):
    """Looks at the book after each decision, and at everything at the end."""

    def __init__(self, night: Night) -> None:
        """From the beginning of the night."""
        super().__init__(night)
        night.book.saved = self.saved  # type: ignore[method-assign]

    # After each decision

    def saved(self, before: Matter, after: Matter, decision: Decision) -> None:
        """The values that were written, the reasons, and what is to be done."""
        entry = self.night.book.noted.pop(id(decision))
        self.night.desk.entries.append(entry)
        event = type(entry.event).__name__
        about = after.call.sid if after.call else after.incident.key[:6] if after.incident else ""
        for note in decision.notes:
            self.world.tell(f"{about} {event}: {note.event}, {note.reason}")
        if after.incident is not None:
            self.incident(after.incident, about)
        if after.call is not None:
            self.call(before, after, about)

    def incident(self, incident: Incident, about: str) -> None:
        """Somebody has it or is sought; one has it; nobody has two telephones."""
        legs = self.rows.with_pages(incident.key).legs()
        if sum(leg.won for leg in legs) > 1:
            self.broken("two engineers have taken one incident", about)
        if incident.winner() and any(leg.state in RINGS for leg in legs):
            self.broken("others are rung although somebody has taken it", about)
        for page in incident.pages:
            if page.won and page.id not in self.company.pressed:
                self.broken("an incident was taken without the key that takes it", about)
        held = [page.engineer for _, page in self.rows.live.values()]
        held = [engineer for engineer in held if engineer != LAST_RESORT]
        if len(held) != len(set(held)):
            self.broken("an engineer has two telephones", about)
        if not self.owned(incident, legs):
            self.broken("an incident has no owner and no pending page", about)

    def call(self, before: Matter, after: Matter, about: str) -> None:
        """Whoever is there is looked after; what is over stays over."""
        call, was = after.call, before.call
        if call is None:
            return
        if call.live and not self.due(er.SettleCall, call.id):
            self.broken("nobody will look whether this caller is still there", about)
        change = (was.outcome if was else None, call.outcome)
        if change[0] not in (None, call.outcome) and change not in CORRECTED:
            self.broken(f"an outcome changed: {change[0]}, {change[1]}", about)

    # At the end

    def in_the_end(self) -> None:
        """Long after the last fault nothing is left over, and it could all happen again."""
        for side, _ in self.callers:
            self.caller_in_the_end(side)
        if self.night.crew.tools.due.oddities:
            self.broken(self.night.crew.tools.due.oddities[0], "errands")
        late = self.night.crew.tools.due.oldest_due(self.world.now)
        if late is not None and late > DONE_WITHIN:
            self.broken(f"an errand has been due for {late}", "errands")
        for key in self.rows.incidents:
            incident = self.rows.with_pages(key)
            if not self.owned(incident, incident.legs()):
                self.broken("an incident has no owner and no pending page", key[:6])
            for leg in incident.legs():
                there = self.company.sides.get(leg.sid or "")
                if leg.sid and (there is None or not there.live):
                    self.broken("a leg lives in the book alone", key[:6])
        again = replayed(self.night.desk.entries).rows
        for name in ("calls", "incidents", "pages", "rung"):
            if getattr(again, name) != getattr(self.rows, name):
                self.broken(f"the journal does not replay to the same {name}", "replay")

    def caller_in_the_end(self, side: Side) -> None:
        """Everybody who called is gone by now, and nobody who waited was lost."""
        matter = self.night.book.matter_as_kept(side.sid)
        call = matter.call if matter is not None else None
        if call is None:
            return
        if call.live:
            self.broken("a call that is long over lives on in the book", side.sid)
        if call.parked_at is not None and call.incident is None:
            self.broken("a caller who waited has left no incident", side.sid)
