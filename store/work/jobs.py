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
from dataclasses import dataclass, replace
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

from routing.drill import SUFFIX, WAKING
from routing.jobs import Command, Job, Lane, Lease, LeaseLostError, Ring, RingCustomer
from store.db.engine import reading, writing
from store.db.prepared import Prepared, prepare_insert
from store.db.sql_types import UtcDateTime, build_insert
from store.tables.log import incidents, pages
from store.tables.work import COMMAND, carrier_paces, heartbeats, jobs

RUNNING_FOR = dt.timedelta(seconds=4.5)  # outlasts one request to the carrier
REST_FOR = dt.timedelta(seconds=12)  # outlasts one mail, or one recording
SLOW_LANES = (Lane.REST, Lane.WORDS)
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


def lease_duration(lane: Lane) -> dt.timedelta:
    """How long an attempt may take before another process makes the next."""
    if lane in SLOW_LANES:
        return REST_FOR
    return RUNNING_FOR


_INSERT = prepare_insert(
    jobs,
    *("id", "kind", "lane", "command", "due_at", "state", "attempt", "wakes_at", "created_at"),
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
_CLAIMABLE = Prepared(
    select(jobs.c.id, jobs.c.attempt, jobs.c.created_at, type_coerce(jobs.c.command, Text))
    .where(_UNDONE, _LANE, _DUE_BY, jobs.c.wakes_at <= bindparam("now", type_=UtcDateTime))
    .order_by(jobs.c.wakes_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
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

    def retry(self, lease: Lease, at: dt.datetime, reason: str) -> bool:
        """Record a failure, and try again at this time; False when the lease was lost."""
        return self._change(lease, {"state": "pending", "wakes_at": at, "last_error": reason})

    def put_back(self, lease: Lease, at: dt.datetime) -> bool:
        """Do it at this time instead; no attempt was made. False when the lease was lost."""
        again = {"state": "pending", "wakes_at": at, "attempt": jobs.c.attempt - 1}
        return self._change(lease, again)

    def give_up(self, lease: Lease, now: dt.datetime, reason: str) -> bool:
        """Record a failure that is not tried again; False when the lease was lost."""
        return self._change(lease, {"state": "given_up", "done_at": now, "last_error": reason})

    def oldest_due(self, now: dt.datetime) -> dt.timedelta | None:
        """How long the most overdue job has been due; None when none is due. Nobody waits for the
        words of a recording."""
        overdue = (_UNDONE, jobs.c.due_at <= now, jobs.c.lane != Lane.WORDS.value)
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


@dataclass(frozen=True, slots=True)
class _DueJob:
    id: str
    attempts: int
    created_at: dt.datetime
    command: Command | None
    not_before: dt.datetime | None = None


def _find_due(connection: Connection, most: int, given: Mapping[str, Any]) -> Sequence[_DueJob]:
    """The due jobs of a lane, locked until the end of the transaction; those that another process
    is claiming are skipped."""
    rows = _CLAIMABLE.rows(connection, most=most, **given)
    return [_DueJob(row[0], row[1], row[2], _read_command(row[3])) for row in rows]


def _read_command(text: str) -> Command | None:
    try:
        command: Command = COMMAND.read(text)
    except ValidationError:
        return None
    return command


def _begin(
    connection: Connection, due: Sequence[_DueJob], lane: Lane, now: dt.datetime
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


# The order of calls: level 1 first, and no call waits for ever. By default the carrier places one
# call a second for an account and queues the rest in order of arrival. A call in its queue cannot
# be overtaken, so only a few are sent ahead, and the others wait here.


SECOND = dt.timedelta(seconds=1)
BURST = SECOND
"""Calls of any level may be sent one second ahead."""

URGENT_BURST = 3 * SECOND
"""Calls of level 1 may be sent three seconds ahead: a step rings all its engineers together."""

MAX_WAIT = 5 * SECOND
"""A call that has waited for so long no longer waits behind level 1, and is seen to wait."""

MIN_DELAY = dt.timedelta(milliseconds=50)
"""No shorter delay has an effect."""

LOOK_AHEAD = 100
"""So many due jobs are compared by level before the first call is placed."""

_FARTHEST_AHEAD = dt.timedelta(seconds=30)
"""A turn later than this was given before the clock was set back."""

_OF_LEG = Prepared(
    select(incidents.c.line, incidents.c.urgency)
    .join(pages, pages.c.incident == incidents.c.key)
    .where(pages.c.id == bindparam("key"))
)
_OF_INCIDENT = Prepared(
    select(incidents.c.line, incidents.c.urgency).where(incidents.c.key == bindparam("key"))
)
_FREE_AT = Prepared(
    select(carrier_paces.c.free_at)
    .where(carrier_paces.c.account == bindparam("account"))
    .with_for_update()
)
_TAKEN = Prepared(
    update(carrier_paces)
    .where(carrier_paces.c.account == bindparam("its"))
    .values(free_at=bindparam("until", type_=UtcDateTime))
)
_PUT_OFF = Prepared(
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values(wakes_at=bindparam("until", type_=UtcDateTime))
)


class CarrierPace:
    """The calls per second that a carrier account allows, shared by all processes."""

    def __init__(self, account: str, read_rates: Callable[[], Mapping[str, int]]) -> None:
        """``read_rates`` gives the calls per second of each line, by its id."""
        self._account, self._read_rates = account, read_rates

    def start(self, now: dt.datetime) -> CarrierTurns:
        """The turns of one claim. Reads the rates before its transaction begins."""
        return CarrierTurns(self._account, self._read_rates(), now)


@dataclass(frozen=True, slots=True)
class _WaitingCall:
    urgent: bool
    lasts: dt.timedelta


class CarrierTurns:
    """The turns that calls take in the transaction that claims them, so that they cost no
    commit."""

    def __init__(self, account: str, rates: Mapping[str, int], now: dt.datetime) -> None:
        """Reads nothing yet."""
        self._account, self._rates, self._now = account, rates, now
        self._free_at = now

    def lock(self, connection: Connection) -> None:
        """Let no other process take a turn before this transaction ends. Before the due jobs are
        read: another claim would skip those that this one reads ahead, and find none."""
        self._free_at = self._read(connection)

    def admit(self, connection: Connection, due: Sequence[_DueJob], most: int) -> Sequence[_DueJob]:
        """The jobs to begin now, at most so many: level 1 first, and no call without a turn.

        A call without one waits. After MAX_WAIT it is begun all the same, with the moment of its
        turn, so that its leg is seen to wait.
        """
        found = {job.id: self._find_call(connection, job) for job in due}
        calls = {job_id: call for job_id, call in found.items() if call is not None}
        if not calls:
            return due[:most]
        before = self._free_at
        begun: list[_DueJob] = []
        for job in sorted(due, key=lambda job: job.id in calls and not calls[job.id].urgent):
            if len(begun) == most:
                break
            at = self._take(calls[job.id]) if job.id in calls else None
            if at is None:
                begun.append(job)
            elif self._now - job.created_at >= MAX_WAIT:
                begun.append(replace(job, not_before=at))
            else:
                _PUT_OFF.run(connection, job=job.id, until=at)
        if self._free_at != before:
            _TAKEN.run(connection, its=self._account, until=self._free_at)
        return begun

    def _take(self, call: _WaitingCall) -> dt.datetime | None:
        """Take a turn; None when it is now. Otherwise no turn is taken, and the moment to ask again
        is returned: when the turns that were taken are over, but for those sent ahead."""
        burst = BURST
        if call.urgent:
            burst = URGENT_BURST
        at = self._free_at - (burst - call.lasts)
        if at > self._now:
            return max(at, self._now + MIN_DELAY)
        self._free_at = max(self._free_at, self._now) + call.lasts
        return None

    def _find_call(self, connection: Connection, job: _DueJob) -> _WaitingCall | None:
        """The call of a job that places one, with how long its turn lasts."""
        if isinstance(job.command, Ring):
            found = _OF_LEG.first(connection, key=job.command.leg)
        elif isinstance(job.command, RingCustomer):
            found = _OF_INCIDENT.first(connection, key=job.command.incident)
        else:
            return None
        if found is None:
            return None  # its handler says what is wrong
        line, urgency = found
        rate = self._rates.get(line.removesuffix(WAKING).removesuffix(SUFFIX))
        if rate is None:
            return None
        waited = self._now - job.created_at >= MAX_WAIT
        return _WaitingCall(urgency == 1 or waited, SECOND / rate)

    def _read(self, connection: Connection) -> dt.datetime:
        ours = {"account": self._account}
        free_at: dt.datetime | None = _FREE_AT.scalar(connection, **ours)
        if free_at is None:
            first = build_insert(connection, carrier_paces).on_conflict_do_nothing()
            connection.execute(first, {**ours, "free_at": self._now - SECOND})
            free_at = _FREE_AT.scalar(connection, **ours)
        if free_at is None or free_at > self._now + _FARTHEST_AHEAD:
            return self._now
        return free_at


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
