"""What a process tells of its work: one JSON object a line, on standard error, naming nobody.

The log of the line itself, with its reasons and its people, is in the database; this one is for
whoever keeps the processes alive, and may be sent anywhere.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars

from routing.matter import Decision, Matter

_REACHABLE = re.compile(r"\+\d{6,15}|[^\s@]+@[^\s@]+")
"""Telephone numbers and mail addresses; a net below those who must not write them anyway."""

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
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


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
