"""Runs one claimed job: calls its handler, and marks it done or schedules a retry.

A handler returns what ends its job: an event, or another end that writes more. Both are saved in
one transaction with "done".
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from carrier.client import NotDoneError, RefusedError, UnsureError
from carrier.outbound import RestingError
from routing import events, jobs
from routing.jobs import (
    Command,
    DeleteRecording,
    DeleteTranscription,
    FetchRecording,
    Lease,
    LeaseLostError,
    Ring,
)
from service.channels.sender import DeliveryError
from service.counters import COUNTERS, JOBS
from service.logging import bind_ids
from service.telemetry import report_error, trace_job
from store.db.engine import describe_error
from store.work.carrier_turns import MIN_DELAY
from store.work.jobs import ClaimedJob, JobEnd
from workers import calls, decisions, messages, portal_codes, recordings, tasks, webhooks
from workers.context import JobContext, NotYet, TryAgain, WorkerContext

MAX_RETRY_DELAY = dt.timedelta(seconds=30)
MAX_ATTEMPTS = 2000
"""Attempts before a job is given up, which take most of a day."""

ERROR_FROM_ATTEMPT = 3
"""From this attempt on, a failure is logged as an error."""

NEVER_GIVEN_UP = (Ring, FetchRecording, DeleteRecording, DeleteTranscription)
"""Jobs that are never given up: calls to place, and what was said to store or delete."""

EXPECTED = (DeliveryError, NotDoneError, RefusedError, UnsureError)
"""What a service outside says; these are no errors of ours."""

_log = structlog.get_logger("jobs")


def run_job(job: ClaimedJob, context: WorkerContext) -> None:
    """Make this attempt; a failing handler raises nothing."""
    bind_ids(job=job.lease.job)
    if job.command is None:  # the lease expires, and the processes of that version run it
        _log.warning("job of a later version", job=job.lease.job)
        return
    begun = time.monotonic()
    try:
        with trace_job(job.command.kind):
            _run_attempt(job.command, job, context)
    except SQLAlchemyError as error:  # the lease expires, and the job comes back
        _log.warning("database away", job=job.lease.job, why=describe_error(error))
    finally:
        COUNTERS.observe(time.monotonic() - begun, JOBS, job.command.kind)


def retry_delay(attempt: int) -> dt.timedelta:
    """The delay after this failed attempt: half a second, doubled each time, up to 30 s."""
    return min(dt.timedelta(seconds=0.5 * 2 ** min(attempt - 1, 10)), MAX_RETRY_DELAY)


def _run_attempt(command: Command, job: ClaimedJob, context: WorkerContext) -> None:
    lease = job.lease

    def check_lease() -> None:
        if not context.queue.hold(lease, context.clock()):
            raise LeaseLostError

    try:
        services = replace(context.job_context, check_lease=check_lease, not_before=job.not_before)
        end = JOB_HANDLERS[type(command)](command, services, lease.attempt)
        _finish(end, lease, context)
    except NotYet as wait:
        context.queue.put_back(lease, wait.at)
    except TryAgain as failure:
        context.queue.retry(lease, failure.at, failure.reason)
    except LeaseLostError:
        _log.warning("lease lost", kind=command.kind, job=lease.job, try_=lease.attempt)
    except Exception as error:  # the job must come back, whatever failed
        _handle_failure(error, command, lease, context)


def _finish(end: events.Event | JobEnd | None, lease: Lease, context: WorkerContext) -> None:
    """Save what the job reports and that it is done. A report counts also when the lease was lost:
    the next attempt reads it before it acts."""
    if end is None:
        context.queue.done(lease, context.clock())
        return
    if isinstance(end, JobEnd):
        context.queue.end(lease, context.clock(), end)
        return
    service = context.job_context.call_service
    try:
        service.happen(end, finishes=lease)
    except LeaseLostError:
        service.happen(end)
        raise


def _handle_failure(
    error: Exception, command: Command, lease: Lease, context: WorkerContext
) -> None:
    """Put the job back when a circuit breaker is open: nothing was sent, so it was no attempt."""
    resting = next((one for one in (error, error.__cause__) if isinstance(one, RestingError)), None)
    if resting is None:
        _retry_or_give_up(command, lease, context, error)
        return
    rest = max(dt.timedelta(seconds=resting.seconds), MIN_DELAY)
    context.queue.put_back(lease, context.clock() + rest)


def _retry_or_give_up(
    command: Command, lease: Lease, context: WorkerContext, error: Exception
) -> None:
    reason = _describe_failure(error)
    level = logging.ERROR if lease.attempt >= ERROR_FROM_ATTEMPT else logging.WARNING
    _log.log(level, "job failed", kind=command.kind, job=lease.job, try_=lease.attempt, why=reason)
    if not isinstance(error, EXPECTED):
        report_error(error, command.kind)
    now = context.clock()
    if lease.attempt >= MAX_ATTEMPTS and not isinstance(command, NEVER_GIVEN_UP):
        _write_off(command, context, error)
        context.queue.give_up(lease, now, reason)
    else:
        context.queue.retry(lease, now + retry_delay(lease.attempt), reason)


def _write_off(command: Command, context: WorkerContext, error: Exception) -> None:
    """Record that a page or message failed, before its job is given up."""
    failed = GIVE_UP_HANDLERS.get(type(command))
    if failed is None:
        return
    what = type(error).__name__
    if isinstance(error, DeliveryError):
        what = str(error)
    try:
        failed(command, context.job_context, f"given up, {what}")
    except SQLAlchemyError:
        raise  # the lease expires, and the last attempt is repeated
    except Exception as failure:  # such as a page that does not exist
        _log.error("result not stored", kind=command.kind, why=_describe_failure(failure))


def _describe_failure(error: Exception) -> str:
    """The type of the error and where it was raised; its message may hold personal data."""
    if isinstance(error, DeliveryError):
        return str(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, line {last.lineno} of {last.filename}"


JobHandler = Callable[[Any, JobContext, int], events.Event | JobEnd | None]


JOB_HANDLERS: dict[type, JobHandler] = {
    jobs.Ring: calls.place_call,
    jobs.StopRinging: calls.cancel_leg,
    jobs.RefreshDocument: calls.redirect_leg,
    jobs.EndMessage: calls.end_message,
    jobs.CheckLeg: calls.check_leg,
    jobs.CheckCall: calls.check_call,
    jobs.RingCustomer: calls.ring_customer,
    jobs.StopRingingCustomer: calls.cancel_customer_leg,
    jobs.CheckCustomerLeg: calls.check_customer_leg,
    jobs.DeleteQueue: calls.drop_queue,
    jobs.SendPage: messages.send_page,
    jobs.SendMessage: messages.send_message,
    jobs.FetchRecording: recordings.keep_recording,
    jobs.DeleteRecording: recordings.delete_recording,
    jobs.DeleteTranscription: recordings.delete_transcription,
    jobs.TranscribeRecording: recordings.transcribe_recording,
    jobs.ReportDailyCap: messages.report_text_cap,
    jobs.ReportWrongPins: messages.report_wrong_pins,
    jobs.SendReleaseMessages: messages.announce_release,
    jobs.SendPortalCode: portal_codes.send_portal_code,
    jobs.ReportUnrung: messages.report_unrung,
    jobs.DeliverWebhook: webhooks.deliver_webhook,
    jobs.RunTask: tasks.run_task,
    jobs.AnnounceHandover: decisions.start_handover,
    jobs.CheckHandover: decisions.check_handover,
    jobs.EndRing: decisions.end_ring,
    jobs.EndCustomerRing: decisions.end_customer_ring,
    jobs.ContinueEscalation: decisions.continue_escalation,
    jobs.CheckKeyDeadline: decisions.check_key_deadline,
    jobs.CheckResponseTime: decisions.check_response_clock,
    jobs.OfferEngineer: decisions.offer_engineer,
    jobs.ServeDesk: decisions.serve_desk,
    jobs.RingBack: decisions.ring_back_engineer,
}

GiveUpHandler = Callable[[Any, JobContext, str], None]

GIVE_UP_HANDLERS: dict[type, GiveUpHandler] = {
    jobs.SendPage: messages.give_up_page,
    jobs.SendMessage: messages.give_up_message,
}
"""How the failure of a page or message is recorded when its job is given up."""
