"""Calls are placed at the carrier's pace: a lone one at once, level 1 first, none forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from devtools.phone_company.company import Account
from devtools.phone_company.driver.office import Office
from routing.decision import Case, Decision
from routing.jobs import Job, Lease, Ring
from routing.line import CarrierLimits, Engineer
from routing.page import LegState
from settings import Settings
from store.db.engine import reading
from store.people.lines import apply_line
from store.tables.log import pages
from store.tables.work import jobs
from store.work.jobs import CarrierPace
from tests.conftest import Clock
from tests.store.cast import LINE, NOW, incident, leg
from workers.calls import MAX_WAIT
from workers.context import WorkerContext, make_context
from workers.jobs import run_job

SECOND = dt.timedelta(seconds=1)
ACCOUNT = "AC00000000000000000000000000000001"
EACH, AHEAD = SECOND, 2 * SECOND


@pytest.fixture
def pace(engine: Engine) -> CarrierPace:
    return CarrierPace(engine, ACCOUNT)


def test_a_lone_turn_is_now_however_long_ago_the_last_one_was(pace: CarrierPace) -> None:
    for pause in (0, 1, 3600):
        assert pace.turn(NOW + pause * SECOND, EACH, 0 * SECOND) is None


def test_whoever_may_run_ahead_does_and_then_each_waits_a_turn(pace: CarrierPace) -> None:
    assert [pace.turn(NOW, EACH, AHEAD) for _ in range(3)] == [None] * 3
    assert pace.turn(NOW, EACH, AHEAD) == NOW + SECOND
    assert pace.turn(NOW + SECOND, EACH, AHEAD) is None
    assert pace.turn(NOW + SECOND, EACH, AHEAD) == NOW + 2 * SECOND


def test_to_ask_in_vain_takes_nothing(pace: CarrierPace) -> None:
    assert pace.turn(NOW, EACH, 0 * SECOND) is None
    for _ in range(5):
        assert pace.turn(NOW, EACH, 0 * SECOND) == NOW + SECOND


def test_whoever_may_run_less_ahead_waits_behind_the_others(pace: CarrierPace) -> None:
    for _ in range(3):
        pace.turn(NOW, EACH, AHEAD)
    assert pace.turn(NOW, EACH, 0 * SECOND) == NOW + 3 * SECOND
    assert pace.turn(NOW + SECOND, EACH, AHEAD) is None
    assert pace.turn(NOW + SECOND, EACH, 0 * SECOND) == NOW + 4 * SECOND


def test_accounts_do_not_wait_for_each_other(engine: Engine) -> None:
    assert CarrierPace(engine, "one").turn(NOW, EACH, 0 * SECOND) is None
    assert CarrierPace(engine, "other").turn(NOW, EACH, 0 * SECOND) is None


def test_a_clock_that_is_set_back_holds_up_nobody(pace: CarrierPace) -> None:
    assert pace.turn(NOW + dt.timedelta(hours=1), EACH, 0 * SECOND) is None
    assert pace.turn(NOW, EACH, 0 * SECOND) is None
    assert pace.turn(NOW, EACH, 0 * SECOND) == NOW + SECOND


def test_of_many_at_once_no_more_get_a_turn_than_there_are(engine: Engine) -> None:
    def ask(_: int) -> bool:
        return CarrierPace(engine, ACCOUNT).turn(NOW, EACH, AHEAD) is None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(24))) == 3


def test_what_is_put_back_comes_at_its_time_as_the_same_attempt(context: WorkerContext) -> None:
    legs(context, 1)
    due = context.queue
    (lease,) = due.lease(NOW + SECOND)
    assert due.claim(lease, NOW + SECOND)
    assert due.put_back(lease, NOW + 2 * SECOND)
    assert not due.put_back(lease, NOW + 2 * SECOND)
    assert due.lease(NOW + 1.9 * SECOND) == []
    assert due.lease(NOW + 2 * SECOND) == [lease] == [Lease(lease.job, 1)]


CREW = tuple(Engineer(f"e{n}", f"E {n}", (f"+3161234560{n}",)) for n in range(8))


@pytest.fixture
def office() -> Iterator[Office]:
    with Office(Account(ACCOUNT, "a token of the tests"), manual=True) as office:
        office.number(LINE.number)
        yield office


@pytest.fixture
def context(settings: Settings, office: Office) -> Iterator[WorkerContext]:
    """A worker whose clock stands still and whose carrier is simulated."""
    made = make_context(settings.model_copy(update={"twilio_api_url": office.url}))
    clock = Clock()
    clock.now = NOW
    board = replace(made.services, call_service=replace(made.services.call_service, clock=clock))
    apply_line(board.engine, replace(LINE, engineers=CREW), (), NOW)
    yield replace(made, services=board)
    made.notifier.close()
    made.services.engine.dispose()


def legs(context: WorkerContext, count: int, urgency: int = 1, first: int = 0) -> None:
    """So many people are to be rung for one incident, and no bell was heard."""
    people = [
        replace(leg(f"leg-{n}", f"e{n}"), to=CREW[n].phones[0]) for n in range(first, first + count)
    ]
    matter = Case(incident=incident(first, urgency=urgency, pages=tuple(people)))
    rings = tuple(Job(NOW + SECOND / 1000, Ring(one.id)) for one in people)
    context.services.call_service.calls.save(Case(), Decision(matter, (), rings), NOW)


def work(context: WorkerContext, at: dt.datetime) -> list[str]:
    """Do once what is due; the people who have been rung so far."""
    context.services.call_service.clock.now = at  # type: ignore[attr-defined]
    for lease in context.queue.lease(at):
        run_job(lease, context)
    with reading(context.services.engine) as connection:
        rung = connection.scalars(select(pages.c.value).order_by(pages.c.id)).all()
    return [page.engineer for page in rung if page.state is LegState.RINGING]


def test_a_lone_call_is_placed_at_once(context: WorkerContext) -> None:
    legs(context, 1)
    assert work(context, NOW + SECOND) == ["e0"]


def test_a_step_rings_three_at_once_and_the_others_a_second_apart(context: WorkerContext) -> None:
    legs(context, 5)
    start = NOW + SECOND
    assert len(work(context, start)) == 3
    assert len(work(context, start + 0.9 * SECOND)) == 3
    assert len(work(context, start + SECOND)) == 4
    assert len(work(context, start + 2 * SECOND)) == 5


def test_level_1_is_placed_before_other_levels_that_came_first(context: WorkerContext) -> None:
    legs(context, 3, urgency=3)
    start = NOW + SECOND
    assert len(work(context, start)) == 1
    legs(context, 3, urgency=1, first=3)
    urgent = {"e3", "e4", "e5"}
    assert len(urgent & set(work(context, start + SECOND / 2))) == 2
    rung = work(context, start + SECOND)
    assert (urgent <= set(rung), len(rung)) == (True, 4)


def test_no_level_waits_for_ever_behind_level_1(context: WorkerContext) -> None:
    legs(context, 1, urgency=4)
    pace = context.job_context.pace
    assert pace is not None
    nearly = NOW + MAX_WAIT - SECOND / 10
    for _ in range(2):
        assert pace.turn(nearly, EACH, AHEAD) is None
    assert work(context, nearly) == []
    later = nearly + 2 * SECOND
    for _ in range(2):
        assert pace.turn(later, EACH, AHEAD) is None
    assert work(context, later) == ["e0"]


def test_a_faster_account_waits_less(context: WorkerContext) -> None:
    apply_line(
        context.services.engine, replace(LINE, engineers=CREW, carrier=CarrierLimits(5)), (), NOW
    )
    legs(context, 8)
    assert len(work(context, NOW + SECOND)) == 8


def test_waiting_is_no_failure(context: WorkerContext) -> None:
    legs(context, 5)
    work(context, NOW + SECOND)
    with reading(context.services.engine) as connection:
        waiting = connection.execute(
            select(jobs).where(jobs.c.state == "pending", jobs.c.kind == "ring")
        ).all()
    assert {(row.attempt, row.last_error, row.wakes_at) for row in waiting} == {
        (0, None, NOW + 2 * SECOND)
    }


def test_a_429_is_asked_again_with_growing_pauses_until_it_is_done(
    context: WorkerContext, office: Office
) -> None:
    busy = {"path": "Calls.json", "method": "POST", "status": 429, "code": 20429, "count": 2}
    office.faults(requests=[busy])
    legs(context, 1)
    assert work(context, NOW + SECOND) == []
    with reading(context.services.engine) as connection:
        why = connection.scalar(select(jobs.c.last_error).where(jobs.c.kind == "ring"))
    assert why.startswith("NotDoneError")
    assert work(context, NOW + 1.4 * SECOND) == []
    assert work(context, NOW + 1.5 * SECOND) == []
    assert work(context, NOW + 2.4 * SECOND) == []
    assert work(context, NOW + 2.5 * SECOND) == ["e0"]


def test_whoever_waits_long_for_a_turn_is_seen_to_wait(context: WorkerContext) -> None:
    legs(context, 8)
    apply_line(
        context.services.engine, replace(LINE, engineers=CREW, carrier=CarrierLimits(1)), (), NOW
    )
    pace = context.job_context.pace
    assert pace is not None
    for second in range(1, 14):
        pace.turn(NOW + second * SECOND, EACH, 9 * SECOND)  # callers of another line
        work(context, NOW + second * SECOND)
    matter = context.services.call_service.calls.find_by_incident(incident(0).key)
    assert matter is not None
    assert matter.incident is not None
    waiting = [leg for leg in matter.incident.legs() if leg.state is LegState.PLACING]
    assert waiting
    for one in waiting:
        assert one.put_off is not None
        assert one.put_off >= NOW + 7 * SECOND


def test_a_slow_look_does_not_let_the_placing_outlast_the_lease(
    context: WorkerContext, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    legs(context, 1)
    telephone, clock = context.job_context.carrier, context.services.call_service.clock
    lost = Lease(context.queue.lease(NOW + SECOND)[0].job, 1)
    assert context.queue.claim(lost, NOW + SECOND)
    again = context.queue.lease(NOW + 6 * SECOND)

    def slow(*_: object) -> None:
        clock.now += 3.4 * SECOND  # type: ignore[attr-defined]

    def late(*_: object) -> str:
        clock.now += 3.4 * SECOND  # type: ignore[attr-defined]
        assert context.queue.lease(clock()) == []
        return "CA" + "1" * 32

    monkeypatch.setattr(telephone, "placed_since", slow)
    monkeypatch.setattr(telephone, "place", late)
    clock.now = NOW + 6 * SECOND  # type: ignore[attr-defined]
    run_job(again[0], context)
    with reading(context.services.engine) as connection:
        (page,) = connection.scalars(select(pages.c.value)).all()
    assert page.state is LegState.RINGING


def test_who_looked_for_too_long_does_not_place_what_another_places(
    context: WorkerContext, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    legs(context, 1)
    clock = context.services.call_service.clock
    first = context.queue.lease(NOW + SECOND)[0]
    assert context.queue.claim(first, NOW + SECOND)
    (again,) = context.queue.lease(NOW + 6 * SECOND)

    def very_slow(*_: object) -> None:
        clock.now += 5 * SECOND  # type: ignore[attr-defined]
        assert context.queue.lease(clock()) == [Lease(again.job, 3)]

    monkeypatch.setattr(context.job_context.carrier, "placed_since", very_slow)
    clock.now = NOW + 6 * SECOND  # type: ignore[attr-defined]
    run_job(again, context)
    assert not [r for r in office.requests if r["method"] == "POST"]
