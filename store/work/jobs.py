"""Due work: the one truth about what must still be done, and who holds it at the moment.

An errand is pending, then queued (a worker has been told), running, and at last done or given up.
``wakes_at`` is when the clock looks at it next: when it is due, or when a lease has run out.
Whoever acts holds one attempt; each lease counts up, so that an older holder can do no more.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
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

from routing.jobs import Command, Job, Lane, lane_named_in
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


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do an errand once; it ends with the attempt."""

    errand: str
    attempt: int

    @property
    def lane(self) -> Lane:
        """Whose hands do it."""
        return lane_named_in(self.errand)


def lease_duration(lane: Lane) -> dt.timedelta:
    """How long an attempt may take before somebody else makes the next."""
    return REST_FOR if lane is Lane.REST else RUNNING_FOR


def write_jobs(connection: Connection, wanted: Sequence[Job], at: dt.datetime) -> Sequence[str]:
    """Write these errands; gives back the ids of those due, which are leased to the bell."""
    rows = [_row(errand, at) for errand in wanted]
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


class JobQueue:
    """The table of errands, as the clock and the workers use it."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def unclaimed(self, now: dt.datetime, limit: int = 500) -> Sequence[Lease]:
        """What was queued and not begun in time: its job may still wait in line, or be lost."""
        found = select(jobs.c.id, jobs.c.attempt).where(_WAKING, jobs.c.state == "queued")
        with reading(self._engine) as connection:
            rows = connection.execute(found.limit(limit), {"now": now})
            return [Lease(row.id, row.attempt) for row in rows]

    def extend(self, leases: Iterable[Lease], now: dt.datetime) -> None:
        """Leave these in line a while longer."""
        with writing(self._engine) as connection:
            for lease in leases:
                waits = and_(_held(lease), jobs.c.state == "queued")
                connection.execute(update(jobs).where(waits).values(wakes_at=now + QUEUED_FOR))

    def waking(self, now: dt.datetime) -> bool:
        """True when there is something to lease or to extend: a look that takes no lock."""
        with reading(self._engine) as connection:
            return connection.scalar(_ANY_WAKING, {"now": now}) is not None

    def lanes(self, now: dt.datetime, due_by: dt.datetime) -> Sequence[Lane]:
        """The lanes of what waits and has been due since then, most urgent first."""
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
        """Take what is due, and what was leased to somebody who did not finish: what rings before
        texts, texts before the rest, and the oldest first. Only what has been due since
        ``due_by``, and is of this ``lane``, when that is given."""
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
        """Begin this attempt; None when it is somebody else's by now, or done."""
        return self._change(lease, "queued", {"state": "running", "wakes_at": _ends(now)})

    def hold(self, lease: Lease, now: dt.datetime) -> bool:
        """Keep on with this attempt as if it began now; False when it had been taken away."""
        return self._change(lease, "running", {"wakes_at": _ends(now)}) is not None

    def done(self, lease: Lease, now: dt.datetime) -> bool:
        """It has been done; False when the attempt had been taken away."""
        return self._change(lease, "running", {"state": "done", "done_at": now}) is not None

    def retry(self, lease: Lease, at: dt.datetime, reason: str) -> bool:
        """It failed and is to be tried again at this time."""
        again = {"state": "pending", "wakes_at": at, "last_error": reason}
        return self._change(lease, "running", again) is not None

    def put_back(self, lease: Lease, at: dt.datetime) -> bool:
        """It was not begun and is to be done at this time: no attempt was made."""
        again = {"state": "pending", "wakes_at": at, "attempt": jobs.c.attempt - 1}
        return self._change(lease, "running", again) is not None

    def give_up(self, lease: Lease, now: dt.datetime, reason: str) -> bool:
        """It failed and is not worth another try."""
        ended = {"state": "given_up", "done_at": now, "last_error": reason}
        return self._change(lease, "running", ended) is not None

    def oldest_due(self, now: dt.datetime) -> dt.timedelta | None:
        """For how long the most overdue errand has been due, None when nothing is due."""
        found = select(func.min(jobs.c.due_at)).where(_UNDONE, jobs.c.due_at <= now)
        with reading(self._engine) as connection:
            due_at = connection.scalar(found)
            return None if due_at is None else now - due_at

    def _change(self, lease: Lease, state: str, values: dict[str, Any]) -> Command | None:
        held = and_(_held(lease), jobs.c.state == state)
        changed = update(jobs).where(held).values(values).returning(jobs.c.command)
        with writing(self._engine) as connection:
            return connection.execute(changed).scalar()


def _ends(now: dt.datetime) -> Any:
    """When an attempt that begins now may be taken away."""
    longer = literal(now + REST_FOR, UtcDateTime)
    return case((_OF_LANE[Lane.REST], longer), else_=literal(now + RUNNING_FOR, UtcDateTime))


def _held(lease: Lease) -> Any:
    return and_(jobs.c.id == lease.errand, jobs.c.attempt == lease.attempt)


def _row(errand: Job, at: dt.datetime) -> dict[str, Any]:
    due = errand.due_at <= at
    return {
        "id": errand.name or f"{errand.command.lane}-{secrets.token_hex(16)}",
        "kind": errand.command.kind,
        "command": errand.command,
        "due_at": errand.due_at,
        "state": "queued" if due else "pending",
        "attempt": 1 if due else 0,
        "wakes_at": at + QUEUED_FOR if due else errand.due_at,
        "created_at": at,
    }


# The pace at which calls are placed: one row for each carrier account, shared by all processes.


_NEVER_SO_FAR = dt.timedelta(seconds=30)
"""Nobody may run so far ahead; a pace that did was kept by a clock that has been set back."""


class CarrierPace:
    """Turns at the carrier, given out one after the other; Redis has no part in it."""

    def __init__(self, engine: Engine, account: str) -> None:
        """Touches no database yet."""
        self._engine = engine
        self._account = account

    def turn(self, now: dt.datetime, each: dt.timedelta, ahead: dt.timedelta) -> dt.datetime | None:
        """Take a turn, of which every one lasts ``each``; None when it is now.

        Otherwise nothing is taken, and the moment to ask again is given back: ``ahead`` before all
        turns so far will be over.
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
            if free_at > now + _NEVER_SO_FAR:
                free_at = now
            if free_at - ahead > now:
                return free_at - ahead
            taken = {"free_at": max(free_at, now) + each}
            connection.execute(update(carrier_paces).where(ours).values(taken))
            return None


# A clock that was set back leaves words from the future: they are counted anew from now.
# Without that, what was due in thirty seconds would be due in an hour and thirty seconds.


STRAY = dt.timedelta(minutes=1)
"""No lease lasts for so long, and no two clocks differ by so much."""

CALENDAR = ("announce_handover", "check_response_time")
"""Errands whose instant stands in a schedule or a promise, whenever they were written."""


def correct_clock_rollback(engine: Engine, now: dt.datetime) -> int:
    """Let such errands count anew, end such leases, and forget such signs of life.

    Gives back how many errands there were.
    """
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
                connection.execute(update(jobs).where(same).values(_anew(row, now)))
    return len(stray)


def _anew(row: Row[Any], now: dt.datetime) -> dict[str, Any]:
    back = max(row.created_at - now, dt.timedelta())
    wakes_at = now if row.attempt else row.wakes_at - back
    return {"created_at": row.created_at - back, "due_at": row.due_at - back, "wakes_at": wakes_at}
