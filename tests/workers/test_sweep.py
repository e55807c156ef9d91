"""What is due gets done, with workers and Redis or without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import text, update

from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import Command, Job, Lane, Lease, OfferEngineer, Ring
from settings import Settings
from store.db.engine import writing
from store.db.schema import is_migrated
from store.tables.work import jobs
from workers.clock import LATE_AFTER, WORKER_GONE_AFTER, sweep
from workers.context import WorkerContext, make_context
from workers.job_pool import JobPool
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


def swept(context: WorkerContext) -> None:
    with JobPool(context) as hands:
        sweep(context, hands)


def test_a_worker_that_lives_is_told(context: WorkerContext) -> None:
    context.heartbeats.beat("worker", "one", context.clock())
    due_since(context, SECOND)
    swept(context)
    (lease,) = context.notifier.in_line() or ()
    assert left(context)
    run_job(lease, context)
    assert not left(context)


def test_a_job_that_waits_in_line_is_not_put_there_again(context: WorkerContext) -> None:
    context.heartbeats.beat("worker", "one", context.clock())
    due_since(context, SECOND)
    swept(context)
    before = context.notifier.in_line()
    later = context.clock() + SECOND
    assert before == frozenset(context.queue.unclaimed(later))
    context.queue.extend(before or (), later)
    swept(context)
    assert context.notifier.in_line() == before


def test_a_job_lost_with_redis_comes_back_as_another_attempt(context: WorkerContext) -> None:
    due_since(context, SECOND)
    (lease,) = context.queue.lease(context.clock())
    assert context.notifier.in_line() == frozenset()
    assert context.queue.lease(context.clock() + SECOND) == [Lease(lease.job, 2)]


def test_with_no_worker_the_clock_does_it_itself(context: WorkerContext) -> None:
    context.heartbeats.beat("worker", "gone", context.clock() - WORKER_GONE_AFTER - SECOND)
    due_since(context, SECOND)
    swept(context)
    assert context.notifier.in_line() == frozenset()
    assert not left(context)


def test_without_redis_the_clock_does_it_itself(without_redis: WorkerContext) -> None:
    context = without_redis
    context.heartbeats.beat("worker", "one", context.clock())
    due_since(context, SECOND)
    swept(context)
    assert not left(context)


def test_what_is_late_is_done_here_although_workers_live(context: WorkerContext) -> None:
    context.heartbeats.beat("worker", "stuck", context.clock())
    due_since(context, LATE_AFTER + SECOND)
    swept(context)
    assert not left(context)


def test_a_failed_deed_comes_back_later_with_its_reason(context: WorkerContext) -> None:
    due_since(context, SECOND, Ring("no such leg"))
    (lease,) = context.queue.lease(context.clock())
    run_job(lease, context)
    assert context.queue.lease(context.clock()) == []
    assert context.queue.lease(context.clock() + SECOND) == [Lease(lease.job, 2)]


def test_an_attempt_is_made_once_however_often_the_job_runs(context: WorkerContext) -> None:
    due_since(context, SECOND)
    (lease,) = context.queue.lease(context.clock())
    run_job(lease, context)
    run_job(lease, context)
    assert not left(context)


def test_the_pause_doubles_from_half_a_second_up_to_thirty() -> None:
    pauses = [retry_delay(attempt).total_seconds() for attempt in range(1, 9)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert retry_delay(MAX_ATTEMPTS) == dt.timedelta(seconds=30)


def test_only_so_many_are_begun_as_there_are_hands(without_redis: WorkerContext) -> None:
    with JobPool(without_redis, {Lane.DECISIONS: 2}) as hands:
        assert [hands.free(lane) for lane in Lane] == [0, 2, 0, 0]


def test_the_database_of_the_tests_is_migrated(context: WorkerContext) -> None:
    assert is_migrated(context.services.engine)


def test_what_only_a_later_version_knows_is_left_for_it_undone(context: WorkerContext) -> None:
    due_since(context, SECOND)
    with writing(context.services.engine) as connection:
        connection.execute(update(jobs).values(command=text('\'{"kind": "from_next_year"}\'')))
    (lease,) = context.queue.lease(context.clock())
    run_job(lease, context)
    assert left(context)
    swept(context)
    assert left(context)
