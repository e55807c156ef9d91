"""Calls are placed at the carrier's pace: a lone one at once, level 1 first, none forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select

from devtools.phone_company.company import Account
from devtools.phone_company.driver.office import Office
from routing.decision import Case, Decision
from routing.jobs import Job, Lane, Lease, Ring, StopRinging
from routing.line import CarrierLimits, Engineer
from routing.page import LegState
from settings import Settings
from store.db.engine import reading, writing
from store.people.lines import apply_line
from store.tables.log import pages
from store.tables.work import carrier_paces, jobs
from store.work.carrier_turns import MAX_WAIT
from tests.conftest import Clock
from tests.store.cast import LINE, NOW, call, incident, leg
from workers.context import WorkerContext, make_context
from workers.jobs import run_job

SECOND = dt.timedelta(seconds=1)
ACCOUNT = "AC00000000000000000000000000000001"


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
    for job in context.queue.claim(at):
        run_job(job, context)
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
    nearly = NOW + MAX_WAIT - SECOND / 10
    take_turns(context, 2, nearly)
    assert work(context, nearly) == []
    later = nearly + 2 * SECOND
    take_turns(context, 2, later)
    assert work(context, later) == ["e0"]


def take_turns(context: WorkerContext, count: int, at: dt.datetime) -> None:
    """Callers of another line with the same account have just been given so many turns."""
    free_at = {"account": ACCOUNT, "free_at": at + count * SECOND}
    with writing(context.services.engine) as connection:
        connection.execute(delete(carrier_paces))
        connection.execute(insert(carrier_paces), free_at)


def test_a_lone_call_never_waits_however_long_ago_the_last_one_was(context: WorkerContext) -> None:
    for pause in (0, 60, 3600):
        take_turns(context, 0, NOW - pause * SECOND)
        assert work_one(context, pause) == "ringing"


def work_one(context: WorkerContext, number: int) -> str:
    """Ring somebody for a matter of level 4; the state of the leg."""
    name = f"leg of {number}"
    one = replace(leg(name, f"e{len(name) % 8} {number}"), to=CREW[0].phones[0])
    matter = Case(incident=incident(number, urgency=4, pages=(one,)))
    ring = (Job(NOW, Ring(name)),)
    context.services.call_service.calls.save(Case(), Decision(matter, (), ring), NOW)
    work(context, NOW)
    case = context.services.call_service.leg(name).incident
    assert case is not None
    page = case.page(name)
    assert page is not None
    return str(page.state)


def test_a_clock_that_is_set_back_holds_up_nobody(context: WorkerContext) -> None:
    take_turns(context, 3600, NOW)
    legs(context, 1)
    assert work(context, NOW + SECOND) == ["e0"]


def test_accounts_do_not_wait_for_each_other(context: WorkerContext) -> None:
    with writing(context.services.engine) as connection:
        other = {"account": "another", "free_at": NOW + 9 * SECOND}
        connection.execute(insert(carrier_paces), other)
    legs(context, 1)
    assert work(context, NOW + SECOND) == ["e0"]


def test_of_many_workers_at_once_no_more_get_a_turn_than_there_are(context: WorkerContext) -> None:
    legs(context, 8)
    at = NOW + SECOND

    def claim(_: int) -> int:
        return len(context.queue.claim(at, {Lane.TELEPHONES: 1}))

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(claim, range(16))) == 3


def test_only_calls_wait_for_a_turn(context: WorkerContext) -> None:
    take_turns(context, 9, NOW)
    legs(context, 1)
    stop = (Job(NOW, StopRinging("leg-0")),)
    context.services.call_service.calls.save(Case(), Decision(Case(call(7)), (), stop), NOW)
    assert [job.command for job in context.queue.claim(NOW + SECOND)] == [StopRinging("leg-0")]


def test_with_one_hand_the_most_urgent_call_is_placed_first(context: WorkerContext) -> None:
    legs(context, 3, urgency=3)
    legs(context, 1, urgency=1, first=3)
    (job,) = context.queue.claim(NOW + SECOND, {Lane.TELEPHONES: 1})
    assert job.command == Ring("leg-3")


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
    assert {(row.attempt, row.result, row.wakes_at) for row in waiting} == {
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
        why = connection.scalar(select(jobs.c.result).where(jobs.c.kind == "ring"))
    assert why.startswith("NotDoneError")
    assert work(context, NOW + 1.4 * SECOND) == []
    assert work(context, NOW + 1.5 * SECOND) == []
    assert work(context, NOW + 2.4 * SECOND) == []
    assert work(context, NOW + 2.5 * SECOND) == ["e0"]


def test_whoever_waits_long_for_a_turn_is_seen_to_wait(context: WorkerContext) -> None:
    legs(context, 8)
    for second in range(1, 14):
        at = NOW + second * SECOND
        take_turns(context, 9, at)
        work(context, at)
    matter = context.services.call_service.calls.find_by_incident(incident(0).key)
    assert matter is not None
    assert matter.incident is not None
    waiting = [leg for leg in matter.incident.legs() if leg.state is LegState.PLACING]
    assert len(waiting) == 8
    for one in waiting:
        assert one.put_off is not None
        assert one.put_off >= NOW + 7 * SECOND


def test_a_slow_look_does_not_let_the_placing_outlast_the_lease(
    context: WorkerContext, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    legs(context, 1)
    telephone, clock = context.job_context.carrier, context.services.call_service.clock
    context.queue.claim(NOW + SECOND)
    (again,) = context.queue.claim(NOW + 6 * SECOND)

    def slow(*_: object) -> None:
        clock.now += 3.4 * SECOND  # type: ignore[attr-defined]

    def late(*_: object) -> str:
        clock.now += 3.4 * SECOND  # type: ignore[attr-defined]
        assert context.queue.claim(clock()) == []
        return "CA" + "1" * 32

    monkeypatch.setattr(telephone, "placed_since", slow)
    monkeypatch.setattr(telephone, "place", late)
    clock.now = NOW + 6 * SECOND  # type: ignore[attr-defined]
    run_job(again, context)
    with reading(context.services.engine) as connection:
        (page,) = connection.scalars(select(pages.c.value)).all()
    assert page.state is LegState.RINGING


def test_who_looked_for_too_long_does_not_place_what_another_places(
    context: WorkerContext, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    legs(context, 1)
    clock = context.services.call_service.clock
    context.queue.claim(NOW + SECOND)
    (again,) = context.queue.claim(NOW + 6 * SECOND)

    def very_slow(*_: object) -> None:
        clock.now += 5 * SECOND  # type: ignore[attr-defined]
        (third,) = context.queue.claim(clock())
        assert third.lease == Lease(again.lease.job, 3)

    monkeypatch.setattr(context.job_context.carrier, "placed_since", very_slow)
    clock.now = NOW + 6 * SECOND  # type: ignore[attr-defined]
    run_job(again, context)
    assert not [r for r in office.requests if r["method"] == "POST"]
