"""Start, heartbeat and stop of a worker or clock process."""

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

from sqlalchemy.exc import SQLAlchemyError

from service import logging
from service.bootstrap import restrict_umask
from service.logging import LoopGuard
from settings import SettingsError
from workers.context import WorkerContext, process_context

HEARTBEAT_EVERY = 2.0


def start_process() -> WorkerContext:
    """Set up umask and logging and return the context; a wrong setting exits with a sentence."""
    restrict_umask()
    logging.start_logging()
    logging.capture_library_logs()
    try:
        return process_context()
    except SettingsError as error:
        sys.exit(str(error))


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
    name, over, turns = secrets.token_hex(8), Event(), LoopGuard("heart")

    def beat() -> None:
        while not over.is_set():
            turns.take(lambda: context.beats.beat(kind, name, context.clock()))
            over.wait(HEARTBEAT_EVERY)

    heart = Thread(target=beat, name="heart", daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join(1)
        with suppress(SQLAlchemyError):
            context.beats.leave(kind, name)


# Readiness for systemd.


def notify_ready() -> None:
    """Notify systemd on the socket of NOTIFY_SOCKET, if it is set."""
    name = os.environ.get("NOTIFY_SOCKET")
    if not name:
        return
    address = "\0" + name[1:] if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire, suppress(OSError):
        wire.connect(address)
        wire.sendall(b"READY=1")
