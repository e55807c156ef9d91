"""A worker hears the bell and nothing else, whatever another program writes to Redis."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
import redis
from redis.connection import Connection
from rq import Queue
from rq.job import Job
from rq.suspension import suspend
from structlog.testing import capture_logs

from store.work.redis_client import RqJobNotifier, connect_fail_fast, queue_name
from workers.listener import Listener

HERE = "line-example-org"


class Looks:
    """Counts how often a worker is told to look; ends the listener after the last that it waits
    for."""

    def __init__(self, awaited: int = 1) -> None:
        self.count, self.end, self._awaited = 0, Event(), awaited

    def __call__(self) -> None:
        self.count += 1
        if self.count == self._awaited:
            self.end.set()


@pytest.fixture
def wire(redis_url: str) -> redis.Redis:
    return connect_fail_fast(redis_url)


@pytest.fixture
def bell(wire: redis.Redis) -> RqJobNotifier:
    return RqJobNotifier(wire, HERE)


def listen(redis_url: str, installation: str = HERE) -> int:
    """Until the queue is empty; how often the worker was told to look."""
    looks = Looks(0)
    Listener(redis_url, installation, looks.end, looks).work(burst=True, logging_level="WARNING")
    return looks.count


def test_each_ring_is_one_look(bell: RqJobNotifier, redis_url: str) -> None:
    assert listen(redis_url) == 0
    bell.notify(["first", "second"])
    bell.notify(["third"])
    assert listen(redis_url) == 2


def test_a_listener_that_is_asked_to_end_does(bell: RqJobNotifier, redis_url: str) -> None:
    looks = Looks(2)
    for _ in range(3):
        bell.notify(["one"])
    Listener(redis_url, HERE, looks.end, looks).work(logging_level="WARNING")
    assert looks.count == 2


def test_to_hear_a_ring_is_one_round_trip(
    bell: RqJobNotifier, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    send = Connection.send_command

    def note(connection: Connection, *words: object, **options: object) -> None:
        sent.append(str(words[0]))
        send(connection, *words, **options)

    class Noting(Looks):
        def __call__(self) -> None:
            super().__call__()
            sent.append("look")

    monkeypatch.setattr(Connection, "send_command", note)
    looks = Noting(4)
    for _ in range(4):
        bell.notify(["one"])
    Listener(redis_url, HERE, looks.end, looks).work(logging_level="WARNING")
    heard = " ".join(sent)
    assert "look BLPOP look BLPOP look BLPOP look" in heard, "nothing is written about a ring"


def by_its_name(queue: Queue, folder: Path) -> None:
    """RQ would import os and make the folder."""
    queue.enqueue("os.mkdir", str(folder))


def ours_by_its_id(queue: Queue, folder: Path) -> None:
    """The id is ours, and what is stored below it is not: it is never read."""
    data = zlib.compress(b'["os.mkdir", null, ["' + str(folder).encode() + b'"], {}]')
    queue.connection.hset(Job.key_for("look"), mapping={"data": data, "success_callback_name": "x"})


def pickled(queue: Queue, folder: Path) -> None:
    """Reading it would be enough."""

    class Bomb:
        def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
            return Path.mkdir, (folder,)

    queue.connection.hset(Job.key_for("odd"), mapping={"data": pickle.dumps(Bomb())})
    queue.connection.rpush(queue.key, "odd")


def nonsense(queue: Queue, folder: Path) -> None:
    """Ids without a job, and some that are no words at all."""
    for job_id in (b"no-such-job", b"\xff\xfe", b"", b"look-2", b"look:x", b"[" * 2**20):
        queue.connection.rpush(queue.key, job_id)


def not_even_a_job(queue: Queue, folder: Path) -> None:
    """A key that is something else."""
    queue.connection.set(Job.key_for("word"), "not a hash")
    queue.connection.rpush(queue.key, "word")


STRANGE = [by_its_name, ours_by_its_id, pickled, nonsense, not_even_a_job]


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
    # RQ's worker ends over what it cannot read; ours is begun again.
    assert sum(listen(redis_url) for _ in range(4)) == 2
    assert not (tmp_path / "made").exists()
    assert wire.llen(f"rq:queue:{queue_name(HERE)}") == 0


def test_a_foreign_job_is_in_the_log(wire: redis.Redis, redis_url: str) -> None:
    wire.rpush(f"rq:queue:{queue_name(HERE)}", "of-another-program")
    with capture_logs() as logs:
        assert listen(redis_url) == 0
    assert {row["event"] for row in logs} <= {"refused a job that is not ours"}


def test_another_program_does_not_suspend_our_worker(
    wire: redis.Redis, bell: RqJobNotifier, redis_url: str
) -> None:
    suspend(wire)
    wire.set("rq:rl-keys", "of another program, and odd")
    bell.notify(["one"])
    assert listen(redis_url) == 1


def test_installations_on_one_redis_do_not_hear_each_other(
    wire: redis.Redis, bell: RqJobNotifier, redis_url: str
) -> None:
    RqJobNotifier(wire, "line-example-com").notify(["same"])
    bell.notify(["same"])
    assert listen(redis_url) == 1
    assert listen(redis_url) == 0
    assert listen(redis_url, "line-example-com") == 1
