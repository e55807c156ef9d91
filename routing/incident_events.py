"""What happens to an incident itself: timers, texts, people who become free."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from routing.call import Entitlement, Identity, RequestProgress
from routing.incident import IncidentSource
from routing.message import Via
from routing.page import PageResult


@dataclass(frozen=True, slots=True)
class Lodged:
    """A program reports a matter of a customer: nobody is on the telephone. ``key`` is the id of
    the incident to be, so that the same report comes but once; ``phone`` is where the customer
    wants to be called; ``words`` say what it is about."""

    key: str
    line: str
    source: IncidentSource
    urgency: int
    language: str
    standing: Entitlement
    identity: Identity | None = None
    phone: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class PageSent:
    """What became of a text or an e-mail; ``sid`` is the carrier's id, ``why`` its reason."""

    page: str
    result: PageResult
    sid: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class TextedBack:
    """An engineer acknowledged the incident without a call: by text, link, or command."""

    incident: str
    engineer: str
    by: Via = Via.TEXT


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
    by: Via = Via.TEXT


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


# What people say became of an incident, and the strokes of its response clock.


@dataclass(frozen=True, slots=True)
class Responded:
    """The customer has been given a qualified answer."""

    incident: str
    by: str
    how: Via
    why: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """The matter is done with."""

    incident: str
    by: str
    how: Via
    why: str = ""


@dataclass(frozen=True, slots=True)
class WaitsForCustomer:
    """More was asked of the customer: ``what``. ``memo`` is the id under which that is kept."""

    incident: str
    by: str
    how: Via
    what: str
    memo: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class CustomerReplied:
    """What the customer was asked for has come."""

    incident: str
    by: str
    how: Via
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reassigned:
    """The incident is put in the name of engineer ``to``."""

    incident: str
    to: str
    by: str
    how: Via
    why: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Somebody wrote something down; ``memo`` is its id, so that the same note comes but once."""

    incident: str
    by: str
    how: Via
    words: str
    memo: str


@dataclass(frozen=True, slots=True)
class RequestCame:
    """A signature request has come so far: the customer is right, or the update can be had."""

    incident: str
    to: RequestProgress
    by: str
    how: Via
    why: str = ""


@dataclass(frozen=True, slots=True)
class ClockStruck:
    """A share, in percent, of the promised time is used up; void when the mark has changed."""

    incident: str
    mark: int
    share: int
