"""The contacts who asked to hear when virus recognition is updated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from routing.contract import Contact, Contract, Plan


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One of them; ``id`` grows in the order in which they are read."""

    id: int
    contract: str
    contact: Contact


class Subscribers(Protocol):
    """Read piece by piece, because there may be very many."""

    def subscribers(
        self, line_id: str, plan: Plan, today: dt.date, after: int = 0
    ) -> Sequence[Subscriber]:
        """Those whose contract is of this plan and holds today, from the one after this id on;
        none when there are no more."""


def holds(contract: Contract, today: dt.date) -> bool:
    """True on the days of a contract, its first and last included."""
    begun = contract.since is None or contract.since <= today
    return begun and (contract.until is None or contract.until >= today)
