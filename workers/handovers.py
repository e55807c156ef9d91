"""Handovers: planned now and then, told when they are due, and looked after until confirmed."""

from __future__ import annotations

import structlog

from routing import call_service, jobs
from routing.call_service import CallService
from routing.line import Handover
from store.people.lines import SqlLineRepository
from workers.context import JobContext

_log = structlog.get_logger("handovers")


def plan(desk: CallService, people: SqlLineRepository) -> None:
    """Plan the handovers of every line; any number of processes may do so at once."""
    for line in people.all_lines():
        call_service.plan(desk, line, people.changed_at(line.id) or desk.clock())


def come_on(deed: jobs.HandoverDue, bench: JobContext, attempt: int) -> None:
    """Tell whoever comes on, if the schedule still says so."""
    relief = call_service.come_on(bench.desk, deed)
    if relief is not None:
        _note(relief)
    else:
        _log.info("nobody to tell", line=deed.line, schedule=deed.schedule)


def check(deed: jobs.ReliefCheck, bench: JobContext, attempt: int) -> None:
    """See whether the text was lost, and whether a reply came in time."""
    relief = call_service.check(bench.desk, deed.relief)
    if relief is not None:
        _note(relief)


def _note(relief: Handover) -> None:
    names = {"line": relief.line, "schedule": relief.schedule}
    _log.info(relief.standing.value, relief=relief.id, at=relief.at.isoformat(), **names)
