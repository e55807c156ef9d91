"""A process warms up before it says that it is ready, so that its first ring is like any other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from devtools.phone_company.company import Account as CompanyAccount
from devtools.phone_company.driver.office import Office
from routing.decision import Case, Decision
from routing.jobs import Job, Lane, Lease, Ring
from settings import Settings
from store.db import prepared
from store.people.lines import apply_line
from store.work.jobs import ClaimedJob
from tests.slow_services import slow
from tests.store import cast
from tests.store.cast import LINE
from workers.context import WorkerContext, make_context
from workers.job_pool import CLOCK_THREADS, JobPool, start_pool
from workers.jobs import run_job
from workers.process import warm_thread, warm_up


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    with Office(CompanyAccount(settings.twilio_account_sid, settings.twilio_auth_token)) as made:
        yield made


def context_at(settings: Settings, url: str) -> WorkerContext:
    context = make_context(settings.model_copy(update={"twilio_api_url": url}))
    apply_line(context.services.engine, LINE, [], context.clock())
    return context


def test_hands_that_ring_are_connected_before_they_are_ready(
    settings: Settings, office: Office
) -> None:
    context = context_at(settings, office.url)
    warm_up(context)
    with start_pool(context, CLOCK_THREADS, partial(warm_thread, context)) as hands:
        hands.until_warm(30)
        asked = [request["path"] for request in office.requests]
        assert len(asked) == sum(hands.free(lane) for lane in Lane if lane is Lane.TELEPHONES)
        assert all("Calls" not in path and "Messages" not in path for path in asked)
    context.services.engine.dispose()


def test_a_process_becomes_ready_although_the_carrier_lets_it_wait(settings: Settings) -> None:
    with slow() as carrier:
        context = context_at(settings, carrier.url)
        with start_pool(context, {Lane.TELEPHONES: 1}, partial(warm_thread, context)) as hands:
            hands.until_warm(0.05)
            assert carrier.taken.acquire(timeout=10)
        context.services.engine.dispose()


def test_a_hand_that_cannot_warm_up_works_all_the_same() -> None:
    works = threading.Event()

    def fails(lane: Lane) -> None:
        raise OSError

    with JobPool(lambda job: works.set(), {Lane.TEXTS: 1}, fails) as lanes:
        lanes.until_warm(10)
        lanes.do(ClaimedJob(Lease("one", 1), Lane.TEXTS, None))
        assert works.wait(10)


def test_without_a_database_a_process_begins_cold(settings: Settings, tmp_path) -> None:
    away = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/nowhere/line.db"})
    context = make_context(away)
    warm_up(context)


def test_statements_are_compiled_before_the_first_ring(
    settings: Settings, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for statement in prepared._EVERY:
        monkeypatch.setattr(statement, "_compiled", {})
    context = context_at(settings, office.url)
    warm_up(context)
    assert all(statement._compiled for statement in prepared._EVERY)
    office.number(LINE.number)
    one = cast.leg("leg-1")
    ring = (Job(context.clock(), Ring(one.id)),)
    case = Case(incident=cast.incident(1, pages=(one,)))
    context.services.call_service.calls.save(Case(), Decision(case, (), ring), context.clock())
    (job,) = context.queue.claim(context.clock())
    run_job(job, context)
    assert [r["path"] for r in office.requests if r["path"].endswith("/Calls.json")]
    context.services.engine.dispose()
