"""Long after the last fault: nothing is left over, nothing was forgotten, it could happen again."""

from __future__ import annotations

import datetime as dt

from devtools.simulation.phone import Side
from devtools.simulation.vigil import Vigil
from devtools.simulation.witness import replayed
from routing import jobs
from routing.call import CallOutcome
from routing.incident import ClockState, EscalationPhase, Incident, IncidentState
from routing.line import Channel
from routing.notify.addresses import texts_left
from routing.page import Page
from routing.recording import RecordingState

DONE_WITHIN = dt.timedelta(seconds=60)
SETTLED_WITHIN = dt.timedelta(minutes=3)
"""Within so long of a quiet line whatever was lost has been asked for."""


class Morning(Vigil):
    """Looks at everything once, when the night is over."""

    def in_the_end(self) -> None:
        """Whatever was begun has come to an end or is still looked after."""
        for side, _ in self.callers:
            self.caller_in_the_end(side)
        self.errands_in_the_end()
        if lost := self.night.screens.accepted - self.rows.incidents.keys():
            self.broken("a report that the line has accepted is gone", min(lost))
        self.night.letters.in_the_end()
        for incident in self.rows.incidents.values():
            about = incident.key[:6]
            if not self.owned(incident, incident.legs()):
                self.broken("an incident has no owner and no pending page", about)
            for leg in incident.legs():
                self.leg_in_the_end(leg, about)
            self.promise_in_the_end(incident, about)
            self.night.requests.in_the_end(incident)
            self.notices_in_the_end(incident, about)
        self.left_at_the_carrier()
        again = replayed(self.night.desk.entries, self.rows.files).rows
        kept = ("calls", "incidents", "pages", "rung", "customer_messages", "files")
        for name in kept:
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
        met = call.bridged or call.fate is CallOutcome.CONNECTED
        if call.outcome is CallOutcome.CONNECTED and not met:
            self.broken("a call counts as answered whose caller met nobody", side.sid)
        if call.parked_at is not None and call.incident is None:
            self.broken("a caller who waited has left no incident", side.sid)

    def errands_in_the_end(self) -> None:
        """Each is done or is due later, and none failed by itself."""
        work = self.night.crew.tools.queue
        if work.oddities:
            self.broken(work.oddities[0], "errands")
        late = work.oldest_due(self.world.now)
        if late is not None and late > DONE_WITHIN:
            self.broken(f"an errand has been due for {late}", "errands")

    def leg_in_the_end(self, leg: Page, about: str) -> None:
        """What the book takes for a live leg is one at the carrier."""
        there = self.company.sides.get(leg.sid or "")
        new = self.world.now - leg.at < DONE_WITHIN  # its end may not have been heard of yet
        if not new and (there is None or not there.live):
            self.broken("a leg lives in the book alone", about)

    def promise_in_the_end(self, incident: Incident, about: str) -> None:
        """Every share of the promised time that has passed was told of."""
        clock, now = incident.clock, self.world.now
        if clock.state is not ClockState.RUNNING:
            return
        if clock.announced < clock.reached(now - DONE_WITHIN):
            self.broken("the promised time goes by and nobody is told", about)
        if clock.announced == 100 and incident.breached_at is None:
            self.broken("a promise was broken and it is not written down", about)

    def notices_in_the_end(self, incident: Incident, about: str) -> None:
        """Whoever was to be told has been told, and what became of each text is known."""
        pages = self.rows.pages_of.get(incident.key, {}).values()
        texts = [page for page in pages if page.channel is Channel.SMS]
        if any(t.result is None and not self.due(jobs.SendPage, t.id) for t in texts):
            self.broken("nobody knows what became of a text", about)
        if texts or self.capped():
            return
        if incident.key in self.sought_for:
            self.broken("people were rung, and nobody was told by text", about)
        waits = (
            incident.escalation.phase is EscalationPhase.LATER
            and incident.state is IncidentState.OPEN
        )
        told_the_hour = self.night.machines.set_at < 0  # else it may wait for a wrong morning
        if waits and told_the_hour and self.open_since(self.world.now - SETTLED_WITHIN):
            self.broken("the desk is open and was not told of what waits for it", about)

    def left_at_the_carrier(self) -> None:
        """No queue, and nothing that was spoken but what is ours and waits to be deleted."""
        exchange = self.night.exchange
        if left := self.company.opened - exchange.queues_dropped:
            self.broken("a queue was never deleted", min(left))
        known = {recording.url for recording in self.rows.recordings.values()}
        if lost := self.company.door.said - known:
            self.broken("something that a caller said was lost", min(lost))
        for recording in self.rows.recordings.values():
            if recording.state is not RecordingState.KEPT:
                self.broken("something that a caller said was not fetched", recording.sid)
            if recording.sid not in exchange.dropped:
                self.broken("a recording still lies at the carrier", recording.sid)

    def capped(self) -> bool:
        """True when somebody has had the texts of a whole day: then others are only rung."""
        facts = self.night.desk.facts(self.night.people.lines["main"])
        return any(texts_left(facts, engineer.id) <= 0 for engineer in facts.line.engineers)

    def open_since(self, then: dt.datetime) -> bool:
        """True when the desk has been open from then till now."""
        line = self.night.people.lines["main"]
        if line.desk is None:
            return False
        office = self.night.desk.facts(line).office
        return office.is_open(then) and office.is_open(self.world.now)
