"""Which incidents count as premium, by contract and contract year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine, func, select, true

from routing.incident import Incident
from store.engine import reading
from store.rows import Row
from store.tables import contracts, incidents


class SqlEntitlement:
    """The part of the book that bundles are read from."""

    _engine: Engine

    def premium_used(self, line: str, contract: str, year: dt.date) -> tuple[int, int]:
        """How many incidents count in this contract year, and the highest place given in it."""
        theirs = (incidents.c.line == line, incidents.c.contract == contract)
        counting = func.count().filter(incidents.c.premium)
        found = select(counting, func.coalesce(func.max(incidents.c.place), 0))
        with reading(self._engine) as connection:
            row = connection.execute(found.where(*theirs, incidents.c.contract_year == year)).one()
            used, places = row
            return used, places


def over_quota(connection: Connection, found: Sequence[Incident]) -> set[str]:
    """The keys of those that count beyond the bundle of their contract year, as it is now."""
    mine, earlier = incidents, incidents.alias()
    rank = (
        select(func.count())
        .where(
            earlier.c.line == mine.c.line,
            earlier.c.contract == mine.c.contract,
            earlier.c.contract_year == mine.c.contract_year,
            earlier.c.place <= mine.c.place,
            earlier.c.premium,
        )
        .scalar_subquery()
    )
    sold = (contracts.c.line == mine.c.line) & (contracts.c.number == mine.c.contract)
    keys = [incident.key for incident in found if incident.premium]
    beyond = rank > contracts.c.premium_incidents
    wanted = select(mine.c.key).join(contracts, sold).where(mine.c.key.in_(keys), beyond)
    return set(connection.scalars(wanted)) if keys else set()


def premium_years(engine: Engine, line: str, contract: str | None = None) -> Iterator[Row]:
    """Each contract year in which an incident was counted, of one contract or of all."""
    used = func.count().filter(incidents.c.premium).label("used")
    sold = (contracts.c.line == incidents.c.line) & (contracts.c.number == incidents.c.contract)
    about = (contracts.c.customer, contracts.c.premium_incidents)
    year = (incidents.c.contract, incidents.c.contract_year)
    wanted = (
        select(*year, *about, used)
        .join(contracts, sold, isouter=True)
        .where(incidents.c.line == line, incidents.c.contract_year.is_not(None))
        .where(true() if contract is None else incidents.c.contract == contract)
        .group_by(*year, *about)
        .order_by(*year)
    )
    with reading(engine) as connection:
        found = connection.execute(wanted).all()
    yield from (dict(row._mapping) for row in found)
