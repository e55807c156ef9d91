"""What people say became of an incident, and the strokes of its response clock."""

from __future__ import annotations

from dataclasses import dataclass

from routing.memo import How
from routing.request import Progress


@dataclass(frozen=True, slots=True)
class Responded:
    """The customer has been given a qualified answer."""

    incident: str
    by: str
    how: How
    why: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """The matter is done with."""

    incident: str
    by: str
    how: How
    why: str = ""


@dataclass(frozen=True, slots=True)
class WaitsForCustomer:
    """More was asked of the customer: ``what``. ``memo`` is the id under which that is kept."""

    incident: str
    by: str
    how: How
    what: str
    memo: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class CustomerReplied:
    """What the customer was asked for has come."""

    incident: str
    by: str
    how: How
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reassigned:
    """The incident is put in the name of engineer ``to``."""

    incident: str
    to: str
    by: str
    how: How
    why: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Somebody wrote something down; ``memo`` is its id, so that the same note comes but once."""

    incident: str
    by: str
    how: How
    words: str
    memo: str


@dataclass(frozen=True, slots=True)
class RequestCame:
    """A signature request has come so far: the customer is right, or the update can be had."""

    incident: str
    to: Progress
    by: str
    how: How
    why: str = ""


@dataclass(frozen=True, slots=True)
class ClockStruck:
    """A share, in percent, of the promised time is used up; void when the mark has changed."""

    incident: str
    mark: int
    share: int
