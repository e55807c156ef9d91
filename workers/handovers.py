"""Handovers: planned now and then, told when they are due, and looked after until confirmed."""

from __future__ import annotations

import structlog

from routing import errands as er
from routing import relieving
from routing.desk import Desk
from routing.relief import Relief
from store.people import SqlPeople
from workers.bench import Bench

_log = structlog.get_logger("handovers")


def plan(desk: Desk, people: SqlPeople) -> None:
    """Plan the handovers of every line; any number of processes may do so at once."""
    for line in people.all_lines():
        relieving.plan(desk, line, people.changed_at(line.id) or desk.clock())


def come_on(deed: er.HandoverDue, bench: Bench, attempt: int) -> None:
    """Tell whoever comes on, if the schedule still says so."""
    relief = relieving.come_on(bench.desk, deed)
    if relief is not None:
        _note(relief)
    else:
        _log.info("nobody to tell", line=deed.line, schedule=deed.schedule)


def check(deed: er.ReliefCheck, bench: Bench, attempt: int) -> None:
    """See whether the text was lost, and whether a reply came in time."""
    relief = relieving.check(bench.desk, deed.relief)
    if relief is not None:
        _note(relief)


def _note(relief: Relief) -> None:
    names = {"line": relief.line, "schedule": relief.schedule}
    _log.info(relief.standing.value, relief=relief.id, at=relief.at.isoformat(), **names)
