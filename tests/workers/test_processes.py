"""The real worker and clock processes, killed and left without Redis."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from devtools.processes.tied import tied_to_us
from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import Job, OfferEngineer
from settings import Settings
from store.log.call_repository import SqlCallRepository
from store.work.jobs import JobQueue
from store.work.metrics import Heartbeats
from store.work.redis_client import RqJobNotifier, connect_fail_fast, queue_name

PATIENCE = 60.0
pytestmark = pytest.mark.timeout(240)  # they import everything, on a machine that may be busy


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Crew:
    """A worker and a clock, each a process of its own."""

    def __init__(self, settings: Settings, engine: Engine, redis_url: str) -> None:
        self.engine = engine
        self.bell = RqJobNotifier(connect_fail_fast(redis_url), settings.installation)
        self.environment = os.environ | {
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": redis_url,
            "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
            "PUBLIC_URL": settings.public_url,
            "SECRET_KEY": settings.secret_key,
            "TWILIO_API_URL": "http://127.0.0.1:1",
        }
        self.worker = self.start("workers")
        self.clock = self.start("workers.clock")

    def start(self, module: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", module]
        return subprocess.Popen(command, env=self.environment, preexec_fn=tied_to_us())

    def until_alive(self, *kinds: str) -> None:
        """Wait for a sign of life from now on; while it still imports, a process has no manners."""
        begun, deadline = now(), time.monotonic() + PATIENCE
        beats = Heartbeats(self.engine)
        while any((beats.last(kind) or begun) <= begun for kind in kinds):
            assert time.monotonic() < deadline, "no sign of life"
            time.sleep(0.05)

    def does_what_is_due(self) -> None:
        at, name = now(), secrets.token_hex(8)
        call = Call(name, name, "main", "", None, "nl", at)
        errands = tuple(Job(at, OfferEngineer("main", str(n))) for n in range(5))
        _, due = SqlCallRepository(self.engine).save(Case(), Decision(Case(call), (), errands), at)
        self.bell.notify(due)
        deadline = time.monotonic() + PATIENCE
        while JobQueue(self.engine).oldest_due(now()) is not None:
            assert time.monotonic() < deadline, "still undone"
            time.sleep(0.02)

    def end(self) -> list[int]:
        for process in (self.worker, self.clock):
            process.send_signal(signal.SIGTERM)
        self.bell.close()
        return [process.wait(PATIENCE) for process in (self.worker, self.clock)]


@pytest.fixture
def crew(settings: Settings, engine: Engine, redis_url: str) -> Iterator[Crew]:
    crew = Crew(settings, engine, redis_url)
    yield crew
    crew.end()


@pytest.fixture
def crew_without_redis(settings: Settings, engine: Engine) -> Iterator[Crew]:
    crew = Crew(settings, engine, "redis://127.0.0.1:1/0")
    yield crew
    crew.end()


def test_work_goes_on_when_the_worker_is_killed_and_both_end_when_asked(crew: Crew) -> None:
    crew.until_alive("worker", "clock")
    crew.does_what_is_due()
    crew.worker.kill()
    crew.worker.wait()
    crew.does_what_is_due()
    crew.worker = crew.start("workers")
    crew.does_what_is_due()
    crew.until_alive("worker")
    assert crew.end() == [0, 0]


def test_work_goes_on_whatever_another_program_writes_to_redis(
    crew: Crew, settings: Settings, redis_url: str
) -> None:
    crew.until_alive("worker", "clock")
    wire, queue = connect_fail_fast(redis_url), f"rq:queue:{queue_name(settings.installation)}"
    for odd in (b"job-of-another", b"x-y", b"\xff\xfe", b""):
        wire.rpush(queue, odd)
    wire.set("rq:suspended", 1)
    crew.does_what_is_due()
    wire.delete(queue)
    wire.set(queue, "no list at all")
    crew.does_what_is_due()
    wire.close()
    assert [crew.worker.poll(), crew.clock.poll()] == [None, None]
    assert crew.end() == [0, 0]


def test_work_goes_on_without_redis_and_nobody_exits(crew_without_redis: Crew) -> None:
    crew = crew_without_redis
    crew.until_alive("worker", "clock")
    crew.does_what_is_due()
    assert [crew.worker.poll(), crew.clock.poll()] == [None, None]
    assert crew.end() == [0, 0]


def test_a_missing_setting_ends_the_process_in_one_sentence() -> None:
    without = {k: v for k, v in os.environ.items() if not k.startswith(("TWILIO", "SECRET"))}
    run = subprocess.run(
        [sys.executable, "-m", "workers.clock"], env=without, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert run.stderr == "TWILIO_ACCOUNT_SID is missing: it names our account at the carrier.\n"
