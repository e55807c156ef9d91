"""Does one errand: claims it, does the deed, marks it done, or says when to try again."""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from dataclasses import replace

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

import logbook
from carrier.outbound import RestingError
from mailer import MailError
from routing.errands import Deed, DropRecording, KeepRecording, Ring
from store.due import Lease
from store.engine import why
from workers.bench import TakenAwayError
from workers.context import Context, own_context
from workers.deeds import DEEDS
from workers.pace import BLINK, NotYet

LONGEST_WAIT = dt.timedelta(seconds=30)
ENOUGH = 2000
"""So many tries take most of a day; what perseveres is still tried after that."""

WORRYING = 3
"""A hiccup is over by now: from this attempt on, a failure is an error in the log."""

PERSEVERES = (Ring, KeepRecording, DropRecording)
"""A telephone must ring, and what was said to the line is never lost, nor left lying about."""

_log = structlog.get_logger("errands")


def run(errand_id: str, attempt: int) -> None:
    """What a job in Redis calls, by name."""
    carry_out(Lease(errand_id, attempt), own_context())


def carry_out(lease: Lease, context: Context) -> None:
    """Do this attempt, unless it is somebody else's by now; never raises for a deed that failed."""
    try:
        logbook.about(errand=lease.errand)
        deed = context.due.claim(lease, context.clock())
        if deed is not None:
            _attempt(deed, lease, context)
    except SQLAlchemyError as error:  # the lease runs out and the errand comes back by itself
        _log.warning("database away", errand=lease.errand, why=why(error))
    except ValidationError:  # written by a later version during its release, which will do it
        _log.warning("not known to this version", errand=lease.errand)


def pause_after(attempt: int) -> dt.timedelta:
    """How long to wait after this attempt failed: half a second, doubled each time, up to 30 s."""
    return min(dt.timedelta(seconds=0.5 * 2 ** min(attempt - 1, 10)), LONGEST_WAIT)


def _attempt(deed: Deed, lease: Lease, context: Context) -> None:
    def hold_on() -> None:
        if not context.due.hold(lease, context.clock()):
            raise TakenAwayError

    try:
        DEEDS[type(deed)](deed, replace(context.bench, hold_on=hold_on), lease.attempt)
    except NotYet as wait:
        context.due.put_back(lease, wait.at)
    except TakenAwayError:
        _log.warning("taken away", kind=deed.kind, errand=lease.errand, try_=lease.attempt)
    except Exception as error:  # whatever it was, the errand must come back
        _came_to_nothing(error, deed, lease, context)
    else:
        context.due.done(lease, context.clock())


def _came_to_nothing(error: Exception, deed: Deed, lease: Lease, context: Context) -> None:
    """A service that rests was asked nothing, which is no attempt: its breaker has told the log."""
    resting = next((one for one in (error, error.__cause__) if isinstance(one, RestingError)), None)
    if resting is None:
        _failed(deed, lease, context, _reason(error))
        return
    rest = max(dt.timedelta(seconds=resting.seconds), BLINK)
    context.due.put_back(lease, context.clock() + rest)


def _failed(deed: Deed, lease: Lease, context: Context, reason: str) -> None:
    level = logging.ERROR if lease.attempt >= WORRYING else logging.WARNING
    _log.log(level, "failed", kind=deed.kind, errand=lease.errand, try_=lease.attempt, why=reason)
    now = context.clock()
    if lease.attempt >= ENOUGH and not isinstance(deed, PERSEVERES):
        context.due.give_up(lease, now, reason)
    else:
        context.due.retry(lease, now + pause_after(lease.attempt), reason)


def _reason(error: Exception) -> str:
    """The kind of error and where it was raised; its words may hold names and numbers."""
    if isinstance(error, MailError):
        return f"the mail server: {error.reason}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, line {last.lineno} of {last.filename}"
