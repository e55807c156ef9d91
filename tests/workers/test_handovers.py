"""Handovers are planned by upkeep, once among all processes, and lead to one text each."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import select

from routing.jobs import AnnounceHandover
from routing.line import Override
from settings import Settings
from store.db.engine import reading
from store.people.lines import apply_line
from store.tables.work import jobs
from tests.store.cast import LINE
from workers import decisions
from workers.context import WorkerContext, make_context
from workers.maintenance import Maintenance

MINUTE = dt.timedelta(minutes=1)


def planned(context: WorkerContext) -> list[AnnounceHandover]:
    wanted = select(jobs.c.command).where(jobs.c.kind == "announce_handover")
    with reading(context.services.engine) as connection:
        return list(connection.scalars(wanted))


def test_whatever_number_of_processes_plans_a_handover_it_is_due_once(settings: Settings) -> None:
    context, other = make_context(settings), make_context(settings)
    at = context.clock()
    swap = Override(at - MINUTE, at + 60 * MINUTE, "sanne", "joris")
    (primary,) = LINE.schedules
    line = replace(LINE, schedules=(replace(primary, overrides=(swap,)),))
    apply_line(context.services.engine, line, [], at)
    Maintenance(context).look()
    Maintenance(other).look()
    assert planned(context) == [AnnounceHandover("main", "primary", swap.start, "joris")]
    for _ in range(2):
        decisions.start_handover(planned(context)[0], context.job_context, 1)
    reliefs = context.services.call_service.calls.handovers.find_between("main", swap.start, at)
    assert [(one.engineer, one.before, one.state) for one in reliefs] == [
        ("joris", ("sanne",), "told")
    ]
    context.notifier.close()
    other.notifier.close()
    context.services.engine.dispose()
    other.services.engine.dispose()
