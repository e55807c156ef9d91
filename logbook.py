"""What a process tells of its work: one JSON object a line, on standard error, naming nobody.

The log of the line itself, with its reasons and its people, is in the database; this one is for
whoever keeps the processes alive, and may be sent anywhere.
"""

from __future__ import annotations

import logging
import os
import re
import select
from collections.abc import MutableMapping
from threading import Lock
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars

from routing.matter import Decision, Matter
from tally import TALLY

_REACHABLE = re.compile(r"\+\d{6,15}|[^\s@]+@[^\s@]+")
"""Telephone numbers and mail addresses; a net below those who must not write them anyway."""

LOST = "log lost"
"""Lines that nobody could be told."""

_STDERR = 2
_ONE_WRITES = Lock()
_PATIENCE = 0.1
"""Seconds for the line of another thread, which takes microseconds unless its reader hangs."""

_log = structlog.get_logger("desk")


def begin(level: int = logging.INFO) -> None:
    """From now on, everything of this level and above goes to standard error."""
    structlog.configure(
        processors=[
            merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _nameless,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Pen(),
        cache_logger_on_first_use=False,
    )


def begin_for_others(level: int = logging.WARNING) -> None:
    """What the packages we stand on have to say goes the same way, in the same form."""
    logging.basicConfig(handlers=[_Others()], level=level)


class _Others(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Its words may name a telephone number, which is left out like any other."""
        structlog.get_logger().log(record.levelno, record.name, said=record.getMessage())


class _Pen:
    """Writes a line to standard error, or loses it: no caller waits for a full disk or a reader
    that hangs."""

    def msg(self, line: str) -> None:
        if not _ONE_WRITES.acquire(timeout=_PATIENCE):
            TALLY.count(LOST)
            return
        try:
            _write(line.encode() + b"\n")
        except OSError:
            TALLY.count(LOST)
        finally:
            _ONE_WRITES.release()

    debug = info = warning = error = critical = msg


def _write(text: bytes) -> None:
    while text:
        if not select.select([], [_STDERR], [], 0)[1]:
            raise BlockingIOError
        text = text[os.write(_STDERR, text[: select.PIPE_BUF]) :]


def about(**ids: object) -> None:
    """What follows in this thread is about these, and about nothing that was before."""
    clear_contextvars()
    bind_contextvars(**ids)


def decided(matter: Matter, decision: Decision) -> None:
    """The desk has written something down: which call, which incident, and what; not why."""
    ids: dict[str, object] = {}
    if matter.call is not None:
        ids |= {"call": matter.call.id, "sid": matter.call.sid}
    if matter.incident is not None:
        ids |= {"incident": matter.incident.number}
    bind_contextvars(**ids)
    _log.info("decided", what=[note.event for note in decision.notes])


def _nameless(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _REACHABLE.sub("…", value)
    return event
