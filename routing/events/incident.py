"""What happens to an incident itself: timers, texts, people who become free."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from routing.call import Identity, Standing
from routing.incident import Result, Source
from routing.memo import How


@dataclass(frozen=True, slots=True)
class Lodged:
    """A program reports a matter of a customer: nobody is on the telephone. ``key`` is the id of
    the incident to be, so that the same report comes but once; ``phone`` is where the customer
    wants to be called; ``words`` say what it is about."""

    key: str
    line: str
    source: Source
    urgency: int
    language: str
    standing: Standing
    identity: Identity | None = None
    phone: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class PageSent:
    """What became of a text or an e-mail; ``sid`` is the carrier's id, ``why`` its reason."""

    page: str
    result: Result
    sid: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class TextedBack:
    """An engineer acknowledged the incident without a call: by text, link, or command."""

    incident: str
    engineer: str
    by: How = How.TEXT


@dataclass(frozen=True, slots=True)
class HuntDue:
    """A pause in the hunt is over."""

    incident: str
    mark: int


@dataclass(frozen=True, slots=True)
class PromiseDue:
    """Whoever acknowledged ``since`` then by text or link should have pressed a key by now."""

    incident: str
    engineer: str
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class DeskTurn:
    """It is the turn of this incident: whoever of these is at the desk is rung for it."""

    incident: str
    free: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineerFree:
    """Somebody who was busy with another incident is free."""

    incident: str
    engineer: str


@dataclass(frozen=True, slots=True)
class PremiumSet:
    """Somebody says that the incident is premium, or that it is not; ``by`` is who."""

    incident: str
    premium: bool
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallWanted:
    """Whoever has the incident wants to call the customer now, and is to be rung first."""

    incident: str
    engineer: str
    by: How = How.TEXT


@dataclass(frozen=True, slots=True)
class CodeTexted:
    """A text of an engineer's number carries this code."""

    incident: str
    engineer: str
    code: str


@dataclass(frozen=True, slots=True)
class CalledIn:
    """An engineer called the line about the incident from this number, and is to be rung there."""

    incident: str
    engineer: str
    phone: str | None
