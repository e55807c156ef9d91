"""Warm-up: imports and connections that would otherwise delay the first call after a start.

The client of the carrier is imported piece by piece when it is first used, zone data and holidays
are read when somebody first asks who is on call, and a connection takes two round trips and more.
"""

from __future__ import annotations

from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from carrier.client import NotDoneError, RefusedError, UnsureError
from routing.jobs import Lane
from workers.context import WorkerContext
from workers.job_pool import LaneThread

MAX_WARM_UP_SECONDS = 5.0
"""Seconds after which a process reports that it is ready, warm or not."""

_log = structlog.get_logger("warmup")


def warm_up(context: WorkerContext) -> None:
    """Read the data of every decision; do nothing while the database is down."""
    try:
        for line in context.services.lines.all_lines():
            facts = context.services.call_service.facts(line)
            for schedule in line.schedules:
                facts.on_call(schedule.id)
    except SQLAlchemyError as error:
        _log.warning("not warm: database away", error=type(error).__name__)


def warm_thread(context: WorkerContext, hand: LaneThread) -> None:
    """The ways out of this thread; a hand that rings connects to the carrier. Asking for the
    account is the smallest request there is, and changes nothing."""
    telephone = context.bench.telephone
    if hand.lane is Lane.TELEPHONES:
        with suppress(NotDoneError, UnsureError, RefusedError):
            telephone.warm()
