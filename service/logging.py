"""Logs of a process: one JSON object a line on standard error, without personal data.

The journal of the line, with reasons and people, is in the database. This log is for operators
and may be sent anywhere.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import select
import time
import traceback
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from threading import Lock
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from routing.decision import Case, Decision
from service.counters import COUNTERS, LINES_LOST
from service.telemetry import report_error
from store.db.engine import describe_error as why_of

_PERSONAL = re.compile(r"\+\d{6,15}|[^\s@]+@[^\s@]+")
"""Phone numbers and mail addresses: a safety net, because no caller may log them anyway."""

_STDERR = 2
_READY = select.poll()
_READY.register(_STDERR, select.POLLOUT)
_WRITE_LOCK = Lock()
_LOCK_TIMEOUT = 0.1
"""Seconds to wait for another thread's line, which takes microseconds unless its reader hangs."""

_encode = json.JSONEncoder(default=repr).encode
_ids: ContextVar[dict[str, object]] = ContextVar("ids")
"""What the entries of this thread are about."""

_log = structlog.get_logger("desk")


def start_logging(level: int = logging.INFO) -> None:
    """Send log entries of this level and above to standard error."""
    structlog.configure(
        processors=[_render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _StderrLogger(),
        cache_logger_on_first_use=False,
    )


def capture_library_logs(level: int = logging.WARNING) -> None:
    """Send the log entries of libraries the same way, in the same form."""
    logging.basicConfig(handlers=[_LibraryHandler()], level=level)


class _LibraryHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Log the library's message; the redaction removes phone numbers from it."""
        structlog.get_logger().log(record.levelno, record.name, said=record.getMessage())


class _StderrLogger:
    """Writes a line to standard error, or drops it: no call waits for a full disk."""

    def msg(self, line: str) -> None:
        if not _WRITE_LOCK.acquire(timeout=_LOCK_TIMEOUT):
            COUNTERS.count(LINES_LOST)
            return
        try:
            _write(line.encode() + b"\n")
        except OSError:
            COUNTERS.count(LINES_LOST)
        finally:
            _WRITE_LOCK.release()

    debug = info = warning = error = critical = msg


def _write(text: bytes) -> None:
    while text:
        if not _READY.poll(0):
            raise BlockingIOError
        text = text[os.write(_STDERR, text[: select.PIPE_BUF]) :]


def bind_ids(**ids: object) -> None:
    """Add these ids to all later entries of this thread, in place of earlier ids."""
    _ids.set(ids)


def bound_ids() -> dict[str, object]:
    """The ids in the entries of this thread."""
    return _ids.get({})


def log_decision(case: Case, decision: Decision) -> None:
    """Log a decision: its call, incident and events, without reasons."""
    ids = dict(bound_ids())
    if case.call is not None:
        ids |= {"call": case.call.id, "sid": case.call.sid}
    if case.incident is not None:
        ids |= {"incident": case.incident.number}
    _ids.set(ids)
    _log.info("decided", what=[note.event.value for note in decision.notes])


def _render(_: object, level: str, entry: MutableMapping[str, Any]) -> str:
    """The line of an entry. Only one with a sign of a phone number or a mail address is searched
    for them."""
    at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    entry = {**bound_ids(), **entry, "level": level, "timestamp": f"{at.isoformat()}Z"}
    line = _encode(entry)
    if "+" in line or "@" in line:
        line = _encode(_redact(entry))
    return line


def _redact(value: Any) -> Any:
    if isinstance(value, str):
        return _PERSONAL.sub("…", value)
    if isinstance(value, dict):
        return {name: _redact(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redact(inner) for inner in value]
    return value


# An outage is logged when it begins, once a minute while it lasts, and when it is over.


REPEAT_AFTER = 60.0
"""Seconds after which a lasting outage is logged again."""


class Outage:
    """One kind of failure that may last, as one process sees it."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        """``what`` is its name in the log, such as *database away*."""
        self._what, self._clock = what, clock
        self._began: float | None = None
        self._told = 0.0

    def record_failure(self, why: str) -> None:
        """Record a failure; log an error unless one was logged within the minute."""
        now = self._clock()
        if self._began is None:
            self._began, self._told = now, now - REPEAT_AFTER
        if now - self._told >= REPEAT_AFTER:
            self._told = now
            structlog.get_logger().error(self._what, why=why)

    def record_recovery(self) -> None:
        """Record a success; log the end of the outage, if there was one."""
        if self._began is not None:
            seconds = round(self._clock() - self._began, 1)
            self._began = None
            structlog.get_logger().warning(f"no more: {self._what}", after_s=seconds)


class LoopGuard:
    """Keeps a loop alive: a failing turn is logged, and the next turn follows."""

    def __init__(self, loop: str) -> None:
        """``loop`` is its name in the log, such as *clock*."""
        self._loop = loop
        self._database, self._other = Outage("database away"), Outage(f"{loop} failed")

    def take(self, turn: Callable[[], object]) -> bool:
        """Run one turn; False when it failed, and then the loop should pause."""
        try:
            turn()
        except SQLAlchemyError as error:
            self._database.record_failure(why_of(error))
            report_error(error, self._loop)
            return False
        except Exception as error:
            self._other.record_failure(error_location(error))
            report_error(error, self._loop)
            return False
        self._database.record_recovery()
        self._other.record_recovery()
        return True


def error_cause(error: Exception) -> str:
    """The error in words that hold no personal data."""
    return getattr(error, "strerror", None) or type(error).__name__


def error_location(error: Exception) -> str:
    """The type of the error and where it was raised; its message may hold personal data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, line {last.lineno} of {last.filename}"
