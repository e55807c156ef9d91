"""Start, warm-up, heartbeat and stop of a worker or clock process.

Warm-up makes the imports and connections that would delay the first call after a start: the client
of the carrier is imported piece by piece, zone data and holidays are read when a decision first
asks who is on call, and a connection takes two round trips and more.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from types import FrameType
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from carrier.client import NotDoneError, RefusedError, UnsureError
from routing.jobs import Lane
from service import logging
from service.bootstrap import restrict_umask
from service.telemetry import start_telemetry
from settings import SettingsError
from store.db.engine import reading
from store.db.prepared import compile_statements
from store.db.sql_types import prepare_json
from store.tables import all_tables
from workers.context import WorkerContext, process_context
from workers.maintenance import start_maintenance

HEARTBEAT_EVERY = 2.0

MAX_WARM_UP_SECONDS = 5.0
"""Seconds after which a process reports that it is ready, warm or not."""

_log = structlog.get_logger("process")


class WarmedThreads(Protocol):
    """The job threads of a process."""

    def until_warm(self, seconds: float) -> None:
        """Wait until each thread is warm, at most so many seconds."""


@contextmanager
def run_process(kind: str) -> Iterator[tuple[WorkerContext, Event]]:
    """Run the parts that worker and clock share; yields the context, and the stop signal."""
    context, end = start_process(), catch_stop_signals()
    start_maintenance(context, end, kind)
    keep_reporting_life(context)
    with keep_heartbeat(kind, context):
        yield context, end


def become_ready(context: WorkerContext, threads: WarmedThreads) -> None:
    """Warm up, and report that the process is ready."""
    warm_up(context)
    threads.until_warm(MAX_WARM_UP_SECONDS)
    notify_systemd(b"READY=1")


def start_process() -> WorkerContext:
    """Set up umask and logging and return the context; a wrong setting exits with a sentence."""
    restrict_umask()
    logging.start_logging()
    logging.capture_library_logs()
    try:
        context = process_context()
        start_telemetry(context.services.settings)
    except SettingsError as error:
        sys.exit(str(error))
    return context


def catch_stop_signals() -> Event:
    """An event that SIGTERM, SIGINT or SIGHUP sets, instead of ending the process at once."""
    asked = Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(one, ask)
    return asked


@contextmanager
def keep_heartbeat(kind: str, context: WorkerContext) -> Iterator[None]:
    """Record heartbeats from a thread while the context is open."""
    name, over, turns = secrets.token_hex(8), Event(), logging.LoopGuard("heartbeat")

    def beat() -> None:
        while not over.is_set():
            if turns.take(lambda: context.heartbeats.beat(kind, name, context.clock())):
                context.pulse.note_answer()
            over.wait(HEARTBEAT_EVERY)

    heart = Thread(target=beat, name="heartbeat", daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join(1)
        with suppress(SQLAlchemyError):
            context.heartbeats.leave(kind, name)


def warm_up(context: WorkerContext) -> None:
    """Read the data of every decision, and prepare every statement and the JSON of every table; do
    nothing while the database is down."""
    try:
        for line in context.services.lines.list_lines():
            facts = context.services.call_service.facts(line)
            for schedule in line.schedules:
                facts.on_call(schedule.id)
        with reading(context.services.engine) as connection:
            compile_statements(connection)
        prepare_json(all_tables())
    except SQLAlchemyError as error:
        _log.warning("not warm: database unavailable", error=type(error).__name__)


def warm_thread(context: WorkerContext, lane: Lane) -> None:
    """Build the clients of this thread; a thread that rings connects to the carrier.

    It reads the account, which is the smallest request and changes nothing.
    """
    telephone = context.job_context.carrier
    if lane is Lane.TELEPHONES:
        with suppress(NotDoneError, UnsureError, RefusedError):
            telephone.warm()


def keep_reporting_life(context: WorkerContext) -> None:
    """Report that this process lives, from a thread, for as long as its loop is not stuck."""
    file, turns = context.services.settings.alive_file, logging.LoopGuard("sign of life")

    def report() -> None:
        if file is not None:
            file.touch()
        if "WATCHDOG_USEC" in os.environ:
            notify_systemd(b"WATCHDOG=1")

    def keep() -> None:
        while True:
            if not context.pulse.is_stuck():
                turns.take(report)
            pause.wait(HEARTBEAT_EVERY)

    pause = Event()
    Thread(target=keep, name="life", daemon=True).start()


def notify_systemd(state: bytes) -> None:
    """Send a state to systemd on the socket of NOTIFY_SOCKET, if it is set."""
    name = os.environ.get("NOTIFY_SOCKET")
    if not name:
        return
    address = "\0" + name[1:] if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire, suppress(OSError):
        wire.connect(address)
        wire.sendall(state)
