"""Whoever is on the line now, how long they have waited, and who is being tried for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from routing.call import Call
from routing.incident import LegState, Page
from routing.line import Line
from routing.schedule.escalation import name_of
from store.present import Present


@dataclass(frozen=True, slots=True)
class Tried:
    """Somebody whose telephone the line has called; without a name it is the last resort."""

    name: str
    state: LegState
    since: dt.timedelta


@dataclass(frozen=True, slots=True)
class Caller:
    """A call that lives. ``waited`` ends when somebody took the call."""

    call: Call
    engineer: str
    incident: int | None
    waited: dt.timedelta
    tried: Sequence[Tried]


def callers(line: Line, present: Present, now: dt.datetime) -> list[Caller]:
    """Everybody on the line, whoever called first at the top."""
    return [_caller(line, present, call, now) for call in present.calls]


def tried(line: Line, legs: Sequence[Page], now: dt.datetime) -> list[Tried]:
    """The people whose telephones ring or are talked on for an incident."""
    return [Tried(name_of(line, leg.engineer), leg.state, now - leg.at) for leg in legs]


def _caller(line: Line, present: Present, call: Call, now: dt.datetime) -> Caller:
    incident = present.incident_of(call)
    number = incident.number if incident is not None else None
    legs = present.legs.get(call.incident or "", ())
    waited = (call.answered_at or now) - call.started_at
    return Caller(call, name_of(line, call.engineer), number, waited, tried(line, legs, now))
