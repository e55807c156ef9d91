"""The condition of the line as one process sees it."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypedDict

from prometheus_client.core import GaugeMetricFamily, Metric
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from carrier.outbound import BREAKERS
from service.bootstrap import Services
from settings import Settings
from store.db.schema import migrated
from store.work.jobs import JobQueue
from store.work.metrics import Heartbeats
from store.work.redis_client import impatient

MIGRATE_COMMAND = "flask --app ivr_app migrate"
"""What is to be done about a database without the tables of this version."""


class Health(TypedDict):
    """``ready`` means that calls can be answered; seconds are None where nothing is known.

    ``database`` is ok, away, not migrated, or not writable: a full disk, or a standby.
    """

    ready: bool
    database: str
    redis: str
    worker_seen_s: float | None
    clock_seen_s: float | None
    oldest_due_s: float | None


def check_health(services: Services) -> Health:
    """Ask database and Redis; neither can hold up the answer for long."""
    condition = Health(
        ready=False,
        database="away",
        redis="ok" if is_redis_writable(services.settings) else "away",
        worker_seen_s=None,
        clock_seen_s=None,
        oldest_due_s=None,
    )
    now, beats = services.desk.clock(), Heartbeats(services.engine)
    try:
        condition["database"] = "ok" if migrated(services.engine) else "not migrated"
        if condition["database"] == "ok":
            condition["worker_seen_s"] = _seconds_since(beats.last("worker"), now)
            condition["clock_seen_s"] = _seconds_since(beats.last("clock"), now)
            condition["oldest_due_s"] = _seconds(JobQueue(services.engine).oldest_due(now))
    except SQLAlchemyError:
        condition["database"] = "away"
    if condition["database"] == "ok":
        condition["ready"] = _is_writable(beats, now)
        condition["database"] = "ok" if condition["ready"] else "not writable"
    return condition


def _is_writable(beats: Heartbeats, now: dt.datetime) -> bool:
    """Nothing but a row that was really written says so."""
    try:
        beats.beat("door", "door", now)
    except SQLAlchemyError:
        return False
    return True


def is_redis_writable(settings: Settings) -> bool:
    """True when Redis takes a key at once: a replica answers a ping, too, and rings no bell."""
    wire = impatient(settings.redis_url)
    try:
        return bool(wire.set(f"ready:{settings.installation}", 1, ex=60))
    except RedisError:
        return False
    finally:
        wire.close()


def _seconds_since(moment: dt.datetime | None, now: dt.datetime) -> float | None:
    return None if moment is None else _seconds(now - moment)


def _seconds(length: dt.timedelta | None) -> float | None:
    return None if length is None else round(length.total_seconds(), 3)


# The room that is left where this machine writes, and the age of the file that needs no room.


LOW_DISK_BYTES = 500 * 1000 * 1000
"""Bytes; some hundred long messages, or a year of calls."""


def find_data_folders(services: Services) -> Mapping[str, Path]:
    """What this machine writes, and in which folder; a database elsewhere is not in it."""
    found = {
        "messages": services.settings.media_dir,
        "fallback": services.settings.fallback_file.parent,
    }
    if services.engine.dialect.name == "sqlite" and services.engine.url.database:
        found["database"] = Path(services.engine.url.database).parent
    return found


def free_bytes(folder: Path) -> int:
    """How many bytes still fit there; of a folder not made yet, where it would be made."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    return shutil.disk_usage(there).free


def collect_disk_metrics(services: Services) -> Iterator[Metric]:
    """The same as figures."""
    left = GaugeMetricFamily("priority_line_free_bytes", "room that is left", labels=["part"])
    for part, folder in find_data_folders(services).items():
        left.add_metric([part], free_bytes(folder))
    yield left
    meaning, age = "since the fallback file was written", _age(services.settings.fallback_file)
    yield GaugeMetricFamily("priority_line_fallback_file_age_seconds", meaning, value=age)


def _age(file: Path) -> float:
    """Seconds since a file was written; one that is missing is older than any."""
    try:
        return max(0.0, time.time() - file.stat().st_mtime)
    except OSError:
        return float("inf")


# Services that let us wait, as every process tells the others: for metrics and doctor.


RESTING_KIND = "resting service"
RESTING_TTL = dt.timedelta(seconds=20)
"""For so long after a process said so; it says so every few seconds while it lasts."""


def report_resting(beats: Heartbeats, now: dt.datetime) -> None:
    """Say which services this process leaves to rest."""
    for service in BREAKERS.opened():
        beats.beat(RESTING_KIND, service, now)


def find_resting(beats: Heartbeats, now: dt.datetime) -> list[str]:
    """The services that some process leaves to rest, by name."""
    return sorted({*BREAKERS.opened(), *beats.living(RESTING_KIND, now - RESTING_TTL)})
