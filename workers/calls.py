"""Job handlers for calls: place, cancel and redirect legs, in the order of their urgency.

A leg is stored before its request to the carrier. A retry first looks for the earlier call.
"""

from __future__ import annotations

import datetime as dt
import math

from carrier.client import OutgoingCall, RefusedError
from routing import decision, events, jobs, voice_document
from routing.caller.call_me_now import RING_FOR
from routing.escalation.taking import can_be_brought
from routing.line import Channel, Line
from routing.page import CustomerLeg, LegState, Page
from service.counters import count_unreached
from workers.context import JobContext, NotYet

CLOCK_SKEW = dt.timedelta(seconds=5)
MIN_RING_SECONDS = 5
"""The shortest ring time of the carrier; a job of ours may end the ring before that."""

LIVE_STATES = (events.Heard.RINGING, events.Heard.ANSWERED)


# A customer who asked to be called.


def find_customer_leg(
    command: jobs.RingCustomer | jobs.StopRingingCustomer | jobs.CheckCustomerLeg,
    context: JobContext,
) -> tuple[decision.Case, CustomerLeg | None]:
    """The leg of a job, with its case; None once a later call was asked for."""
    case = context.call_service.calls.find_by_incident(command.incident)
    if case is None or case.incident is None:
        raise LookupError("this incident is not known")
    leg = case.incident.customer_leg
    if leg is None or leg.number != command.number:
        return case, None
    return case, leg


def ring_customer(
    command: jobs.RingCustomer, context: JobContext, attempt: int
) -> events.Event | None:
    """Place the call once: a retry first looks for the call of an earlier attempt."""
    case, leg = find_customer_leg(command, context)
    if leg is None or case.incident is None:
        return None
    if leg.state is LegState.STOPPING and leg.sid is None:
        return report_customer_leg(command, events.Heard.CANCELED)
    if leg.state is not LegState.PLACING:
        return None
    line = context.call_service.line_of(case)
    try:
        sid = None
        if attempt > 1:
            sid = context.carrier.placed_since(leg.to, line.number, leg.at - CLOCK_SKEW)
            context.check_lease()  # the request must not outlast the lease of this job
        if sid is None:
            if context.not_before is not None:
                raise NotYet(context.not_before)
            sid = context.carrier.place(build_call_to_customer(command, leg, line, context))
    except RefusedError as refusal:
        count_unreached(Channel.CALL, refusal.code)
        why = f"the carrier refuses: {refusal.code}"
        return report_customer_leg(command, events.Heard.FAILED, why=why)
    return report_customer_leg(command, events.Heard.RINGING, sid)


def build_call_to_customer(
    command: jobs.RingCustomer, leg: CustomerLeg, line: Line, context: JobContext
) -> OutgoingCall:
    """The request for the call. The status of all of it is reported at the URL of the leg."""
    return OutgoingCall(
        to=leg.to,
        from_=line.number,
        url=context.urls.customer_leg_url(command.incident, leg.number),
        fallback_url=context.urls.fallback("customer"),
        status_url=context.urls.customer_leg_status_url(command.incident, leg.number),
        seconds=math.ceil(RING_FOR.total_seconds()),
    )


def report_customer_leg(
    command: jobs.RingCustomer | jobs.StopRingingCustomer,
    heard: events.Heard,
    sid: str | None = None,
    why: str | None = None,
) -> events.Event:
    """The event of a status of the leg."""
    return events.CustomerLegHeard(command.incident, command.number, heard, sid, why)


def cancel_customer_leg(
    command: jobs.StopRingingCustomer, context: JobContext, attempt: int
) -> events.Event | None:
    """Cancel the ringing call; the job that would place an unplaced one drops it instead."""
    _, leg = find_customer_leg(command, context)
    if leg is None or leg.state is not LegState.STOPPING or leg.sid is None:
        return None
    try:
        heard = context.carrier.cancel_call(leg.sid)
    except RefusedError:
        heard = events.Heard.CANCELED
    return report_customer_leg(command, heard)


def check_customer_leg(
    command: jobs.CheckCustomerLeg, context: JobContext, attempt: int
) -> events.Event | None:
    """Ask the carrier for the state of the call, in case a callback was lost."""
    _, leg = find_customer_leg(command, context)
    if leg is None or not leg.live:
        return None
    heard = None
    if leg.sid is not None:
        try:
            heard = context.carrier.read_status(leg.sid)
        except RefusedError:
            heard = events.Heard.FAILED
    return events.CustomerLegChecked(command.incident, command.number, heard)


# An engineer's leg.


def find_leg(
    command: jobs.Ring | jobs.StopRinging | jobs.RefreshDocument | jobs.CheckLeg,
    context: JobContext,
) -> tuple[decision.Case, Page]:
    """The leg of a job, with its case."""
    case = context.call_service.leg(command.leg)
    if case.incident is None or (page := case.incident.page(command.leg)) is None:
        raise LookupError("this leg is not in its incident")
    return case, page


def place_call(command: jobs.Ring, context: JobContext, attempt: int) -> events.Event | None:
    """Place the call of a leg once: a retry first looks for the call of an earlier attempt."""
    case, leg = find_leg(command, context)
    if leg.state is LegState.STOPPING and leg.sid is None:
        return events.LegHeard(leg.id, events.Heard.CANCELED)
    if leg.state is not LegState.PLACING:
        return None
    line = context.call_service.line_of(case)
    try:
        sid = None
        if attempt > 1:
            sid = context.carrier.placed_since(leg.to, line.number, leg.at - CLOCK_SKEW)
            context.check_lease()  # the request must not outlast the lease of this job
        if sid is None:
            if context.not_before is not None:
                context.call_service.happen(events.LegPutOff(leg.id))
                raise NotYet(context.not_before)
            sid = context.carrier.place(build_outgoing_call(leg, line.number, context))
    except RefusedError as refusal:
        count_unreached(Channel.CALL, refusal.code)
        return events.LegRefused(leg.id, refusal.code)
    return events.LegPlaced(leg.id, sid)


def build_outgoing_call(leg: Page, from_: str, context: JobContext) -> OutgoingCall:
    """The request for this leg; each URL holds our own id."""
    return OutgoingCall(
        to=leg.to,
        from_=from_,
        url=context.urls.leg_url(leg.id),
        fallback_url=context.urls.leg_fallback_url(leg.id),
        status_url=context.urls.leg_status_url(leg.id),
        seconds=max(MIN_RING_SECONDS, math.ceil(leg.ring_for.total_seconds())),
    )


def cancel_leg(command: jobs.StopRinging, context: JobContext, attempt: int) -> events.Event | None:
    """Cancel a ringing leg; the job that would place an unplaced leg drops it instead."""
    _, leg = find_leg(command, context)
    if leg.state is not LegState.STOPPING or leg.sid is None:
        return None
    try:
        heard = context.carrier.cancel_call(leg.sid)
    except RefusedError:
        heard = events.Heard.CANCELED
    return events.LegHeard(leg.id, heard)


def redirect_leg(command: jobs.RefreshDocument, context: JobContext, attempt: int) -> None:
    """Redirect an answered leg to its current document, unless it has ended or is bridged."""
    _, leg = find_leg(command, context)
    if leg.state not in (LegState.LISTENING, LegState.CONNECTING) or leg.sid is None:
        return
    try:
        context.carrier.redirect(leg.sid, context.urls.leg_url(leg.id))
    except RefusedError:
        return


def end_message(command: jobs.EndMessage, context: JobContext, attempt: int) -> None:
    """Redirect the caller from what they are saying to the queue, unless that has ended."""
    call = context.call_service.call(command.call).call
    if call is None or call.turn != command.turn or not can_be_brought(call):
        return
    try:
        to = context.urls.of(voice_document.Next("call.cut", call.id, call.turn))
        context.carrier.redirect(call.sid, to)
    except RefusedError:
        return


def check_leg(command: jobs.CheckLeg, context: JobContext, attempt: int) -> events.Event | None:
    """Ask the carrier for the state of a leg, in case a callback was lost."""
    _, leg = find_leg(command, context)
    if not leg.live:
        return None
    heard = None
    if leg.sid is not None:
        try:
            heard = context.carrier.read_status(leg.sid)
        except RefusedError:
            heard = events.Heard.FAILED
    return events.LegChecked(leg.id, heard)


def check_call(command: jobs.CheckCall, context: JobContext, attempt: int) -> events.Event | None:
    """Ask the carrier whether the caller is still connected."""
    call = context.call_service.call(command.call).call
    if call is None:
        return None
    try:
        live = call.live and context.carrier.read_status(call.sid) in LIVE_STATES
    except RefusedError:
        live = False
    return events.CallChecked(call.id, live)


def drop_queue(command: jobs.DeleteQueue, context: JobContext, attempt: int) -> None:
    """Delete the carrier's queue of an ended call."""
    try:
        context.carrier.drop_queue(command.queue)
    except RefusedError:
        return
