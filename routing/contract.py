"""A premium support contract and the people who may call on it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


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
    since: dt.date | None = None
    until: dt.date | None = None
    premium_incidents: int = 12
    contacts: tuple[Contact, ...] = ()
