"""Does one errand: claims it, does the deed, marks it done, or says when to try again."""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from carrier.outbound import RestingError
from routing import events, incident_events, jobs
from routing.jobs import Command, DropRecording, KeepRecording, Ring
from routing.line import LAST_RESORT
from routing.ports import CallRepository
from service.logging import about
from service.mailer import MailError
from store.db.engine import why
from store.work.jobs import Lease
from workers import calls, handovers, messages, recordings
from workers.calls import BLINK, NotYet
from workers.context import JobContext, TakenAwayError, WorkerContext, own_context

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


def carry_out(lease: Lease, context: WorkerContext) -> None:
    """Do this attempt, unless it is somebody else's by now; never raises for a deed that failed."""
    try:
        about(errand=lease.errand)
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


def _attempt(deed: Command, lease: Lease, context: WorkerContext) -> None:
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


def _came_to_nothing(error: Exception, deed: Command, lease: Lease, context: WorkerContext) -> None:
    """A service that rests was asked nothing, which is no attempt: its breaker has told the log."""
    resting = next((one for one in (error, error.__cause__) if isinstance(one, RestingError)), None)
    if resting is None:
        _failed(deed, lease, context, error)
        return
    rest = max(dt.timedelta(seconds=resting.seconds), BLINK)
    context.due.put_back(lease, context.clock() + rest)


def _failed(deed: Command, lease: Lease, context: WorkerContext, error: Exception) -> None:
    reason = _reason(error)
    level = logging.ERROR if lease.attempt >= WORRYING else logging.WARNING
    _log.log(level, "failed", kind=deed.kind, errand=lease.errand, try_=lease.attempt, why=reason)
    now = context.clock()
    if lease.attempt >= ENOUGH and not isinstance(deed, PERSEVERES):
        _write_off(deed, context, error)
        context.due.give_up(lease, now, reason)
    else:
        context.due.retry(lease, now + pause_after(lease.attempt), reason)


def _write_off(deed: Command, context: WorkerContext, error: Exception) -> None:
    """Say of a message that it failed, before nobody tries it any more."""
    failed = MESSAGES.get(type(deed))
    if failed is None:
        return
    what = _reason(error) if isinstance(error, MailError) else type(error).__name__
    try:
        failed(deed, context.bench, f"given up, {what}")
    except SQLAlchemyError:
        raise  # the lease runs out, and the last try is made once more
    except Exception as odd:  # such as a page that is not there
        _log.error("no result written down", kind=deed.kind, why=_reason(odd))


def _reason(error: Exception) -> str:
    """The kind of error and where it was raised; its words may hold names and numbers."""
    if isinstance(error, MailError):
        return f"the mail server: {error.reason}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, line {last.lineno} of {last.filename}"


# How each errand is done: read from the book, act at the carrier, and tell the desk what came.


Doing = Callable[[Any, JobContext, int], None]


def ring_over(deed: jobs.RingOver, bench: JobContext, attempt: int) -> None:
    """A phone has been rung for as long as its step says."""
    bench.desk.happen(events.RangLongEnough(deed.leg))


def hunt_on(deed: jobs.HuntOn, bench: JobContext, attempt: int) -> None:
    """A pause in the hunt is over."""
    bench.desk.happen(incident_events.HuntDue(deed.incident, deed.mark))


def key_overdue(deed: jobs.KeyOverdue, bench: JobContext, attempt: int) -> None:
    """Somebody acknowledged while the caller waited: a key should have come by now."""
    bench.desk.happen(incident_events.PromiseDue(deed.incident, deed.engineer, deed.since))


def strike(deed: jobs.Strike, bench: JobContext, attempt: int) -> None:
    """A share of the promised time is used up."""
    bench.desk.happen(incident_events.ClockStruck(deed.incident, deed.mark, deed.share))


def freed(deed: jobs.Freed, bench: JobContext, attempt: int) -> None:
    """Somebody is free: offered to each hunt that missed them, by level, plan and age, until they
    are rung."""
    for incident in _by_turn(deed, bench.desk.book):
        if deed.engineer in bench.desk.book.busy(deed.line):
            break
        bench.desk.happen(incident_events.EngineerFree(incident, deed.engineer))
    calls.serve(jobs.ServeDesk(deed.line), bench, attempt)


def _by_turn(deed: jobs.Freed, book: CallRepository) -> Sequence[str]:
    """The hunts in their order. At the last resort those for whom it was never rung come first, or
    the oldest, who come back after each pause, would leave nothing to the others."""
    hunted = book.hunted(deed.line)
    if not deed.engineer.startswith(LAST_RESORT):
        return hunted
    sought = {key: _sought(book, key) for key in hunted}
    return sorted(hunted, key=lambda key: LAST_RESORT in sought[key])


def _sought(book: CallRepository, key: str) -> tuple[str, ...]:
    matter = book.matter_of_incident(key)
    return matter.incident.hunt.sought if matter is not None and matter.incident else ()


def ring_back(deed: jobs.RingBack, bench: JobContext, attempt: int) -> None:
    """An engineer who called the line has hung up, and is rung for what was chosen."""
    call = bench.desk.call(deed.call).call
    if call is not None and call.rings_back is not None and call.engineer is not None:
        bench.desk.happen(incident_events.CalledIn(call.rings_back, call.engineer, call.caller))


DEEDS: dict[type, Doing] = {
    jobs.Ring: calls.ring,
    jobs.Silence: calls.silence,
    jobs.Tell: calls.tell,
    jobs.EndMessage: calls.end_message,
    jobs.SettleLeg: calls.settle_leg,
    jobs.SettleCall: calls.settle_call,
    jobs.DropQueue: calls.drop_queue,
    jobs.TextPage: messages.text,
    jobs.MailPage: messages.mail,
    jobs.TextMessage: messages.send,
    jobs.MailMessage: messages.send,
    jobs.KeepRecording: recordings.keep,
    jobs.DropRecording: recordings.drop,
    jobs.Alarm: messages.alarm,
    jobs.WrongPins: messages.wrong_pins,
    jobs.TellRelease: messages.tell,
    jobs.TellUnrung: messages.unrung,
    jobs.HandoverDue: handovers.come_on,
    jobs.ReliefCheck: handovers.check,
    jobs.RingOver: ring_over,
    jobs.HuntOn: hunt_on,
    jobs.KeyOverdue: key_overdue,
    jobs.Strike: strike,
    jobs.Freed: freed,
    jobs.ServeDesk: calls.serve,
    jobs.RingBack: ring_back,
}

Failing = Callable[[Any, JobContext, str], None]

MESSAGES: dict[type, Failing] = {
    jobs.TextPage: messages.page_failed,
    jobs.MailPage: messages.page_failed,
    jobs.TextMessage: messages.letter_failed,
    jobs.MailMessage: messages.letter_failed,
}
"""How the book hears that a message was given up, and why."""
