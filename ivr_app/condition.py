"""The condition of the line as one process sees it."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from settings import Settings
from store.beats import Beats
from store.due import DueWork
from store.schema import migrated
from store.wire import impatient
from switchboard import Switchboard

MIGRATE = "flask --app ivr_app migrate"
"""What is to be done about a database without the tables of this version."""


class Condition(TypedDict):
    """``ready`` means that calls can be answered; seconds are None where nothing is known.

    ``database`` is ok, away, not migrated, or not writable: a full disk, or a standby.
    """

    ready: bool
    database: str
    redis: str
    worker_seen_s: float | None
    clock_seen_s: float | None
    oldest_due_s: float | None


def condition_of(board: Switchboard) -> Condition:
    """Ask database and Redis; neither can hold up the answer for long."""
    condition = Condition(
        ready=False,
        database="away",
        redis="ok" if redis_takes(board.settings) else "away",
        worker_seen_s=None,
        clock_seen_s=None,
        oldest_due_s=None,
    )
    now, beats = board.desk.clock(), Beats(board.engine)
    try:
        condition["database"] = "ok" if migrated(board.engine) else "not migrated"
        if condition["database"] == "ok":
            condition["worker_seen_s"] = _seconds_since(beats.last("worker"), now)
            condition["clock_seen_s"] = _seconds_since(beats.last("clock"), now)
            condition["oldest_due_s"] = _seconds(DueWork(board.engine).oldest_due(now))
    except SQLAlchemyError:
        condition["database"] = "away"
    if condition["database"] == "ok":
        condition["ready"] = _writable(beats, now)
        condition["database"] = "ok" if condition["ready"] else "not writable"
    return condition


def _writable(beats: Beats, now: dt.datetime) -> bool:
    """Nothing but a row that was really written says so."""
    try:
        beats.beat("door", "door", now)
    except SQLAlchemyError:
        return False
    return True


def redis_takes(settings: Settings) -> bool:
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
