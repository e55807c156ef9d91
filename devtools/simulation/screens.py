"""Beside the telephones: programs report matters, and people at a screen say what is to be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from devtools.simulation import cast
from devtools.simulation.company import READ
from devtools.simulation.world import Process, Story
from routing import events
from routing.call import Entitlement
from routing.caller.identify import build_identity, find_entitlement
from routing.incident import Incident, IncidentSource, IncidentState
from routing.message import Via
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
    """A portal that reports for customers, and the pages on which engineers see what is open."""

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
        if drawn < 0.5:
            return events.CallWanted(key, who, Via.CONSOLE)
        if drawn < 0.6:
            return events.AcknowledgedWithoutKey(key, who, Via.CONSOLE)
        if drawn < 0.75:
            return events.Reassigned(key, someone, who, Via.CONSOLE)
        over = events.Closed if incident.state is IncidentState.RESPONDED else events.Responded
        return over(key, who, Via.CONSOLE)
