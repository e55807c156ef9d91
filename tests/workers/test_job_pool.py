"""Lanes: each errand has one, telephones come first, and a hand that is held is replaced."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from typing import cast, get_args, get_type_hints

import pytest
from structlog.testing import capture_logs

from routing.decision import Case, Decision
from routing.jobs import (
    Command,
    EndRing,
    Job,
    Lane,
    Lease,
    OfferEngineer,
    Ring,
    SendMessage,
    SendPage,
)
from routing.line import Channel
from routing.notify.channels import CHANNELS
from store.memory.call_repository import MemoryCallRepository
from store.memory.state import MemoryJobQueue
from store.work.jobs import ClaimedJob
from tests.store.cast import NOW, call
from workers.context import WorkerContext
from workers.job_pool import MAX_HELD_SECONDS, MAX_LOST, Dispatcher, JobPool

SECOND, HOUR = dt.timedelta(seconds=1), dt.timedelta(hours=1)


class Stuck:
    """Work that a hand never comes back from, until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.over = threading.Event()
        self.ended = threading.Semaphore(0)

    def __call__(self, job: ClaimedJob) -> None:
        self.begun.release()
        self.over.wait(30)
        self.ended.release()


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    made = Stuck()
    yield made
    made.over.set()


def test_each_kind_of_job_has_a_name_of_its_own() -> None:
    kinds = {get_args(get_type_hints(job)["kind"]) for job in get_args(Command)}
    assert len(kinds) == len(get_args(Command))


@pytest.mark.parametrize("channel", CHANNELS)
def test_only_text_messages_go_in_the_lane_of_the_carrier(channel: Channel) -> None:
    lane = Lane.TEXTS if channel is Channel.SMS else Lane.REST
    assert SendPage("p", channel).lane is SendMessage("m", channel).lane is lane


def job(number: int = 1, lane: Lane = Lane.REST) -> ClaimedJob:
    return ClaimedJob(Lease(str(number), 1), lane, OfferEngineer("main", "sanne"))


def test_a_hand_that_is_held_is_an_error_in_the_log_and_another_takes_its_place(
    stuck: Stuck,
) -> None:
    now = [0.0]
    lanes = JobPool(stuck, {Lane.REST: 1}, now=lambda: now[0])
    lanes.do(job())
    assert stuck.begun.acquire(timeout=10)
    (held,) = lanes.of(Lane.REST)
    now[0] = MAX_HELD_SECONDS
    lanes.look()
    assert lanes.of(Lane.REST) == [held]
    now[0] = MAX_HELD_SECONDS + 1
    with capture_logs() as logs:
        lanes.look()
    assert [(row["log_level"], row["lane"]) for row in logs] == [("error", Lane.REST)]
    assert lanes.of(Lane.REST) != [held]
    assert held.lost
    lanes.do(job(2))
    assert stuck.begun.acquire(timeout=10), "nobody took its place"


def test_no_more_are_lost_than_a_process_can_bear(stuck: Stuck) -> None:
    now = [0.0]
    lanes = JobPool(stuck, {Lane.REST: 1}, now=lambda: now[0])
    begun = 0
    for number in range(MAX_LOST + 3):
        if lanes.free(Lane.REST):
            lanes.do(job(number))
            assert stuck.begun.acquire(timeout=10)
            begun += 1
        now[0] += MAX_HELD_SECONDS + 1
        lanes.look()
    assert begun == MAX_LOST + 1
    stuck.over.set()
    for _ in range(begun):
        assert stuck.ended.acquire(timeout=10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_hand_that_died_is_replaced() -> None:
    born: list[Lane] = []

    def dies_once(lane: Lane) -> None:
        born.append(lane)
        if len(born) == 1:
            raise SystemExit

    with JobPool(lambda job: None, {Lane.TEXTS: 1}, dies_once) as lanes:
        while len(born) < 2:
            lanes.look()
    assert born == [Lane.TEXTS, Lane.TEXTS]


def test_a_job_without_a_free_hand_is_left_to_its_lease(stuck: Stuck) -> None:
    with JobPool(stuck, {Lane.REST: 1, Lane.TEXTS: 1}) as lanes:
        lanes.do(job(1))
        lanes.do(job(2))
        assert stuck.begun.acquire(timeout=10)
        assert [lanes.free(lane) for lane in Lane] == [0, 0, 1, 0, 0, 0, 0]
        stuck.over.set()
        assert stuck.ended.acquire(timeout=10)
    assert not stuck.begun.acquire(blocking=False)


class Hands:
    """Hands that begin what they are given and say when they are done."""

    def __init__(self, **counts: int) -> None:
        self.counts = {lane: counts.get(lane, 0) for lane in Lane}
        self.begun: list[ClaimedJob] = []
        self.on_free: Callable[[Lane], None] = lambda lane: None

    def free(self, lane: Lane) -> int:
        return self.counts[lane]

    def do(self, job: ClaimedJob) -> None:
        self.counts[job.lane] -= 1
        self.begun.append(job)

    def finish(self) -> None:
        lane = self.begun.pop(0).lane
        self.counts[lane] += 1
        self.on_free(lane)


class Floor:
    """What a dispatcher needs of a process, with errands in memory."""

    def __init__(self, *jobs: Job) -> None:
        self.book = MemoryCallRepository()
        self.queue = MemoryJobQueue(self.book.rows)
        self.now = NOW
        self.book.save(Case(), Decision(Case(call()), (), jobs), NOW - HOUR)

    def clock(self) -> dt.datetime:
        return self.now


def dispatcher(floor: Floor, hands: Hands) -> Dispatcher:
    return Dispatcher(cast("WorkerContext", floor), hands)


def test_a_look_begins_as_much_as_there_are_hands_and_says_when_to_look_again() -> None:
    later = NOW + HOUR
    floor = Floor(Job(NOW, Ring("1")), Job(NOW, Ring("2")), Job(later, EndRing("3")))
    hands = Hands(telephones=1, decisions=1)
    assert dispatcher(floor, hands).look() == later
    assert [job.command for job in hands.begun] == [Ring("1")]


def test_a_hand_of_a_full_lane_that_becomes_free_wakes_the_dispatcher() -> None:
    floor = Floor(Job(NOW, Ring("1")), Job(NOW, Ring("2")))
    hands = Hands(telephones=1)
    looks = dispatcher(floor, hands)
    looks.look()
    assert not looks.woken
    hands.finish()
    assert looks.woken
    looks.look()
    assert [job.command for job in hands.begun] == [Ring("2")]


def test_a_hand_of_a_lane_with_room_wakes_nobody() -> None:
    hands = Hands(telephones=2)
    looks = dispatcher(Floor(Job(NOW, Ring("1"))), hands)
    looks.look()
    hands.finish()
    assert not looks.woken


def test_who_is_patient_leaves_to_others_what_has_just_become_due() -> None:
    floor = Floor(Job(NOW - SECOND, EndRing("new")), Job(NOW - 3 * SECOND, EndRing("old")))
    hands = Hands(decisions=9)
    dispatcher(floor, hands).look(2 * SECOND)
    assert [job.command for job in hands.begun] == [EndRing("old")]
