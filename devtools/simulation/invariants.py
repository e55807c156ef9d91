"""What must hold, whatever goes wrong: looked at after each decision."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from devtools.simulation.machines import WIDEST
from devtools.simulation.morning import Morning
from devtools.simulation.vigil import LONGEST_PAUSE
from devtools.simulation.witness import Entry
from routing import events, jobs
from routing.call import CallOutcome, Stage
from routing.decision import Case, Decision
from routing.facts import DecisionFacts, SeededRandom
from routing.incident import (
    EscalationPhase,
    EscalationState,
    Incident,
    IncidentSource,
    IncidentState,
)
from routing.incidents.progress import describe_progress
from routing.line import LAST_RESORT, Channel
from routing.message import Via
from routing.oncall.hours import OfficeHours
from routing.oncall.policy import phones_of
from routing.page import LegState, Page, PageResult

if TYPE_CHECKING:
    from devtools.simulation.night import Night

SKEW = dt.timedelta(seconds=WIDEST)
RINGS = (LegState.PLACING, LegState.RINGING)
AT_ONCE = 2.0
"""Seconds within which two decisions may not know of each other."""

CORRECTED = {
    (CallOutcome.CONNECTED, CallOutcome.ABANDONED),  # nobody was joined after all
    (CallOutcome.CONNECTED, CallOutcome.MESSAGE),
    (CallOutcome.CONNECTED, CallOutcome.CALLBACK),
    (CallOutcome.ABANDONED, CallOutcome.CONNECTED),  # the conversation was told of last
    (CallOutcome.ABANDONED, CallOutcome.MESSAGE),  # so was a message that ended by hanging up
    (CallOutcome.MESSAGE, CallOutcome.CONNECTED),
    (CallOutcome.CALLBACK, CallOutcome.CONNECTED),
}


def moved_on(was: EscalationState, now: EscalationState) -> bool:
    """True when a step under way gave way to another one, or to the end of its pass."""
    if was.phase is not EscalationPhase.STEPS or not was.step or not now.phase.seeking:
        return False
    return (was.round, was.pass_, was.step) != (now.round, now.pass_, now.step)


def rank(incident: Incident) -> tuple[int, int, dt.datetime]:
    """The order that was promised: by level, then plan, then age."""
    return incident.urgency, incident.rank, incident.opened_at


class Invariants(Morning):
    """Looks at what each decision has changed, and at everything in the morning."""

    def __init__(self, night: Night) -> None:
        """From the beginning of the night."""
        super().__init__(night)
        self.turns: dict[tuple[str, str], set[str]] = {}
        self.seen: set[str] = set()  # the legs that were looked at
        self.there: set[tuple[str, str]] = set()  # who pressed a key for what, or was at a screen
        self.missed: dict[str, dict[str, float]] = {}  # by incident: who, and since when
        night.book.saved = self.saved  # type: ignore[method-assign]
        night.book.saved_too = self.saved_too  # type: ignore[method-assign]

    def saved(self, before: Case, after: Case, decision: Decision) -> None:
        """The values that were written, the reasons, and what is to be done."""
        entry = self.night.book.noted.pop(id(decision))
        self.night.desk.entries.append(entry)
        self.looked_at(before, after, decision, entry)

    def saved_too(self, before: Case, after: Case, decision: Decision) -> None:
        """The survivor of a merge: what is true of each decision is true of its part."""
        if before.incident is not None and after.incident is not None:
            merged = after.incident.merged
            self.there |= {(after.incident.key, who) for key, who in self.there if key in merged}
        self.looked_at(before, after, decision, self.night.desk.entries[-1])

    def looked_at(self, before: Case, after: Case, decision: Decision, entry: Entry) -> None:
        """One case of a decision."""
        event = type(entry.event).__name__
        about = after.call.sid if after.call else after.incident.key[:6] if after.incident else ""
        for note in decision.notes:
            self.world.tell(f"{about} {event}: {note.event}, {note.reason}")
        if after.incident is not None:
            self.incident(after.incident, about)
            self.hunt(after.incident, about)
            self.notices(before.incident, after.incident, about)
            self.progress(after, about)
            self.phones(before.incident, after.incident, entry.event, about)
            self.night.letters.looked_at(before, after, entry.event, about)
        if before.incident is not None and after.incident is not None:
            self.texts_end_nothing(before.incident, after.incident, entry.event, about)
            if isinstance(entry.event, events.EscalationTimerFired):
                self.timer(before.incident, after.incident, entry.at, about)
            if isinstance(entry.event, events.LegKeyed):
                self.key(before.incident, after.incident, about)
        if after.call is not None:
            self.call(before, after, about)
            self.proof(before, after, entry.event, about)
            self.meanwhile(before, after, decision, about)

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
        held = [page.holds for _, page in self.rows.live.values()]
        if len(held) != len(set(held)):
            self.broken("an engineer or number of the last resort has two legs", about)
        if not self.owned(incident, legs):
            self.broken("an incident has no owner and no pending page", about)

    def proof(self, before: Case, after: Case, event: events.Event | object, about: str) -> None:
        """No caller, and no incident by telephone, is called verified without a right PIN."""
        call, was, incident = after.call, before.call, after.incident
        if call is None or call.called_out:
            return
        right = isinstance(event, events.PinChecked) and event.identity is not None
        new = was is None or was.id != call.id or not was.entitlement.verified
        if call.entitlement.verified and new and was is not None and not right:
            self.broken("a caller is called verified without a right PIN", about)
        had = before.incident is not None and before.incident.entitlement.verified
        by_phone = incident is not None and incident.source is IncidentSource.PHONE
        if incident is None or had or not by_phone or incident.call != call.id:
            return
        if incident.entitlement.verified and not call.entitlement.verified:
            self.broken("an incident is called verified without a right PIN", about)

    def meanwhile(self, before: Case, after: Case, decision: Decision, about: str) -> None:
        """A caller is asked for the PIN or the matter only once telephones ring."""
        call, was, incident = after.call, before.call, after.incident
        if call is None or incident is None or call.stage not in (Stage.PIN, Stage.MATTER):
            return
        if incident.merged_into is not None:
            return  # people are rung for the one that goes on
        if not call.holds:
            self.broken("a caller who is asked something meanwhile is not held", about)
        if not incident.escalation.phase.seeking and incident.winner() is None:
            self.broken("a caller is asked something meanwhile, and nobody is rung", about)
        first = was is not None and not was.holds and before.incident is None
        rung = any(isinstance(job.command, jobs.Ring) for job in decision.jobs)
        if first and not rung and not incident.escalation.missed:
            self.broken("a question to the caller holds up the telephones", about)

    def progress(self, after: Case, about: str) -> None:
        """The customer's page has a headline for it, and names no engineer."""
        line, now = self.night.people.lines["main"], self.world.shown
        office = OfficeHours.of(line, lambda day: False)
        facts = DecisionFacts(
            now, line, SeededRandom(b""), office, self.night.book, self.night.people
        )
        shown = repr(describe_progress(facts, after))
        for engineer in line.engineers:
            if any(secret in shown for secret in (engineer.name, *engineer.phones)):
                self.broken("the customer's page names an engineer", about)

    def texts_end_nothing(
        self, was: Incident, now: Incident, event: events.Event | object, about: str
    ) -> None:
        """A text alone, whose sender may be forged, ends no level 1 that its sender did not see."""
        self.there |= {(now.key, page.engineer) for page in now.pages if page.won}
        match event:
            case events.AcknowledgedWithoutKey(engineer=who, by=how):
                seen = how is not Via.TEXT
            case events.AnsweredCustomer(by=who, how=how) | events.Responded(by=who, how=how):
                seen = how is not Via.TEXT
            case _:
                who, seen = "", False
        if seen:
            self.there.add((now.key, who))
        if not isinstance(event, events.Responded | events.Closed) or event.how is not Via.TEXT:
            return
        ended = (
            now.state in (IncidentState.RESPONDED, IncidentState.CLOSED)
            and was.state is not now.state
        )
        if ended and was.urgency == 1 and (now.key, event.by) not in self.there:
            self.broken("a level 1 was ended by a text alone", about)

    def hunt(self, incident: Incident, about: str) -> None:
        """It goes through its passes, is of level 1, and rings nobody for a customer who was
        reached."""
        escalation, line = incident.escalation, self.night.people.lines["main"]
        if escalation.phase.seeking and incident.urgency > 1:
            self.broken("the people on call are rung for an incident below level 1", about)
        if escalation.pass_ > line.escalation.repeat:
            self.broken("more passes than the file asks for, and no last resort", about)
        reached = incident.state is IncidentState.ACKNOWLEDGED and incident.reached
        if escalation.phase.seeking and reached:
            self.broken("people are rung for a customer who was reached", about)

    def phones(
        self, was: Incident | None, now: Incident, event: events.Event | object, about: str
    ) -> None:
        """The phones of a person take turns, and a step waits while one rings whose owner has
        another one left."""
        for leg in now.pages:
            if leg.result is PageResult.DECLINED:
                self.turns.pop((now.key, leg.engineer), None)
        for leg in now.pages:
            if leg.channel is Channel.CALL and leg.id not in self.seen:
                self.seen.add(leg.id)
                if leg.engineer == LAST_RESORT:
                    continue  # its numbers go to whoever waits, each when it is free
                self.has_its_turn(now, leg, about)
                self.takes_turns(now.key, leg, event, about)
        renumbered = isinstance(event, events.PinChecked)  # the steps are those of the plan now
        if was is not None and moved_on(was.escalation, now.escalation) and not renumbered:
            self.step_is_over(was, now, about)
        if now.escalation.phase in (
            EscalationPhase.OVER,
            EscalationPhase.LATER,
            EscalationPhase.QUIET,
        ):
            for gone in [turn for turn in self.turns if turn[0] == now.key]:
                del self.turns[gone]
        since = self.missed.get(now.key, {})
        people = now.escalation.missed if now.escalation.phase.seeking else ()
        self.missed[now.key] = {who: since.get(who, self.world.seconds) for who in people}

    def has_its_turn(self, now: Incident, leg: Page, about: str) -> None:
        """Nobody is rung for whom a hunt waits that comes first by level, plan and age. Two
        decisions that are taken at once do not know of each other."""
        asked = any(c.asked for c in now.escalation.candidates if c.engineer == leg.engineer)
        for key, people in self.missed.items():
            first = rank(self.rows.incidents[key]) < rank(now)
            since = self.world.seconds - people.get(leg.engineer, self.world.seconds)
            if first and since > AT_ONCE and not asked:
                self.broken(f"{leg.engineer} is rung although another caller comes first", about)

    def takes_turns(self, key: str, leg: Page, event: object, about: str) -> None:
        """No phone is rung again while its owner has one that was not rung since."""
        theirs = self.turns.setdefault((key, leg.engineer), set())
        asked_for = isinstance(event, events.CalledIn | events.CallWanted)
        if leg.to in theirs and not asked_for:
            self.broken(f"{leg.engineer} is rung again before each of their phones was", about)
        theirs.add(leg.to)
        if not self.phones_left(theirs, leg.engineer):
            theirs.clear()

    def step_is_over(self, was: Incident, now: Incident, about: str) -> None:
        """Looked at when the hunt goes to the next step: of its people, whose phone rings has none
        left. Somebody who was freed in a pause is rung beside the step, and belongs to none."""
        of_step = {c.engineer for c in was.escalation.candidates if not c.extra}
        for leg in now.legs():
            rung = self.turns.get((now.key, leg.engineer))
            if leg.state in RINGS and was.page(leg.id) and rung and leg.engineer in of_step:
                self.broken(f"a step ended before each phone of {leg.engineer} was rung", about)

    def phones_left(self, rung: set[str], person: str) -> set[str]:
        """The phones of this person that are none of these."""
        return set(phones_of(self.night.people.lines["main"], person)) - rung

    def timer(self, was: Incident, now: Incident, at: dt.datetime, about: str) -> None:
        """A timer ends no pause before its time, and takes nothing from who has dealt with it."""
        resumes_at = was.escalation.resumes_at
        paused = (
            was.escalation.phase in (EscalationPhase.RESTING, EscalationPhase.BREATH)
            and resumes_at is not None
        )
        paused = paused and self.world.seconds - self.night.machines.set_at > 2 * LONGEST_PAUSE
        if paused and now.escalation.phase.moving and at + 2 * SKEW < (resumes_at or at):
            self.broken("a pause was cut short by an older timer", about)
        if (
            was.reached
            and was.state is IncidentState.ACKNOWLEDGED
            and now.state is IncidentState.OPEN
        ):
            self.broken("an incident is taken from somebody who has reached the customer", about)

    def key(self, was: Incident, now: Incident, about: str) -> None:
        """A key takes nothing from somebody who has it, and for whom nobody else is rung."""
        had = (
            was.state is IncidentState.ACKNOWLEDGED and was.escalation.phase is EscalationPhase.OVER
        )
        if had and now.acknowledged_by not in (None, was.acknowledged_by):
            self.broken("an incident is taken from somebody who has it", about)

    def notices(self, before: Incident | None, after: Incident, about: str) -> None:
        """Nobody is told the same thing twice in a short time."""
        known = {page.id for page in before.pages} if before is not None else set()
        fresh = [p for p in after.pages if p.channel is Channel.SMS and p.id not in known]
        again_after = self.night.people.lines["main"].paging.again_after
        for page in fresh:
            if page.result is None and self.told_near(page, after.key, again_after):
                self.broken(f"{page.engineer} is told the same thing twice", about)

    def told_near(self, page: Page, key: str, near: dt.timedelta) -> bool:
        """True when the same person was told of the same incident just before; clocks differ."""
        others = self.rows.pages_of[key].values()
        theirs = (p for p in others if p.engineer == page.engineer and p.channel is page.channel)
        sent = (p for p in theirs if p.id != page.id and p.result is not PageResult.CANCELED)
        return any(abs(page.at - p.at) < near - 2 * SKEW for p in sent)

    def call(self, before: Case, after: Case, about: str) -> None:
        """Whoever is there is looked after; what is over stays over."""
        call, was = after.call, before.call
        if call is None:
            return
        if call.live and not self.due(jobs.CheckCall, call.id):
            self.broken("nobody will look whether this caller is still there", about)
        self.night.requests.begun(before, after, about)
        if was is not None and was.id != call.id:
            was = None  # a customer who was called, and joins
        change = (was.outcome if was else None, call.outcome)
        if change[0] not in (None, call.outcome) and change not in CORRECTED:
            self.broken(f"an outcome changed: {change[0]}, {change[1]}", about)
