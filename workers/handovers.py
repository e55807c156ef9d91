"""Job handlers for shift handovers: plan, announce, and check for a confirmation."""

from __future__ import annotations

import structlog

from routing import call_service, jobs
from routing.call_service import CallService
from routing.line import Handover
from store.people.lines import SqlLineRepository
from workers.context import JobContext

_log = structlog.get_logger("handovers")


def plan_handovers(desk: CallService, people: SqlLineRepository) -> None:
    """Plan the handovers of every line; any number of processes may do so at once."""
    for line in people.all_lines():
        call_service.plan_handovers(desk, line, people.changed_at(line.id) or desk.clock())


def start_handover(command: jobs.AnnounceHandover, context: JobContext, attempt: int) -> None:
    """Notify the engineer whose shift begins, if the schedule still says so."""
    relief = call_service.announce_handover(context.desk, command)
    if relief is not None:
        _log_state(relief)
    else:
        _log.info("nobody to tell", line=command.line, schedule=command.schedule)


def check_handover(command: jobs.CheckHandover, context: JobContext, attempt: int) -> None:
    """Check whether the text was delivered, and whether a reply came in time."""
    relief = call_service.follow_up_handover(context.desk, command.relief)
    if relief is not None:
        _log_state(relief)


def _log_state(relief: Handover) -> None:
    names = {"line": relief.line, "schedule": relief.schedule}
    _log.info(relief.standing.value, relief=relief.id, at=relief.at.isoformat(), **names)
