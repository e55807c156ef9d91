"""Counters and heartbeats of all processes, in the database: any process can answer a scrape."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Engine, and_, bindparam, delete, func, insert, select, update

from routing.call import Call
from routing.drill import SUFFIX as DRILL
from routing.jobs import UNHURRIED
from store.db.engine import reading, writing
from store.db.prepared import Prepared
from store.db.sql_types import UtcDateTime, build_insert
from store.tables.log import calls, counters
from store.tables.work import heartbeats, jobs, processes

BUCKETS = (5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800)
"""Seconds of waiting: the upper bounds of a histogram."""

DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds that a request or a job takes: the upper bounds of a histogram."""

BEYOND = "inf"
LAG = dt.timedelta(seconds=15)
"""A call is counted so long after its end, when every process has stored what it knows."""

LONGEST_CALL = dt.timedelta(hours=5)
"""The carrier ends every call by then, so no call that ended lately started before."""

_FIGURE = "figure "
_COUNTED = "figures counted"
_EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class Counters:
    """Counts by name, in the table that also has the last incident number."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def add(self, counts: Mapping[str, int]) -> None:
        """Add to the counts of all processes."""
        with writing(self._engine) as connection:
            _add(connection, counts)

    def read(self) -> Mapping[str, int]:
        """All counts so far."""
        named = counters.c.name.startswith(_FIGURE)
        with reading(self._engine) as connection:
            found = connection.execute(select(counters.c.name, counters.c.value).where(named))
            return {row.name.removeprefix(_FIGURE): row.value for row in found}

    def count_calls(self, now: dt.datetime) -> None:
        """Count the calls that ended since the last time; each is counted once."""
        until = int((now - LAG - _EPOCH).total_seconds())
        with writing(self._engine) as connection:
            mark = select(counters.c.value).where(counters.c.name == _COUNTED).with_for_update()
            since = connection.scalar(mark)
            if since is None:
                connection.execute(insert(counters), {"name": _COUNTED, "value": until})
                return
            if since >= until:
                return
            moved = update(counters).where(counters.c.name == _COUNTED)
            connection.execute(moved.values(value=until))
            start, end = (_EPOCH + dt.timedelta(seconds=second) for second in (since, until))
            ended = select(calls.c.value).where(
                calls.c.started_at > start - LONGEST_CALL,
                calls.c.ended_at > start,
                calls.c.ended_at <= end,
                calls.c.line.not_like(f"%{DRILL}"),
            )
            _add(connection, _counted(connection.scalars(ended)))

    def overdue(self, now: dt.datetime, by: dt.timedelta) -> int:
        """How many jobs have been due for longer than this."""
        undone = (jobs.c.done_at.is_(None), jobs.c.lane.not_in(UNHURRIED))
        late = (*undone, jobs.c.due_at <= now - by)
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(jobs).where(*late)) or 0


def _counted(ended: Iterable[Call]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for call in ended:
        counts[f"calls {call.outcome}"] += 1
        if call.ended_at is not None:
            end = call.answered_at or call.ended_at
            _observe(counts, "waits", call, end)
        if call.answered_at is not None:
            _observe(counts, "human", call, call.answered_at)
    return counts


def _observe(counts: Counter[str], name: str, call: Call, end: dt.datetime) -> None:
    seconds = max(0.0, (end - call.started_at).total_seconds())
    place = bisect_left(BUCKETS, seconds)
    bucket = str(BUCKETS[place]) if place < len(BUCKETS) else BEYOND
    level = str(call.urgency or "none")
    counts[f"{name} {level} {bucket}"] += 1
    counts[f"{name} {level} sum"] += round(seconds)


def _add(connection: Connection, counts: Mapping[str, int]) -> None:
    """Add in one order, so that two processes never wait for each other."""
    fresh = build_insert(connection, counters)
    more = fresh.on_conflict_do_update(
        index_elements=["name"], set_={"value": counters.c.value + fresh.excluded.value}
    )
    for name, count in sorted(counts.items()):
        connection.execute(more, {"name": _FIGURE + name, "value": count})


_FORGOTTEN = dt.timedelta(hours=1)
_LATEST = Prepared(select(func.max(heartbeats.c.at)).where(heartbeats.c.kind == bindparam("kind")))
_BEAT = Prepared(
    update(heartbeats)
    .where(heartbeats.c.kind == bindparam("kind"), heartbeats.c.name == bindparam("whose"))
    .values(at=bindparam("now", type_=UtcDateTime))
)


class Heartbeats:
    """The last heartbeat of every process, by kind such as worker or clock."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def beat(self, kind: str, name: str, now: dt.datetime) -> None:
        """Record a heartbeat; those of the same kind that are an hour old are deleted."""
        gone = and_(heartbeats.c.kind == kind, heartbeats.c.at < now - _FORGOTTEN)
        with writing(self._engine) as connection:
            if not _BEAT.run(connection, kind=kind, whose=name, now=now):
                row = {"kind": kind, "name": name, "at": now}
                connection.execute(insert(heartbeats), row)
                connection.execute(delete(heartbeats).where(gone))

    def leave(self, kind: str, name: str) -> None:
        """Delete the heartbeat of a process that ends."""
        with writing(self._engine) as connection:
            connection.execute(
                delete(heartbeats).where(heartbeats.c.kind == kind, heartbeats.c.name == name)
            )

    def last(self, kind: str) -> dt.datetime | None:
        """The latest heartbeat of this kind."""
        with reading(self._engine) as connection:
            found: dt.datetime | None = _LATEST.scalar(connection, kind=kind)
            return found

    def living(self, kind: str, since: dt.datetime) -> list[str]:
        """The names of this kind with a heartbeat since then."""
        names = select(heartbeats.c.name).where(heartbeats.c.kind == kind, heartbeats.c.at > since)
        with reading(self._engine) as connection:
            return list(connection.scalars(names.order_by(heartbeats.c.name)))

    def newest(self, kind: str) -> tuple[str, dt.datetime] | None:
        """The name and time of the latest heartbeat of this kind."""
        latest = select(heartbeats.c.name, heartbeats.c.at).where(heartbeats.c.kind == kind)
        with reading(self._engine) as connection:
            row = connection.execute(latest.order_by(heartbeats.c.at.desc()).limit(1)).first()
            return None if row is None else (row.name, row.at)


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """What one process used at its last report, by the names of Prometheus."""

    kind: str
    host: str
    pid: int
    version: str
    python: str
    figures: Mapping[str, float]


class Processes:
    """The figures of every process: none of them but web has an address that could be asked."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def record(self, process: ProcessFigures, now: dt.datetime) -> None:
        """Replace the figures of a process; those that are an hour old are deleted."""
        row = asdict(process) | {"at": now}
        with writing(self._engine) as connection:
            fresh = build_insert(connection, processes)
            known = {"kind", "host", "pid"}
            changed = {name: fresh.excluded[name] for name in row.keys() - known}
            connection.execute(
                fresh.on_conflict_do_update(index_elements=sorted(known), set_=changed), row
            )
            gone = processes.c.at < now - _FORGOTTEN
            connection.execute(delete(processes).where(gone))

    def list_living(self, since: dt.datetime) -> list[ProcessFigures]:
        """The figures of each process that has reported since then."""
        columns = [column for column in processes.c if column.name != "at"]
        found = select(*columns).where(processes.c.at > since).order_by(*columns[:3])
        with reading(self._engine) as connection:
            return [ProcessFigures(**row) for row in connection.execute(found).mappings()]
