"""Recurring chores of worker and clock, from the fallback file to the retention of data."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from threading import Event, Thread

import requests
import structlog
from sqlalchemy.exc import SQLAlchemyError

from carrier.outbound import request
from routing import call_service, drill
from routing.line import Line
from service import counters, drills, fallback, health, logging
from service.bootstrap import Services
from service.telemetry import report_error
from store.db.engine import describe_error
from store.log import retention, service_levels
from store.work.drills import claim_drill
from store.work.jobs import correct_clock_rollback
from workers.context import WorkerContext

LOOK_EVERY = 5.0
MAX_LATENESS = dt.timedelta(seconds=10)
_TIMEOUT = 2.0

CHORE_WAIT_SECONDS = 3.0
"""Seconds for which the other chores wait for one, such as a drill."""

CHORE_HANGS_AFTER = 60.0
"""Seconds after which a hanging chore is logged as an error."""

_log = structlog.get_logger("maintenance")


def start_maintenance(context: WorkerContext, end: Event, kind: str = "worker") -> None:
    """Run the chores in a thread until the stop signal."""
    chores = Maintenance(context, kind)

    def look() -> None:
        while not end.wait(LOOK_EVERY):
            chores.look(CHORE_WAIT_SECONDS)

    Thread(target=look, name="maintenance", daemon=True).start()


class Chore:
    """A recurring task; while it hangs it is not started again."""

    def __init__(self, every: dt.timedelta, act: Callable[[dt.datetime], None]) -> None:
        """Due at once."""
        self.name = act.__name__.strip("_").replace("_", " ")
        self._every, self._act = every, act
        self._last = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._thread: Thread | None = None
        self._begun = 0.0
        self._hangs, self._failed = (
            logging.Outage(f"hangs: {self.name}"),
            logging.Outage(f"failed: {self.name}"),
        )

    def look(self, now: dt.datetime, patience: float) -> None:
        """Start the chore if it is due, and wait for it, at most ``patience`` seconds."""
        if self._thread is not None and self._thread.is_alive():
            if time.monotonic() - self._begun > CHORE_HANGS_AFTER:
                self._hangs.record_failure(f"for more than {CHORE_HANGS_AFTER:.0f} s")
            return
        self._hangs.record_recovery()
        if dt.timedelta() <= now - self._last < self._every:
            return
        self._last, self._begun = now, time.monotonic()
        self._thread = Thread(target=self._do, args=(now,), name=self.name, daemon=True)
        self._thread.start()
        self._thread.join(patience)

    def _do(self, now: dt.datetime) -> None:
        """Run the chore and log its failure."""
        try:
            self._act(now)
        except SQLAlchemyError as error:
            self._failed.record_failure(describe_error(error))
            report_error(error, self.name)
        except Exception as error:
            self._failed.record_failure(logging.error_cause(error))
            report_error(error, self.name)
        else:
            self._failed.record_recovery()


class Maintenance:
    """The chores of one process; one that hangs delays the others only briefly."""

    def __init__(self, context: WorkerContext, kind: str = "worker") -> None:
        """All chores are due at once."""
        self._context, self._kind = context, kind
        self._watch = ClockJump(context.clock())
        chores: list[tuple[dt.timedelta, Callable[[dt.datetime], None]]] = [
            (dt.timedelta(0), self._check_clock),
            (dt.timedelta(0), self._report_circuit_breakers),
            (dt.timedelta(seconds=30), self._write_fallback_file),
            (dt.timedelta(seconds=30), self._upload_static_fallback),
            (dt.timedelta(seconds=30), self._plan_handovers),
            (dt.timedelta(seconds=10), self._run_drills),
            (dt.timedelta(seconds=10), self._flush_counters),
            (dt.timedelta(minutes=1), self._ping_monitor),
            (dt.timedelta(minutes=1), self._delete_expired_data),
            (dt.timedelta(minutes=1), self._compute_rollups),
            (health.ZONE_DATA_EVERY, self._record_zone_data),
            (dt.timedelta(hours=1), self._delete_leftovers),
        ]
        self._chores = [Chore(every, act) for every, act in chores]

    def look(self, patience: float = CHORE_HANGS_AFTER) -> None:
        """Run the due chores, one after the other."""
        now = self._context.clock()
        for chore in self._chores:
            chore.look(now, patience)

    def _check_clock(self, now: dt.datetime) -> None:
        """Detect a jump of the clock, and correct jobs whose due time it moved."""
        if by := self._watch.jumped(now):
            counters.COUNTERS.count(counters.CLOCK_JUMPS)
            _log.error("the clock was set", by_s=round(by.total_seconds()))
        if strays := correct_clock_rollback(self._context.services.engine, now):
            _log.error("due times of a fast clock corrected", jobs=strays)

    def _report_circuit_breakers(self, now: dt.datetime) -> None:
        """Report open circuit breakers to metrics and doctor."""
        health.report_resting(self._context.heartbeats, now)

    def _write_fallback_file(self, now: dt.datetime) -> None:
        """Write the fallback file."""
        services = self._context.services
        lines = services.lines.list_lines()
        fallback.refresh_fallback_file(services.settings.fallback_file, lines, now)

    def _upload_static_fallback(self, now: dt.datetime) -> None:
        """Upload the static fallback; a failed upload is retried half a minute later."""
        services = self._context.services
        if services.settings.fallback_put_url is None:
            return
        lines = services.lines.list_lines()
        for why in fallback.StaticFallback(services.engine, services.settings).refresh(lines, now):
            _log.warning("static fallback not uploaded", why=why)

    def _plan_handovers(self, now: dt.datetime) -> None:
        """Plan the jobs of coming shift handovers."""
        plan_handovers(self._context.services)

    def _run_drills(self, now: dt.datetime) -> None:
        """Run the scheduled drills that are due; one process runs each."""
        run_due_drills(self._context.services, now)

    def _flush_counters(self, now: dt.datetime) -> None:
        """Store the counters of this process, and what it uses."""
        counters.store_figures(self._kind, self._context.services.engine, now)

    def _ping_monitor(self, now: dt.datetime) -> None:
        """Ping the outside monitor if jobs are on time and the database takes writes.

        The monitor alerts when the pings stop.
        """
        url = self._context.services.settings.heartbeat_url
        late = self._context.queue.oldest_due(now) or dt.timedelta()
        if url is None or late > MAX_LATENESS:
            return
        self._context.heartbeats.beat("ping", "ping", now)
        try:
            with request("watcher", _TIMEOUT, "GET", url):
                pass
        except requests.RequestException as error:
            _log.warning("monitor not reached", error=type(error).__name__)

    def _record_zone_data(self, now: dt.datetime) -> None:
        """Record the zone data of this host, which `doctor` compares."""
        health.record_zone_data(self._context.heartbeats, now)

    def _delete_expired_data(self, now: dt.datetime) -> None:
        """Delete a batch of data past its retention period."""
        services = self._context.services
        for line in services.lines.list_lines():
            self._context.notifier.notify(
                retention.delete_expired(services.engine, services.recordings, line, now)
            )

    def _compute_rollups(self, now: dt.datetime) -> None:
        """Compute the daily rollups of past days."""
        services = self._context.services
        for line in services.lines.list_lines():
            service_levels.update_rollups(services.engine, line, now)

    def _delete_leftovers(self, now: dt.datetime) -> None:
        """Delete what no retention period covers, such as old rows of the queue."""
        retention.delete_traces(self._context.services.engine, now)
        self._context.services.recordings.delete_leftovers(now)


def plan_handovers(services: Services) -> None:
    """Plan the handovers of every line; any number of processes may do so at once."""
    for line in services.lines.list_lines():
        since = services.lines.read_changed_at(line.id) or services.call_service.clock()
        call_service.plan_handovers(services.call_service, line, since)


_drill_log = structlog.get_logger("drills")


def _ignore_step(step: str) -> None:
    """Print nothing: the journal of the line has the steps."""


def _run_drill(services: Services, line: Line) -> None:
    drills.Drill(services, line, _ignore_step).hold()


def run_due_drills(
    services: Services, now: dt.datetime, hold: Callable[[Services, Line], None] = _run_drill
) -> None:
    """Run each due drill; a drill that fails has notified the duty manager."""
    for line in services.lines.list_lines():
        if line.drill is None:
            continue
        due = drill.find_last_due(line.drill, line.timezone, now)
        if claim_drill(services.engine, line.id, due):
            _run_logged_drill(services, line, hold)


def _run_logged_drill(
    services: Services, line: Line, hold: Callable[[Services, Line], None]
) -> None:
    try:
        hold(services, line)
    except drills.DrillError as failed:
        _drill_log.error("drill failed", line=line.id, why=str(failed))
    else:
        _drill_log.info("drill passed", line=line.id)


MIN_JUMP = dt.timedelta(seconds=5)
"""The smallest jump that is reported; less is an ordinary adjustment."""


class ClockJump:
    """Compares the system clock with the monotonic clock."""

    def __init__(self, now: dt.datetime, steady: Callable[[], float] = time.monotonic) -> None:
        """Start the comparison at ``now``."""
        self._steady = steady
        self._set(now)

    def jumped(self, now: dt.datetime) -> dt.timedelta:
        """How far the clock jumped since the last look; negative for a jump back."""
        by = now - self._wall - dt.timedelta(seconds=self._steady() - self._own)
        self._set(now)
        return by if abs(by) >= MIN_JUMP else dt.timedelta()

    def _set(self, now: dt.datetime) -> None:
        self._wall, self._own = now, self._steady()
