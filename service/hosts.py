"""Compares the time zone data of the hosts of one line.

Two hosts with different data may hold different people on call for an hour, or a day, of the year.
"""

from __future__ import annotations

import datetime as dt
import socket
from threading import Event, Thread

import structlog
from sqlalchemy.exc import SQLAlchemyError

from routing.oncall.zonedata import zone_data
from store.work.metrics import Heartbeats

RECORD_EVERY = dt.timedelta(minutes=1)
"""How often a process records its version."""
RECORD_TTL = 3 * RECORD_EVERY
"""How long a record counts: after an upgrade the old version soon expires."""
_HEARTBEAT_KIND = "zone data"

_log = structlog.get_logger("hosts")


def record_zone_data(beats: Heartbeats, now: dt.datetime) -> None:
    """Record which zone data this host uses."""
    beats.beat(_HEARTBEAT_KIND, f"{zone_data()} {socket.gethostname()}", now)


def find_zone_data(beats: Heartbeats, now: dt.datetime) -> dict[str, set[str]]:
    """The hosts by the version of their zone data, this host included."""
    told: dict[str, set[str]] = {zone_data(): {socket.gethostname()}}
    for name in beats.living(_HEARTBEAT_KIND, now - RECORD_TTL):
        version, host = name.split(" ", 1)
        told.setdefault(version, set()).add(host)
    return told


def keep_recording_zone_data(beats: Heartbeats) -> None:
    """Record the version every minute, in a thread that lives as long as the process."""

    def keep() -> None:
        while True:
            try:
                record_zone_data(beats, dt.datetime.now(dt.UTC))
            except SQLAlchemyError as error:
                _log.warning("zone data not written", error=type(error).__name__)
            pause.wait(RECORD_EVERY.total_seconds())

    pause = Event()
    Thread(target=keep, name="hosts", daemon=True).start()
