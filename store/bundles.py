"""What contracts have used of the bundles that are running on a day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from routing.entitlement import Bundle, contract_year
from store.engine import reading
from store.tables import contracts, incidents, spent

A_YEAR = dt.timedelta(days=367)
"""No contract year that runs on a day began earlier before it."""

LOOKED_AT = 1000
"""Contracts that are looked at closely: those that used most."""


@dataclass(frozen=True, slots=True)
class InUse:
    """The bundle of one contract."""

    contract: str
    customer: str
    bundle: Bundle


def in_use(engine: Engine, line: str, day: dt.date, most: int) -> Sequence[InUse]:
    """The contracts that have used any of their running bundle; first those nearest its end."""
    with reading(engine) as connection:
        used = _used(connection, line, day)
        known = (contracts.c.number, contracts.c.customer, contracts.c.since)
        numbers = sorted({contract for (contract, _), _ in used.most_common(LOOKED_AT)})
        wanted = select(*known, contracts.c.premium_incidents.label("sold")).where(
            contracts.c.line == line, contracts.c.number.in_(numbers)
        )
        found = [
            InUse(row.number, row.customer, Bundle(year, row.sold, used[row.number, year]))
            for row in connection.execute(wanted)
            if (row.number, year := contract_year(row.since, day)) in used
        ]
    return sorted(found, key=_nearness)[:most]


def _used(connection: Connection, line: str, day: dt.date) -> Counter[tuple[str, dt.date]]:
    """What counts by contract and contract year, what is not kept any more included."""
    began = dt.datetime.combine(day - A_YEAR, dt.time(), dt.UTC)
    lived = select(incidents.c.contract, incidents.c.contract_year).where(
        incidents.c.line.concat("") == line,  # led by the time alone, as in store.served
        incidents.c.opened_at >= began,
        incidents.c.contract_year > day - A_YEAR,
        incidents.c.premium,
    )
    used = Counter((row.contract, row.contract_year) for row in connection.execute(lived))
    gone = select(spent).where(spent.c.line == line, spent.c.contract_year > day - A_YEAR)
    for row in connection.execute(gone):
        used[row.contract, row.contract_year] += row.used
    return used


def _nearness(one: InUse) -> tuple[int, int, str]:
    return (one.bundle.sold - one.bundle.used, -one.bundle.used, one.contract)
