"""A worker runs what the bell made and nothing else, and finishes what it has in hand."""

from __future__ import annotations

import json
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
import redis
from rq import Queue
from rq.job import Job
from rq.suspension import suspend

from routing.jobs import Lease
from store.work.redis_client import RqJobNotifier, connect_fail_fast, queue_name
from workers import jobs
from workers.listener import Listener

HERE = "line-example-org"
DONE: list[str] = []


def note(errand: str, attempt: int) -> None:
    """Stands where the errands are done."""
    DONE.append(errand)


def call_back(*_: object) -> None:
    """What a job may name, and what must not be called."""
    DONE.append("called back")


class EndsAtLook(Event):
    """Asked to end just before the listener looks for the nth time."""

    def __init__(self, look: int) -> None:
        super().__init__()
        self.looks_left = look

    def is_set(self) -> bool:
        self.looks_left -= 1
        return self.looks_left <= 0


@pytest.fixture
def wire(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> redis.Redis:
    DONE.clear()
    monkeypatch.setattr(jobs, "run", note)
    return connect_fail_fast(redis_url)


@pytest.fixture
def bell(wire: redis.Redis) -> RqJobNotifier:
    return RqJobNotifier(wire, HERE)


def listen(redis_url: str, installation: str = HERE) -> None:
    """Until the queue is empty."""
    Listener(redis_url, installation, Event()).work(burst=True, logging_level="WARNING")


def test_no_job_is_dropped_between_taking_and_doing(
    wire: redis.Redis, bell: RqJobNotifier, redis_url: str
) -> None:
    counts = set()
    for look in range(1, 7):
        DONE.clear()
        wire.flushall()
        bell.notify(["first", "second"])
        Listener(redis_url, HERE, EndsAtLook(look)).work(logging_level="WARNING")
        in_line = sorted(lease.job for lease in bell.in_line() or ())
        assert [*DONE, *in_line] == ["first", "second"]
        counts.add(len(DONE))
    assert counts == {0, 1, 2}, "it was asked to end at every moment there is"


def by_its_name(queue: Queue, folder: Path) -> None:
    """RQ would import os and make the folder."""
    queue.enqueue("os.mkdir", str(folder))


def by_a_callback(queue: Queue, folder: Path) -> None:
    """The job is ours to the letter; what is to be done after it is not."""
    job = Job.create(
        "workers.jobs.run",
        ("called", 1),
        id=f"{queue.name}-called-1",
        connection=queue.connection,
        serializer="json",
        origin=queue.name,
    )
    job._success_callback_name = f"{__name__}.call_back"
    queue.enqueue_job(job)


def pickled(queue: Queue, folder: Path) -> None:
    """Reading it would be enough."""

    class Bomb:
        def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
            return Path.mkdir, (folder,)

    by_hand(queue, pickle.dumps(Bomb()))


def ours_by_name_only(queue: Queue, folder: Path) -> None:
    """Our function, with something else than an errand."""
    by_hand(queue, json.dumps(["workers.jobs.run", None, [{"a": 1}, "x"], {}]).encode())


def an_endless_one(queue: Queue, folder: Path) -> None:
    """A megabyte of nothing."""
    by_hand(queue, b"[" * 2**20)


def nonsense(queue: Queue, folder: Path) -> None:
    """Ids without a job, and some that are no words at all."""
    for job_id in (b"no-such-job", b"\xff\xfe", b"", f"{queue.name}-gone-1".encode()):
        queue.connection.rpush(queue.key, job_id)


def not_even_a_job(queue: Queue, folder: Path) -> None:
    """A key that is something else."""
    queue.connection.set(Job.key_for("word"), "not a hash")
    queue.connection.rpush(queue.key, "word")


def of_the_wrong_fields(queue: Queue, folder: Path) -> None:
    """Ours, but for fields that RQ cannot read."""
    data = json.dumps(["workers.jobs.run", None, ["odd", 1], {}]).encode()
    by_hand(queue, data, timeout="soon", status="?", retries_left="many")


def by_hand(queue: Queue, data: bytes, **fields: str) -> None:
    job_id = f"{queue.name}-odd-1"
    given = {"data": zlib.compress(data), "status": "queued", "origin": queue.name, **fields}
    queue.connection.hset(Job.key_for(job_id), mapping=given)
    queue.connection.rpush(queue.key, job_id)


STRANGE = [
    by_its_name,
    by_a_callback,
    pickled,
    ours_by_name_only,
    an_endless_one,
    nonsense,
    not_even_a_job,
    of_the_wrong_fields,
]


@pytest.mark.parametrize("strange", STRANGE, ids=lambda strange: strange.__name__)
def test_what_the_bell_did_not_make_is_not_run_and_stops_nobody(
    strange: Callable[[Queue, Path], None],
    wire: redis.Redis,
    bell: RqJobNotifier,
    redis_url: str,
    tmp_path: Path,
) -> None:
    bell.notify(["before"])
    strange(Queue(queue_name(HERE), connection=wire, serializer="json"), tmp_path / "made")
    bell.notify(["after"])
    assert bell.in_line() is not None, "the clock can read on"
    for _ in range(4):  # RQ's worker ends over what it cannot read; ours is begun again
        listen(redis_url)
    assert [one for one in DONE if one in ("before", "after")] == ["before", "after"]
    assert "called back" not in DONE
    assert not (tmp_path / "made").exists()
    assert bell.in_line() == frozenset()


def test_another_program_neither_suspends_nor_tidies_with_our_worker(
    wire: redis.Redis, bell: RqJobNotifier, redis_url: str
) -> None:
    suspend(wire)
    wire.set("rq:rl-keys", "of another program, and odd")
    bell.notify(["one"])
    listen(redis_url)
    assert DONE == ["one"]


def test_what_a_killed_worker_left_behind_goes(
    wire: redis.Redis, bell: RqJobNotifier, redis_url: str
) -> None:
    queue = Queue(queue_name(HERE), connection=wire, serializer="json")
    wire.hset(Job.key_for("left"), "data", "x")
    wire.zadd(queue.started_job_registry.key, {"left:execution": 1})
    wire.rpush(queue.intermediate_queue_key, "left")
    listen(redis_url)
    kept = {key.decode() for key in wire.keys("rq:*")}
    assert not kept & {Job.key_for("left"), queue.started_job_registry.key}
    assert queue.intermediate_queue_key not in kept


def test_installations_on_one_redis_do_not_hear_each_other(
    wire: redis.Redis, bell: RqJobNotifier, redis_url: str
) -> None:
    other = RqJobNotifier(wire, "line-example-com")
    other.notify(["same"])
    bell.notify(["same"])
    assert other.in_line() == bell.in_line() == {Lease("same", 1)}
    listen(redis_url)
    assert DONE == ["same"]
    assert (other.in_line(), bell.in_line()) == ({Lease("same", 1)}, frozenset())
    listen(redis_url, "line-example-com")
    assert DONE == ["same", "same"], "the job of one was not taken for that of the other"
