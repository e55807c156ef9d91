"""The job queue in the database: what must still be done, and which process has it.

A job is pending, then queued (a worker has been notified), running, and finally done or given up.
``wakes_at`` is when the clock looks at it next: when it is due, or when its lease ends. A lease is
for one attempt, and attempts count up, so that an older holder can change nothing any more.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from routing.jobs import Command, Job, Lane, Lease, LeaseLostError
from store.db.engine import reading, writing
from store.db.sql_types import UtcDateTime
from store.tables.work import carrier_paces, heartbeats, jobs

QUEUED_FOR = dt.timedelta(seconds=0.5)
RUNNING_FOR = dt.timedelta(seconds=4.5)  # outlasts one request to the carrier
REST_FOR = dt.timedelta(seconds=12)  # outlasts one mail, or one recording
_UNDONE = jobs.c.done_at.is_(None)
_WAKING = and_(_UNDONE, jobs.c.wakes_at <= bindparam("now", type_=UtcDateTime))
_ANY_WAKING = select(jobs.c.id).where(_WAKING).limit(1)
_OF_LANE = {lane: jobs.c.id.startswith(f"{lane}-") for lane in Lane}
_LANE = case(*((theirs, lane.value) for lane, theirs in _OF_LANE.items()), else_=Lane.DECISIONS)
"""The id of a job begins with its lane, also of a kind that only a later version knows."""

_RANK = case(*((theirs, rank) for rank, theirs in enumerate(_OF_LANE.values())), else_=0)


def lease_duration(lane: Lane) -> dt.timedelta:
    """How long an attempt may take before another process makes the next."""
    if lane is Lane.REST:
        return REST_FOR
    return RUNNING_FOR


def write_jobs(connection: Connection, wanted: Sequence[Job], at: dt.datetime) -> Sequence[str]:
    """Write jobs; return the ids of those due, which are queued for the notifier."""
    rows = [_row(job, at) for job in wanted]
    if rows:
        connection.execute(insert(jobs), rows)
    return [row["id"] for row in rows if row["state"] == "queued"]


def plan_jobs(engine: Engine, planned: Sequence[Job], at: dt.datetime) -> Sequence[str]:
    """Write jobs that have a name, each name once whichever process plans it; return the ids of
    those due."""
    names = [job.name for job in planned]
    if not names:
        return ()
    with reading(engine) as connection:
        known = set(connection.scalars(select(jobs.c.id).where(jobs.c.id.in_(names))))
    due: list[str] = []
    for job in planned:
        if job.name in known:
            continue
        with suppress(IntegrityError), writing(engine) as connection:  # another process was faster
            due += write_jobs(connection, [job], at)
    return due


def finish_job(connection: Connection, lease: Lease, at: dt.datetime) -> None:
    """Record that the job is done, together with what else this transaction writes; raises
    LeaseLostError."""
    ended = update(jobs).where(_held(lease), jobs.c.state == "running")
    if not connection.execute(ended.values(state="done", done_at=at)).rowcount:
        raise LeaseLostError


class JobQueue:
    """The jobs, as the clock and the workers use them."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def unclaimed(self, now: dt.datetime, limit: int = 500) -> Sequence[Lease]:
        """Jobs that were queued and not started in time: in Redis they still wait, or are lost."""
        found = select(jobs.c.id, jobs.c.attempt).where(_WAKING, jobs.c.state == "queued")
        with reading(self._engine) as connection:
            rows = connection.execute(found.limit(limit), {"now": now})
            return [Lease(row.id, row.attempt) for row in rows]

    def extend(self, leases: Iterable[Lease], now: dt.datetime) -> None:
        """Leave these queued for longer."""
        with writing(self._engine) as connection:
            for lease in leases:
                waits = and_(_held(lease), jobs.c.state == "queued")
                connection.execute(update(jobs).where(waits).values(wakes_at=now + QUEUED_FOR))

    def waking(self, now: dt.datetime) -> bool:
        """True when there is something to lease or to extend; takes no lock."""
        with reading(self._engine) as connection:
            return connection.scalar(_ANY_WAKING, {"now": now}) is not None

    def lanes(self, now: dt.datetime, due_by: dt.datetime) -> Sequence[Lane]:
        """The lanes of waiting jobs that were due by then, most urgent first."""
        wanted = and_(_WAKING, jobs.c.due_at <= due_by)
        with reading(self._engine) as connection:
            found = connection.scalars(select(_LANE).where(wanted).distinct(), {"now": now})
            return sorted(map(Lane, found), key=list(Lane).index)

    def lease(
        self,
        now: dt.datetime,
        limit: int = 100,
        due_by: dt.datetime | None = None,
        lane: Lane | None = None,
    ) -> Sequence[Lease]:
        """Lease due jobs, and jobs whose lease has ended: by lane, and the oldest first. Only
        those due by ``due_by`` and of this ``lane``, if given."""
        these = true() if lane is None else _LANE.in_([lane])
        wanted = and_(_WAKING, jobs.c.due_at <= (due_by or now), these)
        due = select(jobs.c.id).where(wanted).order_by(_RANK, jobs.c.wakes_at).limit(limit)
        with writing(self._engine) as connection:
            ours = connection.scalars(due.with_for_update(skip_locked=True), {"now": now}).all()
            taken = (
                update(jobs)
                .where(jobs.c.id.in_(ours))
                .values(state="queued", attempt=jobs.c.attempt + 1, wakes_at=now + QUEUED_FOR)
                .returning(_RANK, jobs.c.due_at, jobs.c.id, jobs.c.attempt)
            )
            return [Lease(*row[2:]) for row in sorted(connection.execute(taken).all())]

    def claim(self, lease: Lease, now: dt.datetime) -> Command | None:
        """Start this attempt; None when another process has the job, or it is done."""
        return self._change(lease, "queued", {"state": "running", "wakes_at": _ends(now)})

    def hold(self, lease: Lease, now: dt.datetime) -> bool:
        """Extend this attempt as if it started now; False when the lease was lost."""
        return self._change(lease, "running", {"wakes_at": _ends(now)}) is not None

    def done(self, lease: Lease, now: dt.datetime) -> bool:
        """Record that the job is done; False when the lease was lost."""
        return self._change(lease, "running", {"state": "done", "done_at": now}) is not None

    def retry(self, lease: Lease, at: dt.datetime, reason: str) -> bool:
        """Record a failure, and try again at this time; False when the lease was lost."""
        again = {"state": "pending", "wakes_at": at, "last_error": reason}
        return self._change(lease, "running", again) is not None

    def put_back(self, lease: Lease, at: dt.datetime) -> bool:
        """Do it at this time instead; no attempt was made. False when the lease was lost."""
        again = {"state": "pending", "wakes_at": at, "attempt": jobs.c.attempt - 1}
        return self._change(lease, "running", again) is not None

    def give_up(self, lease: Lease, now: dt.datetime, reason: str) -> bool:
        """Record a failure that is not tried again; False when the lease was lost."""
        ended = {"state": "given_up", "done_at": now, "last_error": reason}
        return self._change(lease, "running", ended) is not None

    def oldest_due(self, now: dt.datetime) -> dt.timedelta | None:
        """How long the most overdue job has been due; None when none is due."""
        found = select(func.min(jobs.c.due_at)).where(_UNDONE, jobs.c.due_at <= now)
        with reading(self._engine) as connection:
            due_at: dt.datetime | None = connection.scalar(found)
        if due_at is None:
            return None
        return now - due_at

    def _change(self, lease: Lease, state: str, values: dict[str, Any]) -> Command | None:
        held = and_(_held(lease), jobs.c.state == state)
        changed = update(jobs).where(held).values(values).returning(jobs.c.command)
        with writing(self._engine) as connection:
            return connection.execute(changed).scalar()


def _ends(now: dt.datetime) -> Any:
    """When an attempt that starts now loses its lease."""
    longer = literal(now + REST_FOR, UtcDateTime)
    return case((_OF_LANE[Lane.REST], longer), else_=literal(now + RUNNING_FOR, UtcDateTime))


def _held(lease: Lease) -> Any:
    return and_(jobs.c.id == lease.job, jobs.c.attempt == lease.attempt)


def _row(job: Job, at: dt.datetime) -> dict[str, Any]:
    row = {
        "id": job.name or f"{job.command.lane}-{secrets.token_hex(16)}",
        "kind": job.command.kind,
        "command": job.command,
        "due_at": job.due_at,
        "created_at": at,
    }
    if job.due_at <= at:
        return row | {"state": "queued", "attempt": 1, "wakes_at": at + QUEUED_FOR}
    return row | {"state": "pending", "attempt": 0, "wakes_at": job.due_at}


_FARTHEST_AHEAD = dt.timedelta(seconds=30)
"""A turn later than this was given before the clock was set back."""


class CarrierPace:
    """The calls per second that a carrier account allows, shared by all processes."""

    def __init__(self, engine: Engine, account: str) -> None:
        """Does not connect yet."""
        self._engine = engine
        self._account = account

    def turn(self, now: dt.datetime, each: dt.timedelta, ahead: dt.timedelta) -> dt.datetime | None:
        """Take a turn, which lasts ``each``; None when it is now.

        Otherwise no turn is taken, and the moment to ask again is returned: ``ahead`` before all
        turns that were taken are over.
        """
        try:
            return self._turn(now, each, ahead)
        except IntegrityError:  # another process wrote the account's first turn
            return self._turn(now, each, ahead)

    def _turn(
        self, now: dt.datetime, each: dt.timedelta, ahead: dt.timedelta
    ) -> dt.datetime | None:
        ours = carrier_paces.c.account == self._account
        with writing(self._engine) as connection:
            free_at = connection.scalar(
                select(carrier_paces.c.free_at).where(ours).with_for_update()
            )
            if free_at is None:
                first = {"account": self._account, "free_at": now + each}
                connection.execute(insert(carrier_paces), first)
                return None
            if free_at > now + _FARTHEST_AHEAD:
                free_at = now
            if free_at - ahead > now:
                return free_at - ahead
            taken = {"free_at": max(free_at, now) + each}
            connection.execute(update(carrier_paces).where(ours).values(taken))
            return None


# After a clock was set back, stored moments lie in the future: without a correction, a job due in
# thirty seconds would be due in an hour and thirty seconds.


STRAY = dt.timedelta(minutes=1)
"""No lease lasts so long, and no two clocks differ so much."""

CALENDAR = ("announce_handover", "check_response_time")
"""Jobs due at a moment of a schedule or a promise, whenever they were written."""


def correct_clock_rollback(engine: Engine, now: dt.datetime) -> int:
    """Correct such jobs, end such leases and delete such heartbeats; return the number of jobs."""
    ahead = now + STRAY
    future = or_(jobs.c.created_at > ahead, jobs.c.attempt > 0)
    late = and_(jobs.c.done_at.is_(None), jobs.c.wakes_at > ahead, future)
    with reading(engine) as connection:
        found = connection.execute(select(jobs).where(late)).all()
        living = connection.scalar(
            select(heartbeats.c.name).where(heartbeats.c.at > ahead).limit(1)
        )
    stray = [row for row in found if row.kind not in CALENDAR]
    if stray or living is not None:
        with writing(engine) as connection:
            connection.execute(delete(heartbeats).where(heartbeats.c.at > ahead))
            for row in stray:
                same = and_(jobs.c.id == row.id, jobs.c.wakes_at == row.wakes_at)
                connection.execute(update(jobs).where(same).values(_shift_back(row, now)))
    return len(stray)


def _shift_back(row: Row[Any], now: dt.datetime) -> dict[str, Any]:
    back = max(row.created_at - now, dt.timedelta())
    wakes_at = row.wakes_at - back
    if row.attempt:
        wakes_at = now
    return {"created_at": row.created_at - back, "due_at": row.due_at - back, "wakes_at": wakes_at}
