"""The clock of the machine is set an hour ahead or back while a caller waits."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pytest
from sqlalchemy import Engine

from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import CheckResponseTime, Job, OfferEngineer
from routing.ports import CallRepository
from service.bootstrap import build_services, now
from service.counters import COUNTERS
from store.db.engine import open_engine
from store.log.call_repository import SqlCallRepository
from store.memory.call_repository import MemoryCallRepository
from store.memory.state import MemoryJobQueue
from store.memory.state import correct_clock_rollback as memory_set_right
from store.work.jobs import JobQueue, correct_clock_rollback
from store.work.metrics import Counters, Heartbeats
from store.work.redis_client import NoJobNotifier
from tests.conftest import DATABASES, fresh_database
from tests.store.cast import NOW
from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, LAST_RESORT, SANNE, SANNES_DESK, Stage, on_stage
from tests.stories.test_several_callers import second_caller
from workers.maintenance import Maintenance

SECOND = dt.timedelta(seconds=1)
HALF_A_MINUTE = 30 * SECOND

HOUR = dt.timedelta(hours=1)
NOBODY_WAITS = OfferEngineer("main", "sanne")
EVERYBODY = (SANNE, SANNES_DESK, JORIS, LAST_RESORT)
JUMPS = ("priority_line_clock_jumps_total",)
LOOKS_EVERY = 5.0
A_RING = 35
"""Seconds within which the next telephone rings, wherever the hunt was."""


class WrongClock(Stage):
    """The line's own clock goes wrong; the carrier's, and real time, go on as ever."""

    skew = dt.timedelta()

    def now(self) -> dt.datetime:
        return super().now() + self.skew

    def set(self, jump: dt.timedelta) -> None:
        """Somebody sets the clock; worker and clock notice when they look the next time."""
        self.skew = jump
        self.advance(LOOKS_EVERY)
        correct_clock_rollback(self.services.engine, self.now())

    def rung(self) -> list[int]:
        return [self.rings(number) for number in EVERYBODY]


@pytest.fixture
def stage(tmp_path):
    with on_stage(tmp_path, PAPER, WrongClock) as stage:
        yield stage


@pytest.mark.parametrize(
    ("jump", "after"),
    [
        pytest.param(HOUR, 5, id="ahead, while a telephone rings"),
        pytest.param(-HOUR, 5, id="back, while a telephone rings"),
        pytest.param(-HOUR, 62, id="back, between two passes"),
    ],
)
def test_whoever_waits_is_rung_for_as_if_nothing_had_happened(stage, jump, after):
    caller = stage.call_level_1()
    stage.advance(after)
    before = stage.rung()
    stage.set(jump)
    stage.advance(A_RING)
    assert stage.rung() != before
    engineer = stage.take(stage.ringing())
    assert caller.bridged_with == engineer.sid


def test_who_is_busy_is_not_waited_for_an_hour(stage):
    stage.call_level_1()
    stage.take(SANNE)
    second_caller(stage)
    stage.advance(5)
    stage.set(-HOUR)
    stage.advance(A_RING)
    assert stage.rings(JORIS) == 1


@dataclass(frozen=True)
class Kept:
    """A book, its due work, and what a process does who minds the clock."""

    book: CallRepository
    due: JobQueue | MemoryJobQueue
    set_right: Callable[[dt.datetime], int]


class TestWhatWasWritten:
    """Errands, leases and signs of life of a clock that has been set back since."""

    @pytest.fixture(params=["memory", *DATABASES])
    def kept(self, request, tmp_path):
        if request.param == "memory":
            book = MemoryCallRepository()
            yield Kept(book, MemoryJobQueue(book.rows), partial(memory_set_right, book.rows))
            return
        engine = open_engine(fresh_database(request.param, request, tmp_path))
        yield Kept(
            SqlCallRepository(engine), JobQueue(engine), partial(correct_clock_rollback, engine)
        )
        engine.dispose()

    def test_what_was_due_in_half_a_minute_still_is(self, kept):
        write(kept.book, NOW + HOUR, NOW + HOUR + HALF_A_MINUTE)
        assert kept.set_right(NOW) == 1
        assert not kept.due.claim(NOW + HALF_A_MINUTE - SECOND)
        assert len(kept.due.claim(NOW + HALF_A_MINUTE)) == 1

    def test_what_others_wrote_in_good_time_is_left_alone(self, kept):
        write(kept.book, NOW + SECOND, NOW + HOUR)
        write(kept.book, NOW - HOUR, NOW + HOUR)
        assert kept.set_right(NOW) == 0
        assert not kept.due.claim(NOW + HOUR - SECOND)

    def test_it_counts_anew_only_once(self, kept):
        write(kept.book, NOW + HOUR, NOW + 2 * HOUR)
        assert (kept.set_right(NOW), kept.set_right(NOW + SECOND)) == (1, 0)

    def test_a_lease_from_the_future_is_over(self, kept):
        write(kept.book, NOW - HOUR, NOW)
        (job,) = kept.due.claim(NOW + HOUR)
        kept.set_right(NOW)
        (again,) = kept.due.claim(NOW)
        assert again.lease.attempt == job.lease.attempt + 1

    def test_an_instant_of_the_calendar_stays(self, kept):
        strike = CheckResponseTime("incident-1", 1, 50)
        write(kept.book, NOW + HOUR, NOW + 2 * HOUR, strike)
        assert kept.set_right(NOW) == 0

    def test_a_dead_worker_does_not_seem_to_live(self, engine: Engine):
        Heartbeats(engine).beat("worker", "dead", NOW + HOUR)
        Heartbeats(engine).beat("worker", "lives", NOW)
        correct_clock_rollback(engine, NOW)
        assert Heartbeats(engine).last("worker") == NOW


def write(book: CallRepository, at: dt.datetime, due_at: dt.datetime, deed=NOBODY_WAITS):
    name = secrets.token_hex(4)
    call = Call(name, name, "main", "", None, "nl", at)
    book.save(Case(), Decision(Case(call), (), (Job(due_at, deed),)), at)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_the_operator_hears_of_it(line, errors, jump):
    jumps, skew = line.figures()[JUMPS], [dt.timedelta()]
    board = build_services(line.settings, NoJobNotifier(), clock=lambda: now() + skew[-1])
    upkeep = Maintenance(replace(line.context, services=board))
    upkeep.look()
    skew.append(jump)
    upkeep.look()
    upkeep.look()
    COUNTERS.hand_over(Counters(board.engine).add)
    board.engine.dispose()
    told = [event for event, _ in errors()]
    assert told.count("the clock was set") == 1
    assert line.figures()[JUMPS] == jumps + 1
