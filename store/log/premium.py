"""Which incidents count as premium, by contract and contract year."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Table,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    select,
    true,
    union_all,
    update,
)

from routing.contracts import PremiumBundle, contract_year
from routing.incident import Incident
from routing.line import Line
from store.db.engine import reading
from store.db.prepared import Prepared
from store.tables.log import incidents, premium_archive
from store.tables.people import contracts, lines


def _year(table: Table) -> ColumnElement[bool]:
    """The rows of one contract year."""
    return and_(
        table.c.line == bindparam("line"),
        table.c.contract == bindparam("contract"),
        table.c.contract_year == bindparam("year"),
    )


_COUNTING = func.count().filter(incidents.c.premium)
_USED = select(_COUNTING, func.coalesce(func.max(incidents.c.premium_place), 0)).where(
    _year(incidents)
)
_ARCHIVED = select(premium_archive.c.used, premium_archive.c.highest_place).where(
    _year(premium_archive)
)
_USED_AND_ARCHIVED = Prepared(_USED.union_all(_ARCHIVED))


def count_premium(
    connection: Connection, line: str, contract: str, year: dt.date
) -> tuple[int, int]:
    """How many incidents count in this contract year, and the highest place given in it."""
    found = _USED_AND_ARCHIVED.rows(connection, line=line, contract=contract, year=year)
    return sum(used for used, _ in found), max(place for _, place in found)


def list_counted_incidents(
    engine: Engine, line: str, contract: str, year: dt.date
) -> Sequence[Incident]:
    """The stored incidents that count in this contract year, in the order of counting."""
    given = {"line": line, "contract": contract, "year": year}
    theirs = select(incidents.c.value).where(_year(incidents), incidents.c.premium)
    with reading(engine) as connection:
        return connection.scalars(theirs.order_by(incidents.c.premium_place), given).all()


def find_over_quota(connection: Connection, found: Sequence[Incident]) -> set[str]:
    """The keys of the incidents beyond the present bundle of their contract year."""
    mine, earlier = incidents, incidents.alias()
    rank = (
        select(func.count())
        .where(
            earlier.c.line == mine.c.line,
            earlier.c.contract == mine.c.contract,
            earlier.c.contract_year == mine.c.contract_year,
            earlier.c.premium_place <= mine.c.premium_place,
            earlier.c.premium,
        )
        .scalar_subquery()
    )
    before = (
        select(premium_archive.c.used)
        .where(
            premium_archive.c.line == mine.c.line,
            premium_archive.c.contract == mine.c.contract,
            premium_archive.c.contract_year == mine.c.contract_year,
        )
        .scalar_subquery()
    )
    theirs = (contracts.c.line == mine.c.line) & (contracts.c.number == mine.c.contract)
    keys = [incident.key for incident in found if incident.premium]
    if not keys:
        return set()
    place = (rank + func.coalesce(before, 0)).label("place")
    about = (contracts.c.plan, contracts.c.premium_incidents)
    wanted = select(mine.c.key, mine.c.line, place, *about).join(contracts, theirs)
    rows = connection.execute(wanted.where(mine.c.key.in_(keys))).all()
    plans = _read_plan_bundles(
        connection, {row.line for row in rows if row.premium_incidents is None}
    )
    return {row.key for row in rows if _is_beyond(row._mapping, plans)}


def _read_plan_bundles(
    connection: Connection, line_ids: Collection[str]
) -> dict[tuple[str, str], int | None]:
    """The premium incidents that each plan of these lines includes, by line and plan."""
    found = connection.execute(select(lines.c.id, lines.c.value).where(lines.c.id.in_(line_ids)))
    return {(row.id, plan.id): plan.premium_incidents for row in found for plan in row.value.plans}


def _is_beyond(row: Mapping[Any, Any], plans: Mapping[tuple[str, str], int | None]) -> bool:
    sold = row["premium_incidents"]
    if sold is None:
        sold = plans.get((row["line"], row["plan"]))
    return sold is not None and row["place"] > sold


def _sold_incidents(line: Line) -> ColumnElement[int | None]:
    """The premium incidents of a contract: its own number, else that of its plan; NULL without a
    limit."""
    included = {plan.id: cast(plan.premium_incidents, Integer) for plan in line.plans}
    by_plan = case(included, value=contracts.c.plan)
    return func.coalesce(contracts.c.premium_incidents, by_plan).label("premium_incidents")


def list_premium_years(
    engine: Engine, line: Line, contract: str | None = None
) -> Iterator[dict[str, Any]]:
    """Each contract year in which an incident was counted, of one contract or of all."""
    counted = func.count().filter(incidents.c.premium).label("used")
    year = (incidents.c.contract, incidents.c.contract_year)
    lived = select(*year, counted).where(incidents.c.line == line.id, year[1].is_not(None))
    gone = select(
        premium_archive.c.contract, premium_archive.c.contract_year, premium_archive.c.used
    ).where(premium_archive.c.line == line.id)
    both = union_all(lived.group_by(*year), gone).subquery()
    about = (contracts.c.customer, _sold_incidents(line))
    theirs = (contracts.c.line == line.id) & (contracts.c.number == both.c.contract)
    which = (both.c.contract, both.c.contract_year)
    wanted = (
        select(*which, *about, cast(func.sum(both.c.used), Integer).label("used"))
        .join(contracts, theirs, isouter=True)
        .where(true() if contract is None else both.c.contract == contract)
        .group_by(*which, contracts.c.customer, contracts.c.plan, contracts.c.premium_incidents)
        .order_by(*which)
    )
    with reading(engine) as connection:
        found = connection.execute(wanted).all()
    yield from (dict(row._mapping) for row in found)


A_YEAR = dt.timedelta(days=367)
"""A contract year that includes a day began at most so long before it."""

MOST_CONTRACTS = 300
"""The incidents with the highest places whose contracts' bundles are read."""


@dataclass(frozen=True, slots=True)
class BundleUse:
    """The present bundle of a contract, which has a limit: ``sold``."""

    contract: str
    customer: str
    sold: int
    bundle: PremiumBundle


def find_used_bundles(engine: Engine, line: Line, day: dt.date, most: int) -> Sequence[BundleUse]:
    """The contracts that have used their present bundle; those nearest its end come first. Those
    without a limit are left out."""
    with reading(engine) as connection:
        numbers = _find_heavy_users(connection, line.id, day)
        used = _count_used(connection, line.id, day, numbers)
        known = (contracts.c.number, contracts.c.customer, contracts.c.valid_from)
        wanted = select(*known, _sold_incidents(line)).where(
            contracts.c.line == line.id, contracts.c.number.in_(numbers)
        )
        found = [
            BundleUse(
                row.number,
                row.customer,
                row.premium_incidents,
                PremiumBundle(year, row.premium_incidents, used[row.number, year]),
            )
            for row in connection.execute(wanted)
            if row.premium_incidents is not None
            if (row.number, year := contract_year(row.valid_from, day)) in used
        ]
    return sorted(found, key=_nearness)[:most]


def _find_heavy_users(connection: Connection, line: str, day: dt.date) -> Sequence[str]:
    """The contracts with the highest places in a year that may include the day."""
    lived, gone = incidents.c, premium_archive.c
    highest = (
        select(lived.contract)
        .where(lived.line == line, lived.contract_year > day - A_YEAR)
        .order_by(lived.premium_place.desc())
        .limit(MOST_CONTRACTS)
    )
    archived = (
        select(gone.contract)
        .where(gone.line == line, gone.contract_year > day - A_YEAR)
        .order_by(gone.highest_place.desc())
        .limit(MOST_CONTRACTS)
    )
    found = [*connection.scalars(highest), *connection.scalars(archived)]
    return sorted({contract for contract in found if contract is not None})


def _count_used(
    connection: Connection, line: str, day: dt.date, numbers: Sequence[str]
) -> Counter[tuple[str, dt.date]]:
    """Counted incidents of these contracts by contract year, deleted ones included."""

    def theirs(table: Table) -> ColumnElement[bool]:
        recent = table.c.contract_year > day - A_YEAR
        return and_(table.c.line == line, table.c.contract.in_(numbers), recent)

    year = (incidents.c.contract, incidents.c.contract_year)
    lived = select(*year, func.count().label("used")).where(theirs(incidents), incidents.c.premium)
    used: Counter[tuple[str, dt.date]] = Counter()
    for wanted in (lived.group_by(*year), select(premium_archive).where(theirs(premium_archive))):
        for row in connection.execute(wanted):
            used[row.contract, row.contract_year] += row.used
    return used


def _nearness(one: BundleUse) -> tuple[int, int, str]:
    return (one.sold - one.bundle.used, -one.bundle.used, one.contract)


def archive_incident(connection: Connection, incident: Incident) -> None:
    """Add the incident to the archive of its contract year, before its row is deleted."""
    if incident.counted is None:
        return
    year = (
        premium_archive.c.line == incident.line,
        premium_archive.c.contract == incident.contract,
        premium_archive.c.contract_year == incident.counted.year,
    )
    known = connection.execute(select(premium_archive).where(*year).with_for_update()).first()
    used, place = int(incident.premium), incident.counted.place
    if known is None:
        row: dict[str, Any] = {"line": incident.line, "contract": incident.contract}
        row |= {"contract_year": incident.counted.year, "used": used, "highest_place": place}
        connection.execute(insert(premium_archive), row)
        return
    total = {"used": known.used + used, "highest_place": max(known.highest_place, place)}
    connection.execute(update(premium_archive).where(*year).values(total))
