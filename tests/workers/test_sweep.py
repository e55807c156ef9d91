"""What is due gets done, with workers and Redis or without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread

import pytest
from sqlalchemy import text, update

from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import Command, EndRing, Job, Lane, Lease, OfferEngineer, Ring
from routing.page import LegState
from settings import Settings
from store.db.engine import writing
from store.db.schema import is_migrated
from store.people.lines import apply_line
from store.tables.work import jobs
from store.work.jobs import RUNNING_FOR
from tests.store import cast
from workers.clock import WORKER_GONE_AFTER, choose_rule
from workers.context import WorkerContext, make_context
from workers.job_pool import CLOCK_THREADS, LATE_ONLY, WITHOUT_BELL, Dispatcher, start_pool
from workers.jobs import MAX_ATTEMPTS, retry_delay, run_job

NOBODY_WAITS = OfferEngineer("main", "sanne")
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def context(settings: Settings) -> Iterator[WorkerContext]:
    made = make_context(settings)
    yield made
    made.notifier.close()
    made.services.engine.dispose()


@pytest.fixture
def without_redis(settings: Settings) -> Iterator[WorkerContext]:
    made = make_context(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}))
    yield made
    made.services.engine.dispose()


def due_since(context: WorkerContext, ago: dt.timedelta, deed: Command = NOBODY_WAITS) -> None:
    """Write an errand that was due so long ago and that no bell was rung for."""
    at = context.clock() - ago
    call = Call("call-1", "CA1", "main", "", None, "nl", at)
    decision = Decision(Case(call), (), (Job(at + SECOND / 1000, deed),))
    context.services.call_service.calls.save(Case(), decision, at)


def left(context: WorkerContext) -> bool:
    return context.queue.oldest_due(context.clock()) is not None


def watched(context: WorkerContext) -> None:
    """The clock has looked once, and done what it began."""
    with start_pool(context, CLOCK_THREADS, lambda lane: None) as hands:
        Dispatcher(context, hands).look(choose_rule(context).patience)


def test_what_is_new_is_left_to_a_worker_that_lives(context: WorkerContext) -> None:
    context.heartbeats.beat("worker", "one", context.clock())
    due_since(context, SECOND)
    watched(context)
    assert left(context)
    with start_pool(context, {Lane.DECISIONS: 1}, lambda lane: None) as hands:
        Dispatcher(context, hands).look()
    assert not left(context)


def test_with_no_worker_the_clock_does_it_itself(context: WorkerContext) -> None:
    context.heartbeats.beat("worker", "gone", context.clock() - WORKER_GONE_AFTER - SECOND)
    due_since(context, SECOND)
    watched(context)
    assert not left(context)


def test_without_redis_a_worker_finds_it_by_itself(without_redis: WorkerContext) -> None:
    context, end = without_redis, Event()
    with start_pool(context, {Lane.DECISIONS: 1}, lambda lane: None) as hands:
        dispatcher = Dispatcher(context, hands)
        work = Thread(target=dispatcher.run, args=(hands, end, lambda: WITHOUT_BELL))
        work.start()
        due_since(context, SECOND)
        context.notifier.notify(["one"])
        while left(context):
            end.wait(0.01)
        end.set()
        work.join()


def test_what_is_late_is_done_here_although_workers_live(context: WorkerContext) -> None:
    context.heartbeats.beat("worker", "stuck", context.clock())
    due_since(context, LATE_ONLY.patience + SECOND)
    watched(context)
    assert not left(context)


def test_a_failed_deed_comes_back_later_with_its_reason(context: WorkerContext) -> None:
    due_since(context, SECOND, Ring("no such leg"))
    (job,) = context.queue.claim(context.clock())
    run_job(job, context)
    assert context.queue.claim(context.clock()) == []
    (again,) = context.queue.claim(context.clock() + SECOND)
    assert again.lease == Lease(job.lease.job, 2)


def test_a_report_counts_also_when_the_lease_was_lost(context: WorkerContext) -> None:
    ringing = replace(cast.leg("leg-1"), state=LegState.RINGING, sid="CL1", rings_until=cast.NOW)
    incident = cast.incident(1, pages=(ringing,))
    ring = (Job(context.clock(), EndRing("leg-1")),)
    apply_line(context.services.engine, cast.LINE, (), context.clock())
    context.services.call_service.calls.save(
        Case(), Decision(Case(incident=incident), (), ring), context.clock()
    )
    (late,) = context.queue.claim(context.clock())
    (again,) = context.queue.claim(context.clock() + 2 * RUNNING_FOR)
    run_job(late, context)
    case = context.services.call_service.leg("leg-1")
    assert case.incident is not None
    page = case.incident.page("leg-1")
    assert page is not None
    assert page.state is LegState.STOPPING
    assert context.queue.done(again.lease, context.clock()), "whoever has it now ends it"


def test_the_pause_doubles_from_half_a_second_up_to_thirty() -> None:
    pauses = [retry_delay(attempt).total_seconds() for attempt in range(1, 9)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert retry_delay(MAX_ATTEMPTS) == dt.timedelta(seconds=30)


def test_the_database_of_the_tests_is_migrated(context: WorkerContext) -> None:
    assert is_migrated(context.services.engine)


def test_what_only_a_later_version_knows_is_left_for_it_undone(context: WorkerContext) -> None:
    due_since(context, SECOND)
    with writing(context.services.engine) as connection:
        connection.execute(update(jobs).values(command=text('\'{"kind": "from_next_year"}\'')))
    (job,) = context.queue.claim(context.clock())
    assert job.command is None
    run_job(job, context)
    assert left(context)
    assert context.queue.claim(context.clock() + RUNNING_FOR), "it comes back"
