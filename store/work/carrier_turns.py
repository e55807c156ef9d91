"""The order of calls: level 1 first, and no call waits for ever.

By default the carrier places one call a second for an account and queues the rest in order of
arrival. A call in its queue cannot be overtaken, so only a few are sent ahead, and the others wait
here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, select, update

from routing.drill import SUFFIX, WAKING
from routing.jobs import Command, Ring, RingCustomer
from store.db.prepared import Prepared
from store.db.sql_types import UtcDateTime, build_insert
from store.tables.log import incidents, pages
from store.tables.work import carrier_paces, jobs

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


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job that may be claimed now, locked until the end of the transaction."""

    id: str
    attempts: int
    created_at: dt.datetime
    command: Command | None
    not_before: dt.datetime | None = None


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

    def admit(self, connection: Connection, due: Sequence[DueJob], most: int) -> Sequence[DueJob]:
        """The jobs to begin now, at most so many: level 1 first, and no call without a turn.

        A call without one waits. After MAX_WAIT it is begun all the same, with the moment of its
        turn, so that its leg is seen to wait.
        """
        found = {job.id: self._find_call(connection, job) for job in due}
        calls = {job_id: call for job_id, call in found.items() if call is not None}
        if not calls:
            return due[:most]
        before = self._free_at
        begun: list[DueJob] = []
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

    def _find_call(self, connection: Connection, job: DueJob) -> _WaitingCall | None:
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
