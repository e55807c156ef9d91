"""Events of a call that the customer asked for in the portal: ``number`` is that of its leg."""

from __future__ import annotations

from dataclasses import dataclass

from routing.events.legs import Heard


@dataclass(frozen=True, slots=True)
class CustomerCallWanted:
    """The contact ``by`` asks to be called now, at their first number or at ``phone``."""

    incident: str
    by: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerLegHeard:
    """A status of the leg, from the request that places it or from a callback."""

    incident: str
    number: int
    heard: Heard
    sid: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerLegChecked:
    """The answer to our request for the status of the leg; None when it has no id yet."""

    incident: str
    number: int
    heard: Heard | None


@dataclass(frozen=True, slots=True)
class CustomerRangLongEnough:
    """The ring time of the leg has passed."""

    incident: str
    number: int


@dataclass(frozen=True, slots=True)
class CustomerListens:
    """The customer, or a machine, answered the leg; the carrier asks for the first document."""

    incident: str
    number: int
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerKeyed:
    """A key on the leg, or none in time."""

    incident: str
    number: int
    turn: int
    key: str | None
    sid: str | None = None


CustomerLegStatus = CustomerLegHeard | CustomerLegChecked | CustomerRangLongEnough
CustomerLegEvent = CustomerLegStatus | CustomerListens | CustomerKeyed
