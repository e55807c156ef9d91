"""The job queue in the database: what must still be done, and which process has it.

A job is pending, then running, and finally done or given up. ``wakes_at`` is when a process looks
at it next: when it is due, or when the lease of the process that runs it ends. A lease is for one
attempt, and attempts count up, so that an older holder can change nothing any more.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from routing.jobs import (
    UNHURRIED,
    Command,
    DeliverWebhook,
    Job,
    Lane,
    Lease,
    LeaseLostError,
)
from store.db.engine import reading, writing
from store.db.prepared import Prepared, prepare_insert
from store.db.sql_types import UtcDateTime
from store.tables.work import COMMAND, heartbeats, jobs
from store.work.carrier_turns import LOOK_AHEAD, CarrierPace, DueJob

RUNNING_FOR = dt.timedelta(seconds=4.5)  # outlasts one request to the carrier
REST_FOR = dt.timedelta(seconds=12)  # outlasts one mail, or one recording
SLOW_LANES = (Lane.REST, Lane.TASKS, Lane.WORDS)
EACH_LANE: Mapping[Lane, int] = dict.fromkeys(Lane, 100)
"""So many jobs of each lane."""

ANY_TIME = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """An attempt of a job, which the process that claimed it is to make now.

    ``command`` is None when only a later version can read it. ``not_before`` is set when the job
    is a call that has waited long for its turn and still has none.
    """

    lease: Lease
    lane: Lane
    command: Command | None
    not_before: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended: its result in a few words, and what is written together with it."""

    result: str
    also: Callable[[Connection], None]
    given_up: bool = False


def lease_duration(lane: Lane) -> dt.timedelta:
    """How long an attempt may take before another process makes the next."""
    if lane in SLOW_LANES:
        return REST_FOR
    return RUNNING_FOR


_INSERT = prepare_insert(
    jobs,
    *("id", "kind", "lane", "command", "due_at", "state", "attempt", "wakes_at", "created_at"),
    "receiver",
)


def write_jobs(connection: Connection, wanted: Sequence[Job], at: dt.datetime) -> Sequence[str]:
    """Write jobs; return the ids of those due."""
    rows = [_row(job, at) for job in wanted]
    _INSERT.run_many(connection, rows)
    return [row["id"] for row in rows if row["due_at"] <= at]


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


def _row(job: Job, at: dt.datetime) -> dict[str, Any]:
    receiver = None
    if isinstance(job.command, DeliverWebhook):
        receiver = job.command.receiver
    return {
        "id": job.name or secrets.token_hex(16),
        "kind": job.command.kind,
        "lane": job.command.lane.value,
        "command": job.command,
        "due_at": job.due_at,
        "state": "pending",
        "attempt": 0,
        "wakes_at": job.due_at,
        "created_at": at,
        "receiver": receiver,
    }


_UNDONE = jobs.c.done_at.is_(None)
_LANE = jobs.c.lane == bindparam("lane")
_DUE_BY = jobs.c.due_at <= bindparam("by", type_=UtcDateTime)


def _first_of(lane: Lane) -> Any:
    first = func.min(jobs.c.wakes_at).label("wakes_at")
    return select(literal(lane.value).label("lane"), first).where(
        _UNDONE, jobs.c.lane == lane.value, _DUE_BY
    )


_NEXT = Prepared(union_all(*(_first_of(lane) for lane in Lane)))
_WAKES = jobs.c.wakes_at <= bindparam("now", type_=UtcDateTime)
_FIRST_DUE = (
    select(jobs.c.id, jobs.c.attempt, jobs.c.created_at, type_coerce(jobs.c.command, Text))
    .where(_UNDONE, _LANE, _DUE_BY, _WAKES)
    .order_by(jobs.c.wakes_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIMABLE = Prepared(_FIRST_DUE)

RECEIVER_AT_ONCE = 2
"""So many webhooks are sent to one receiver at the same time. A receiver that is slow, or has a
thousand of them to come, holds no thread that another one needs."""

_PLACES = (
    select(
        jobs.c.id,
        func.row_number()
        .over(partition_by=jobs.c.receiver, order_by=(_WAKES, jobs.c.wakes_at))
        .label("place"),
    )
    .where(_UNDONE, _LANE, or_(_WAKES, jobs.c.state == "running"))
    .subquery()
)
"""The jobs that run now come before those that are due."""

_CLAIMABLE_OF_EACH = Prepared(
    _FIRST_DUE.where(jobs.c.id.in_(select(_PLACES.c.id).where(_PLACES.c.place <= RECEIVER_AT_ONCE)))
)
_BEGIN = Prepared(
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values(
        state="running",
        attempt=bindparam("number"),
        wakes_at=bindparam("ends", type_=UtcDateTime),
    )
)


class JobQueue:
    """The jobs, as the clock and the workers use them. Without a pace, calls wait for no turn."""

    def __init__(self, engine: Engine, pace: CarrierPace | None = None) -> None:
        """Does not connect yet."""
        self._engine, self._pace = engine, pace

    def find_next(self, due_by: dt.datetime = ANY_TIME) -> Mapping[Lane, dt.datetime]:
        """When the next job of each lane is to be looked at, of those due by then; takes no
        lock."""
        with reading(self._engine) as connection:
            found = _NEXT.rows(connection, by=due_by)
            return {Lane(lane): wakes_at for lane, wakes_at in found if wakes_at is not None}

    def claim(
        self,
        now: dt.datetime,
        free: Mapping[Lane, int] = EACH_LANE,
        due_by: dt.datetime = ANY_TIME,
    ) -> Sequence[ClaimedJob]:
        """Begin the next attempt of due jobs, and of those whose lease has ended: at most so many
        of each lane, the oldest first, by lane. Only those due by ``due_by``. One commit."""
        turns = None
        if self._pace is not None and free.get(Lane.TELEPHONES):
            turns = self._pace.start(now)
        claimed: list[ClaimedJob] = []
        with writing(self._engine) as connection:
            for lane, most in free.items():
                given = {"now": now, "by": due_by, "lane": lane.value}
                if turns is not None and lane is Lane.TELEPHONES:
                    turns.lock(connection)
                    ahead = _find_due(connection, max(most, LOOK_AHEAD), given)
                    due = turns.admit(connection, ahead, most)
                elif lane is Lane.WEBHOOKS:
                    due = _find_due(connection, most, given, _CLAIMABLE_OF_EACH)
                else:
                    due = _find_due(connection, most, given)
                claimed += _begin(connection, due, lane, now)
        return claimed

    def hold(self, lease: Lease, now: dt.datetime) -> bool:
        """Extend this attempt as if it started now; False when the lease was lost."""
        ends = case(
            (jobs.c.lane.in_(SLOW_LANES), literal(now + REST_FOR, UtcDateTime)),
            else_=literal(now + RUNNING_FOR, UtcDateTime),
        )
        return self._change(lease, {"wakes_at": ends})

    def done(self, lease: Lease, now: dt.datetime) -> bool:
        """Record that the job is done; False when the lease was lost."""
        with writing(self._engine) as connection:
            return bool(_FINISH.run(connection, at=now, **_name(lease)))

    def end(self, lease: Lease, now: dt.datetime, how: JobEnd) -> None:
        """Record how the job ended, together with what this end writes; raises LeaseLostError."""
        state = "given_up" if how.given_up else "done"
        ended = update(jobs).where(_HELD).values(state=state, done_at=now, result=how.result)
        with writing(self._engine) as connection:
            if not connection.execute(ended, _name(lease)).rowcount:
                raise LeaseLostError
            how.also(connection)

    def retry(self, lease: Lease, at: dt.datetime, reason: str) -> bool:
        """Record a failure, and try again at this time; False when the lease was lost."""
        return self._change(lease, {"state": "pending", "wakes_at": at, "result": reason})

    def put_back(self, lease: Lease, at: dt.datetime) -> bool:
        """Do it at this time instead; no attempt was made. False when the lease was lost."""
        again = {"state": "pending", "wakes_at": at, "attempt": jobs.c.attempt - 1}
        return self._change(lease, again)

    def give_up(self, lease: Lease, now: dt.datetime, reason: str) -> bool:
        """Record a failure that is not tried again; False when the lease was lost."""
        return self._change(lease, {"state": "given_up", "done_at": now, "result": reason})

    def oldest_due(self, now: dt.datetime) -> dt.timedelta | None:
        """How long the most overdue job has been due; None when none is due."""
        overdue = (_UNDONE, jobs.c.due_at <= now, jobs.c.lane.not_in(UNHURRIED))
        found = select(func.min(jobs.c.due_at)).where(*overdue)
        with reading(self._engine) as connection:
            due_at: dt.datetime | None = connection.scalar(found)
        if due_at is None:
            return None
        return now - due_at

    def _change(self, lease: Lease, values: dict[str, Any]) -> bool:
        with writing(self._engine) as connection:
            changed = update(jobs).where(_HELD).values(values)
            return bool(connection.execute(changed, _name(lease)).rowcount)


def _find_due(
    connection: Connection, most: int, given: Mapping[str, Any], among: Prepared = _CLAIMABLE
) -> Sequence[DueJob]:
    """The due jobs of a lane, locked until the end of the transaction; those that another process
    is claiming are skipped."""
    rows = among.rows(connection, most=most, **given)
    return [DueJob(row[0], row[1], row[2], _read_command(row[3])) for row in rows]


def _read_command(text: str) -> Command | None:
    try:
        command: Command = COMMAND.read(text)
    except ValidationError:
        return None
    return command


def _begin(
    connection: Connection, due: Sequence[DueJob], lane: Lane, now: dt.datetime
) -> Sequence[ClaimedJob]:
    ends = now + lease_duration(lane)
    rows = [{"job": job.id, "number": job.attempts + 1, "ends": ends} for job in due]
    _BEGIN.run_many(connection, rows)
    return [
        ClaimedJob(Lease(job.id, job.attempts + 1), lane, job.command, job.not_before)
        for job in due
    ]


_HELD = and_(
    jobs.c.id == bindparam("job"),
    jobs.c.attempt == bindparam("number"),
    jobs.c.state == "running",
)
_FINISH = Prepared(
    update(jobs).where(_HELD).values(state="done", done_at=bindparam("at", type_=UtcDateTime))
)


def _name(lease: Lease) -> dict[str, Any]:
    return {"job": lease.job, "number": lease.attempt}


def finish_job(connection: Connection, lease: Lease, at: dt.datetime) -> None:
    """Record that the job is done, together with what else this transaction writes; raises
    LeaseLostError."""
    if not _FINISH.run(connection, at=at, **_name(lease)):
        raise LeaseLostError


# After a clock was set back, stored moments lie in the future: without a correction, a job due in
# thirty seconds would be due in an hour and thirty seconds.


STRAY = dt.timedelta(minutes=1)
"""No lease lasts so long, and no two clocks differ so much."""

CALENDAR = ("announce_handover", "check_response_time")
"""Jobs due at a moment of a schedule or a promise, whenever they were written."""


def correct_clock_rollback(engine: Engine, now: dt.datetime) -> int:
    """Correct such jobs, end such leases and delete such heartbeats; return the number of jobs."""
    ahead = now + STRAY
    future = or_(
        jobs.c.created_at > ahead,
        and_(jobs.c.attempt > 0, jobs.c.lane != Lane.WEBHOOKS.value),  # hours until a retry
    )
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
