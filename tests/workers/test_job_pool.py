"""Lanes: each errand has one, telephones come first, and a hand that is held is replaced."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import get_args, get_type_hints

import pytest
from structlog.testing import capture_logs

from routing.jobs import Command, Lane, OfferEngineer, Ring, SendMessage, SendPage, lane_named_in
from routing.line import Channel
from routing.notify.channels import CHANNELS
from workers.job_pool import MAX_HELD_SECONDS, MAX_LOST, LanePool, LaneThread


class Stuck:
    """Work that a hand never comes back from, until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.over = threading.Event()
        self.ended = threading.Semaphore(0)

    def __call__(self, hand: LaneThread) -> None:
        hand.take(0.0)
        self.begun.release()
        self.over.wait(30)
        hand.let_go()
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


def test_an_id_tells_its_lane_and_one_that_tells_none_is_done_all_the_same() -> None:
    assert lane_named_in(f"{Ring.lane}-1f") is Lane.TELEPHONES
    assert lane_named_in("1f") is OfferEngineer.lane


def test_a_hand_that_is_held_is_an_error_in_the_log_and_another_takes_its_place(
    stuck: Stuck,
) -> None:
    now = [0.0]
    lanes = LanePool({Lane.REST: 1}, stuck, now=lambda: now[0])
    assert stuck.begun.acquire(timeout=10)
    (held,) = lanes.of(Lane.REST)
    now[0] = MAX_HELD_SECONDS
    lanes.look()
    assert lanes.of(Lane.REST) == [held]
    now[0] = MAX_HELD_SECONDS + 1
    with capture_logs() as logs:
        lanes.look()
    assert [(row["log_level"], row["lane"]) for row in logs] == [("error", Lane.REST)]
    assert stuck.begun.acquire(timeout=10), "nobody took its place"
    assert lanes.of(Lane.REST) != [held]
    assert held.is_set()
    assert not lanes.of(Lane.REST)[0].is_set()


def test_no_more_are_lost_than_a_process_can_bear(stuck: Stuck) -> None:
    now = [MAX_HELD_SECONDS + 1]
    lanes = LanePool({Lane.REST: 1}, stuck, now=lambda: now[0])
    for _ in range(MAX_LOST + 3):
        if stuck.begun.acquire(timeout=0.5):
            lanes.look()
    begun = MAX_LOST + 1
    stuck.over.set()
    for _ in range(begun):
        assert stuck.ended.acquire(timeout=10)
    assert not stuck.ended.acquire(blocking=False)


def test_a_hand_that_died_is_replaced() -> None:
    born = threading.Semaphore(0)

    def dies(hand: LaneThread) -> None:
        born.release()

    lanes = LanePool({Lane.TEXTS: 1}, dies)
    assert born.acquire(timeout=10)
    while not born.acquire(timeout=0.05):
        lanes.look()
