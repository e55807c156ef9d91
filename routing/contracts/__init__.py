"""A premium support contract and the people who may call on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Plan(StrEnum):
    """What was sold: MSA Plus has premium incidents and priority, standard has neither."""

    MSA_PLUS = "msa_plus"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Contact:
    """A named contact: ``phones`` in E.164 select the contract, the PIN selects the contact."""

    name: str
    phones: tuple[str, ...]
    pin_hash: str
    language: str | None = None
    email: str | None = None
    ends: dt.date | None = None
    hears_of_releases: bool = False  # asked to be told when virus recognition is updated


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract; ``until`` counts to the end of that day in the line's zone, None is open."""

    number: str
    customer: str
    plan: Plan
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    premium_incidents: int = 12
    contacts: tuple[Contact, ...] = ()


# What a contract is entitled to: so many premium incidents in each year that it runs.


FEW = 3
"""From so many left on, the caller hears how many there are."""


@dataclass(frozen=True, slots=True)
class PremiumUse:
    """When an incident was counted, in the contract year that began on which day, and as the how
    manieth of that year; no two incidents of a contract have the same place in a year."""

    at: dt.datetime
    year: dt.date
    place: int


@dataclass(frozen=True, slots=True)
class PremiumBundle:
    """The premium incidents of one contract year: those sold, those that count, and those that
    were ever counted (some of which were set to standard later)."""

    year: dt.date
    sold: int
    used: int = 0
    places: int = 0

    @property
    def left(self) -> int:
        """How many there still are."""
        return max(0, self.sold - self.used)

    @property
    def over(self) -> int:
        """How many were taken beyond those sold."""
        return max(0, self.used - self.sold)


def contract_year(start: dt.date | None, day: dt.date) -> dt.date:
    """The first day of the contract year that holds this day; a contract that names no start day
    runs by calendar years, and one that starts on 29 February by 1 March in common years."""
    if start is None:
        return day.replace(month=1, day=1)
    this_year = _anniversary(start, day.year)
    return this_year if this_year <= day else _anniversary(start, day.year - 1)


def _anniversary(start: dt.date, year: int) -> dt.date:
    if (start.month, start.day) == (2, 29) and not _leap(year):
        return dt.date(year, 3, 1)
    return start.replace(year=year)


def _leap(year: int) -> bool:
    return dt.date(year, 3, 1) - dt.date(year, 2, 1) == dt.timedelta(days=29)


# The contacts who asked to hear when virus recognition is updated.


@dataclass(frozen=True, slots=True)
class ReleaseSubscriber:
    """One of them; ``id`` grows in the order in which they are read."""

    id: int
    contract: str
    contact: Contact


class SubscriberRepository(Protocol):
    """Read piece by piece, because there may be very many."""

    def subscribers(
        self, line_id: str, plan: Plan, today: dt.date, after: int = 0
    ) -> Sequence[ReleaseSubscriber]:
        """Those whose contract is of this plan and holds today, from the one after this id on;
        none when there are no more."""


def holds(contract: Contract, today: dt.date) -> bool:
    """True on the days of a contract, its first and last included."""
    begun = contract.valid_from is None or contract.valid_from <= today
    return begun and (contract.valid_until is None or contract.valid_until >= today)
