"""Job handlers of the lane ``decisions``: the event of each timer, at its time."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from routing import call_service, events, jobs
from routing.escalation.desk_queue import find_free_people
from routing.line import LAST_RESORT, Handover, Line
from routing.ports import CallRepository
from workers.context import JobContext

_log = structlog.get_logger("handovers")


def end_ring(command: jobs.EndRing, context: JobContext, attempt: int) -> events.Event:
    """End the ring of a phone after the ring time of its step."""
    return events.RangLongEnough(command.leg)


def end_customer_ring(
    command: jobs.EndCustomerRing, context: JobContext, attempt: int
) -> events.Event:
    """End the ring of a customer who asked to be called."""
    return events.CustomerRangLongEnough(command.incident, command.number)


def continue_escalation(
    command: jobs.ContinueEscalation, context: JobContext, attempt: int
) -> events.Event:
    """Continue an escalation after a pause."""
    return events.EscalationTimerFired(command.incident, command.mark)


def check_key_deadline(
    command: jobs.CheckKeyDeadline, context: JobContext, attempt: int
) -> events.Event:
    """Check that an engineer who acknowledged without a key has pressed one since."""
    return events.KeyDeadlinePassed(command.incident, command.engineer, command.since)


def check_response_clock(
    command: jobs.CheckResponseTime, context: JobContext, attempt: int
) -> events.Event:
    """Report that a share of the promised response time is used up."""
    return events.ClockStruck(command.incident, command.mark, command.share)


def offer_engineer(command: jobs.OfferEngineer, context: JobContext, attempt: int) -> None:
    """Offer a free engineer to each escalation that missed them, until one rings them.

    The order is by level, plan and age.
    """
    for incident in _order_escalations(command, context.call_service.calls):
        if command.engineer in context.call_service.calls.find_busy(command.line):
            break
        context.call_service.happen(events.EngineerFree(incident, command.engineer))
    serve_desk(jobs.ServeDesk(command.line), context, attempt)


def _order_escalations(command: jobs.OfferEngineer, book: CallRepository) -> Sequence[str]:
    """The escalations in order.

    At the last resort, those that never rang it come first; else the oldest, which come back after
    each pause, would leave nothing to the others.
    """
    escalating = book.find_escalating_without(command.line, command.engineer)
    if not command.engineer.startswith(LAST_RESORT):
        return escalating
    rung = {key: _find_rung_people(book, key) for key in escalating}
    return sorted(escalating, key=lambda key: LAST_RESORT in rung[key])


def _find_rung_people(book: CallRepository, key: str) -> tuple[str, ...]:
    case = book.find_by_incident(key)
    return case.incident.escalation.rung if case is not None and case.incident else ()


def ring_back_engineer(
    command: jobs.RingBack, context: JobContext, attempt: int
) -> events.Event | None:
    """Ring an engineer who called the line and hung up, for the incident that they chose."""
    call = context.call_service.call(command.call).call
    if call is None or call.rings_back is None or call.engineer is None:
        return None
    return events.CalledIn(call.rings_back, call.engineer, call.caller)


# The desk queues: served in their common order, until no engineer is free.


def serve_desk(command: jobs.ServeDesk, context: JobContext, attempt: int) -> None:
    """Serve both queues of a line: an engineer of both gets the first caller of the two."""
    line = context.call_service.lines.find_line(command.line)
    if line is not None:
        _offer_free_engineers(line, context)


def _offer_free_engineers(line: Line, context: JobContext) -> None:
    """Offer the free engineers to the first caller, then to the next, until none is free."""
    tried: set[str] = set()
    free = find_free_people(context.call_service.facts(line))
    while free:
        waiting = [
            key
            for key in context.call_service.calls.desk_queue.find_waiting(line.id, None)
            if key not in tried
        ]
        if not waiting:
            return
        tried.add(waiting[0])
        context.call_service.happen(events.DeskTurn(waiting[0], free))
        still = find_free_people(context.call_service.facts(line))
        free = tuple(person for person in free if person in still)


# Shift handovers.


def start_handover(command: jobs.AnnounceHandover, context: JobContext, attempt: int) -> None:
    """Notify the engineer whose shift begins, if the schedule still says so."""
    handover = call_service.announce_handover(context.call_service, command)
    if handover is not None:
        _log_state(handover)
    else:
        _log.info("nobody to notify", line=command.line, schedule=command.schedule)


def check_handover(command: jobs.CheckHandover, context: JobContext, attempt: int) -> None:
    """Check whether the text was delivered, and whether a reply came in time."""
    handover = call_service.follow_up_handover(context.call_service, command.handover)
    if handover is not None:
        _log_state(handover)


def _log_state(handover: Handover) -> None:
    names = {"line": handover.line, "schedule": handover.schedule}
    at = handover.at.isoformat()
    _log.info(handover.state.value, handover=handover.id, at=at, **names)
