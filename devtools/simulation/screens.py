"""Beside the telephones: customers write by portal and mail, and people sit at a screen.

What is delivered is delivered until the line has confirmed it, and now and then once more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from devtools.simulation import cast
from devtools.simulation.company import READ
from devtools.simulation.world import Process, Story
from routing import events
from routing.call import Entitlement, Stage
from routing.caller.identify import build_identity, find_entitlement
from routing.correspondence import Author, Upload
from routing.decision import Case
from routing.incident import (
    ClockState,
    EscalationPhase,
    Incident,
    IncidentKind,
    IncidentSource,
    IncidentState,
)
from routing.journal import JournalEvent
from routing.line import Channel
from routing.message import Via
from routing.page import LegState
from routing.phone_numbers import normalise

if TYPE_CHECKING:
    from devtools.simulation.night import Night

CALLS_A_REPORT = 8
"""So many customers call for one who writes."""

BETWEEN = (20.0, 120.0)
"""Seconds from one thing that somebody at a screen does to the next."""

READS_IT = (2.0, 20.0)
"""Seconds after which an engineer who is given an incident wants to call its customer."""


class Screens:
    """A program that reports for customers, and the pages on which engineers see what is open."""

    def __init__(self, night: Night) -> None:
        """Nobody has said anything yet."""
        self.night, self.world, self.chance = night, night.world, night.world.chance
        self.accepted: set[str] = set()
        self.phones: dict[str, str | None] = {}

    def begin(self, calls: int, seconds: float) -> None:
        """For so many seconds."""
        for _ in range(calls // CALLS_A_REPORT):
            self.world.later(self.chance.random() * seconds, self._report)
        at = self.chance.uniform(*BETWEEN)
        while at < seconds:
            self.world.later(at, self._look)
            at += self.chance.uniform(*BETWEEN)

    def _report(self) -> None:
        n, known = self.chance.randrange(12), self.chance.random() < 0.8
        contract = cast.contract(n)
        (line,) = self.night.people.lines.values()
        worth = find_entitlement(contract, line, self.world.now)
        event = events.Lodged(
            key=self.chance.randbytes(16).hex(),
            line="main",
            source=IncidentSource.PORTAL,
            urgency=int(self.chance.choice("11234")),
            language=contract.contacts[0].language or "nl",
            entitlement=worth if known else Entitlement.UNVERIFIED,
            identity=build_identity(contract, contract.contacts[0], worth, line) if known else None,
            phone=normalise(cast.shown(self.chance, n), "NL"),
        )
        Process(self.world, self._insists(event))

    def _insists(self, event: events.Lodged) -> Story:
        """A program reports again until it hears that the line has it."""
        self.phones[event.key] = event.phone
        what, happen = f"a report, {event.key[:6]}", partial(self.night.desk.lodged, event)
        company, weather = self.night.company, self.night.machines.weather
        while not company.happens(what, happen) or self.world.likely(weather.unheard):
            yield READ
        self.accepted.add(event.key)

    def _look(self) -> None:
        kept = self.night.book.rows.incidents.values()
        there = [incident for incident in kept if incident.state is not IncidentState.CLOSED]
        if there:
            event = self._said_of(self.chance.choice(there))
            self._say(event)
            if isinstance(event, events.Reassigned):
                calls = events.CallWanted(event.incident, event.to, Via.CONSOLE)
                self.world.later(self.chance.uniform(*READS_IT), lambda: self._say(calls))

    def _say(self, event: events.IncidentEvent) -> None:
        what = f"{type(event).__name__}, {event.incident[:6]}, at a screen"
        story = self.night.company.told(what, partial(self.night.desk.happen, event))
        Process(self.world, story)

    def _said_of(self, incident: Incident) -> events.IncidentEvent:
        """Something that the page of an incident offers; the line says whether it can be."""
        key, someone = incident.key, self.chance.choice(cast.ENGINEERS).id
        who = incident.acknowledged_by or someone
        drawn = self.chance.random()
        if drawn < 0.06:  # the customer's own page
            return events.RaisedByCustomer(key, Via.PORTAL)
        if drawn < 0.1:
            return events.SolvedByCustomer(key, Via.PORTAL)
        if drawn < 0.5:
            return events.CallWanted(key, who, Via.CONSOLE)
        if drawn < 0.6:
            return events.AcknowledgedWithoutKey(key, who, Via.CONSOLE)
        if drawn < 0.75:
            return events.Reassigned(key, someone, who, Via.CONSOLE)
        over = events.Closed if incident.state is IncidentState.RESPONDED else events.Responded
        return over(key, who, Via.CONSOLE)


# What customers and staff write to each other, and two reports of one matter.

WRITTEN = (10.0, 60.0)
"""Seconds from one thing that somebody writes to the next."""

RINGING = (LegState.PLACING, LegState.RINGING)

LARGEST = 100
"""Bytes of a file."""


def due_by(incident: Incident) -> dt.datetime | None:
    """When its response is due, while its clock runs."""
    if incident.clock.state is not ClockState.RUNNING:
        return None
    return incident.respond_by


class Letters:
    """Portal and mail, and what must hold of what they bring."""

    def __init__(self, night: Night) -> None:
        """Nobody has written anything yet."""
        self.night, self.world, self.rows = night, night.world, night.book.rows
        self.chance = Random(f"{night.seed} letters")
        self.lodged: dict[str, events.Lodged] = {}
        self.accepted: set[str] = set()  # the keys, and the ids of messages
        self.due_by: dict[str, dt.datetime | None] = {}  # of those that were merged

    def begin(self, seconds: float) -> None:
        """For so many seconds."""
        at = self.chance.uniform(*WRITTEN)
        while at < seconds:
            self.world.later(at, self._write)
            at += self.chance.uniform(*WRITTEN)

    def _write(self) -> None:
        drawn = self.chance.random()
        known = list(self.rows.incidents.values())
        if drawn < 0.25 or not known:
            self._lodge()
        elif drawn < 0.6:
            self._say(self._written_about(self.chance.choice(known)))
        elif drawn < 0.75:
            self._say(self._answered(self.chance.choice(known)))
        else:
            self._merge(self.chance.choice(known))

    def _lodge(self) -> None:
        n, known = self.chance.randrange(12), self.chance.random() < 0.8
        contract = cast.contract(n)
        (line,) = self.night.people.lines.values()
        worth = find_entitlement(contract, line, self.world.now)
        by_mail, request = self.chance.random() < 0.5, self.chance.random() < 0.1
        urgency = 3 if request else int(self.chance.choice("11234"))
        event = events.Lodged(
            key=self.chance.randbytes(16).hex(),
            line="main",
            source=IncidentSource.EMAIL if by_mail else IncidentSource.PORTAL,
            urgency=urgency,
            language=contract.contacts[0].language or "nl",
            entitlement=worth if known else Entitlement.UNVERIFIED,
            identity=build_identity(contract, contract.contacts[0], worth, line) if known else None,
            words="nothing works",
            by="somebody",
            kind=IncidentKind.SIGNATURE_REQUEST if request else IncidentKind.INCIDENT,
            files=self._upload(contract.number if known else None),
            rings=not by_mail or self.chance.random() < 0.2,
        )
        self.lodged[event.key] = event
        deliver = partial(self.night.desk.lodged, event)
        Process(self.world, self._insists(event.key, f"lodged, {event.key[:6]}", deliver))

    def _upload(self, contract: str | None) -> tuple[str, ...]:
        if self.chance.random() < 0.7:
            return ()
        upload = Upload("main", "a.log", "text/plain", Author.CUSTOMER, "x", Via.PORTAL, contract)
        correspondence = self.night.book.correspondence
        return (correspondence.write_file(upload, [b"log"], LARGEST, self.world.now).id,)

    def _written_about(self, incident: Incident) -> events.CustomerWrote:
        return events.CustomerWrote(
            incident.key,
            self.chance.randbytes(16).hex(),
            incident.contact or "somebody",
            self.chance.choice((Via.PORTAL, Via.EMAIL)),
            "it is worse now",
            self._upload(incident.contract),
            verified=self.chance.random() < 0.8,
        )

    def _answered(self, incident: Incident) -> events.AnsweredCustomer:
        return events.AnsweredCustomer(
            incident.key,
            self.chance.randbytes(16).hex(),
            incident.acknowledged_by or self.chance.choice(cast.ENGINEERS).id,
            Via.CONSOLE,
            "please restart it",
            responds=self.chance.random() < 0.3,
        )

    def _say(self, event: events.CustomerWrote | events.AnsweredCustomer) -> None:
        deliver = partial(self.night.desk.happen, event)
        what = f"{type(event).__name__}, {event.incident[:6]}"
        Process(self.world, self._insists(event.message_id, what, deliver))

    def _merge(self, incident: Incident) -> None:
        theirs = [one for one in self.rows.incidents.values() if one.contract == incident.contract]
        into = self.chance.choice(theirs)
        event = events.Merged(incident.key, into.key, "duty_manager", Via.CONSOLE)
        what = f"{incident.key[:6]} is merged into {into.key[:6]}"
        story = self.night.company.told(what, partial(self.night.desk.happen, event))
        Process(self.world, story)

    def _insists(self, name: str, what: str, deliver: Callable[[], object]) -> Story:
        """Delivered again until the line has confirmed it, and now and then once more."""
        company, weather = self.night.company, self.night.machines.weather
        while not company.happens(what, deliver) or self.world.likely(weather.unheard):
            yield READ
        self.accepted.add(name)
        if self.chance.random() < 0.3:
            yield READ
            company.happens(f"{what}, again", deliver)

    # What must hold.

    def looked_at(
        self, before: Case, after: Case, event: events.Event | object, about: str
    ) -> None:
        """One incident for each key, nobody is woken by a mail, and a merge leaves nothing over."""
        was, now = before.incident, after.incident
        if now is None:
            return
        if isinstance(event, events.Lodged) and event.key in self.lodged:
            self._opened(event, now, about)
        if now.merged_into is not None:
            if isinstance(event, events.CustomerWrote | events.AnsweredCustomer):
                self.broken("what is written goes to a merged incident", about)
            if was is not None and was.merged_into is None:
                self.due_by[now.key] = due_by(was)
            self._is_merged(now, about)
        if was is not None and was.merged != now.merged:
            self._goes_on(was, now, about)
        self._counts_once(now, about)

    def _opened(self, event: events.Lodged, now: Incident, about: str) -> None:
        legs = [page for page in now.pages if page.channel is Channel.CALL]
        if event.urgency > 1 or event.entitlement is not Entitlement.ENTITLED:
            return
        if event.rings and not now.escalation.phase.seeking:
            self.broken("nobody is sought for a level 1 that came by the portal", about)
        if not event.rings and (legs or now.escalation.phase.seeking):
            self.broken("a mail rings somebody", about)

    def _is_merged(self, now: Incident, about: str) -> None:
        if now.state is not IncidentState.CLOSED or now.clock.state is ClockState.RUNNING:
            self.broken("a merged incident goes on by itself", about)
        if now.escalation.phase not in (EscalationPhase.OVER, EscalationPhase.QUIET):
            self.broken("people are sought for a merged incident", about)
        if any(leg.state in RINGING for leg in now.legs()):
            self.broken("a telephone rings for a merged incident", about)

    def _goes_on(self, was: Incident, now: Incident, about: str) -> None:
        (key, *_) = [key for key in now.merged if key not in was.merged]
        merged = self.rows.incidents[key]
        if now.urgency > merged.urgency:
            self.broken("the level of a merged incident is lost", about)
        theirs = [call for call in self.rows.calls.values() if call.incident == key]
        if any(call.holds or call.stage is Stage.BRIDGED for call in theirs):
            self.broken("a caller waits for a merged incident", about)
        if now.clock.state is ClockState.RUNNING:
            due = [at for at in (due_by(was), self.due_by.get(key)) if at is not None]
            if now.respond_by != min(due, default=now.respond_by):
                self.broken("of two clocks the later one goes on", about)

    def _counts_once(self, now: Incident, about: str) -> None:
        matter = [self.rows.incidents[key] for key in now.merged]
        if sum(one.premium for one in (now, *matter)) > 1:
            self.broken("one matter counts twice", about)

    def in_the_end(self) -> None:
        """What the line has accepted is there, once."""
        stored = self.rows.customer_messages
        names = self.rows.incidents.keys() | stored.keys()
        if lost := self.accepted - names:
            self.broken("something that was written and accepted is gone", min(lost))
        first = [m.incident for m in stored.values() if m.words == "nothing works"]
        if len(first) != len(set(first)):
            self.broken("the words of a report were stored twice", max(first))
        if missing := (self.accepted & self.lodged.keys()) - set(first):
            self.broken("the words of a report are gone", min(missing))
        told = [entry.event for _, _, entry in self.rows.journal]
        wrote = [m for m in stored.values() if m.words == "it is worse now"]
        if told.count(JournalEvent.CUSTOMER_WROTE) != len(wrote):
            self.broken("a message of a customer was taken twice", "letters")
        for message in stored.values():
            for file_id in message.files:
                if self.rows.files[file_id].incident != message.incident:
                    self.broken("a file is not with its message", file_id)

    def broken(self, what: str, about: str) -> None:
        """Something that must hold does not."""
        self.night.invariants.broken(what, about)
