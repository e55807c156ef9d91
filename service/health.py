"""Health of the line as one process sees it: database, Redis, workers, disk, outside services,
and the time zone data of the hosts."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from threading import Event, Thread
from typing import TypedDict

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from carrier.outbound import BREAKERS
from routing.oncall.zonedata import zone_data
from service.bootstrap import Services
from settings import Settings
from store.db.schema import is_migrated
from store.work.jobs import JobQueue
from store.work.metrics import Heartbeats
from store.work.redis_client import connect_fail_fast

MIGRATE_COMMAND = "priority-line migrate"
"""The command that brings the database schema up to date."""


class ServerState(StrEnum):
    """The state of the database or of Redis."""

    OK = "ok"
    AWAY = "away"
    NOT_MIGRATED = "not migrated"
    NOT_WRITABLE = "not writable"  # a full disk, or a standby


class Health(TypedDict):
    """``ready`` means that calls can be answered; seconds are None where nothing is known."""

    ready: bool
    database: ServerState
    redis: ServerState
    worker_seen_s: float | None
    clock_seen_s: float | None
    oldest_due_s: float | None


def check_health(services: Services) -> Health:
    """Check database and Redis; each check has a short time limit."""
    condition = Health(
        ready=False,
        database=ServerState.AWAY,
        redis=_check_redis(services.settings),
        worker_seen_s=None,
        clock_seen_s=None,
        oldest_due_s=None,
    )
    now, beats = services.call_service.clock(), Heartbeats(services.engine)
    try:
        if not is_migrated(services.engine):
            condition["database"] = ServerState.NOT_MIGRATED
            return condition
        condition["worker_seen_s"] = _seconds_since(beats.last("worker"), now)
        condition["clock_seen_s"] = _seconds_since(beats.last("clock"), now)
        condition["oldest_due_s"] = _seconds(JobQueue(services.engine).oldest_due(now))
    except SQLAlchemyError:
        return condition
    condition["ready"] = _is_writable(beats, now)
    condition["database"] = ServerState.NOT_WRITABLE
    if condition["ready"]:
        condition["database"] = ServerState.OK
    return condition


_WRITE_CHECK = "door"
"""The kind and name of the heartbeat that a health check writes."""


def _is_writable(beats: Heartbeats, now: dt.datetime) -> bool:
    """Write a row, because only a write shows that the database takes writes."""
    try:
        beats.beat(_WRITE_CHECK, _WRITE_CHECK, now)
    except SQLAlchemyError:
        return False
    return True


def is_redis_writable(settings: Settings) -> bool:
    """True when Redis accepts a write; a read-only replica answers a ping too."""
    client = connect_fail_fast(settings.redis_url)
    try:
        return bool(client.set(f"ready:{settings.installation}", 1, ex=60))
    except RedisError:
        return False
    finally:
        client.close()


def _check_redis(settings: Settings) -> ServerState:
    if is_redis_writable(settings):
        return ServerState.OK
    return ServerState.AWAY


def _seconds_since(moment: dt.datetime | None, now: dt.datetime) -> float | None:
    if moment is None:
        return None
    return _seconds(now - moment)


def _seconds(length: dt.timedelta | None) -> float | None:
    if length is None:
        return None
    return round(length.total_seconds(), 3)


# Free disk space, and the age of the fallback file.


MAILBOX_BEAT = "mailbox"
"""The heartbeat of a look into the mailbox."""

LOW_DISK_BYTES = 500 * 1000 * 1000
"""Bytes of free disk below which doctor warns: a hundred long messages, or a year of calls."""


def find_data_folders(services: Services) -> Mapping[str, Path]:
    """The folders that this host writes to, by what they hold; without a remote database."""
    found = {
        "messages": services.settings.media_dir,
        "fallback": services.settings.fallback_file.parent,
    }
    if services.engine.dialect.name == "sqlite" and services.engine.url.database:
        found["database"] = Path(services.engine.url.database).parent
    return found


def free_bytes(folder: Path) -> int:
    """Free bytes on the disk of a folder, which need not exist yet."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    return shutil.disk_usage(there).free


def collect_disk_metrics(services: Services) -> Iterator[Metric]:
    """Free disk space and the age of the fallback file, as metrics."""
    free = GaugeMetricFamily("priority_line_free_bytes", "free disk space", labels=["part"])
    for part, folder in find_data_folders(services).items():
        free.add_metric([part], free_bytes(folder))
    yield free
    meaning, age = "since the fallback file was written", _age(services.settings.fallback_file)
    yield GaugeMetricFamily("priority_line_fallback_file_age_seconds", meaning, value=age)


def _age(file: Path) -> float:
    """Seconds since a file was written; infinite for a missing file."""
    try:
        return max(0.0, time.time() - file.stat().st_mtime)
    except OSError:
        return float("inf")


# Outside services whose circuit breaker is open, shared by all processes through heartbeats.


RESTING_KIND = "resting service"
RESTING_TTL = dt.timedelta(seconds=20)
"""How long a report counts; a process repeats it every few seconds while the breaker is open."""


def report_resting(beats: Heartbeats, now: dt.datetime) -> None:
    """Record the services whose breaker is open in this process."""
    for service in BREAKERS.opened():
        beats.beat(RESTING_KIND, service, now)


def find_resting(beats: Heartbeats, now: dt.datetime) -> list[str]:
    """The services whose breaker is open in any process, by name."""
    return sorted({*BREAKERS.opened(), *beats.living(RESTING_KIND, now - RESTING_TTL)})


# The time zone data of the hosts. Hosts with different data may hold different people on call for
# an hour, or a day, of the year.


ZONE_DATA_EVERY = dt.timedelta(minutes=1)
"""How often a process records its version."""
ZONE_DATA_TTL = 3 * ZONE_DATA_EVERY
"""How long a record counts: after an upgrade the old version soon expires."""
_HEARTBEAT_KIND = "zone data"

_log = structlog.get_logger("health")


def record_zone_data(beats: Heartbeats, now: dt.datetime) -> None:
    """Record which zone data this host uses."""
    beats.beat(_HEARTBEAT_KIND, f"{zone_data()} {socket.gethostname()}", now)


def find_zone_data(beats: Heartbeats, now: dt.datetime) -> dict[str, set[str]]:
    """The hosts by the version of their zone data, this host included."""
    hosts: dict[str, set[str]] = {zone_data(): {socket.gethostname()}}
    for name in beats.living(_HEARTBEAT_KIND, now - ZONE_DATA_TTL):
        version, host = name.split(" ", 1)
        hosts.setdefault(version, set()).add(host)
    return hosts


def keep_recording_zone_data(beats: Heartbeats) -> None:
    """Record the version every minute, in a thread that lives as long as the process."""

    def keep() -> None:
        while True:
            try:
                record_zone_data(beats, dt.datetime.now(dt.UTC))
            except SQLAlchemyError as error:
                _log.warning("zone data not recorded", error=type(error).__name__)
            pause.wait(ZONE_DATA_EVERY.total_seconds())

    pause = Event()
    Thread(target=keep, name="zone data", daemon=True).start()
