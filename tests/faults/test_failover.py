"""Redis fails over behind one address: open connections still lead to the old master, read-only."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import redis
from redis.exceptions import BusyLoadingError

from devtools.processes.embedded_redis import embedded_redis
from devtools.processes.tied import tied_to_us
from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import Job, OfferEngineer
from service.doctor.system import check_processes
from service.health import check_health
from settings import Settings
from store.work import redis_client
from store.work.rate_limits import Backoff, GuessLimiter
from store.work.redis_client import ELSEWHERE, queue_name
from tests.faults.conftest import FaultyLine
from tests.tcp_switch import TcpSwitch, tcp_switch

PATIENCE = 60.0


def until(seen: Callable[[], object], what: str) -> None:
    """These are other processes, so there is no event to wait for."""
    deadline = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class Pair:
    """A master and its replica, and the one address that leads to the master."""

    def __init__(self, stack: ExitStack) -> None:
        ports = [urlsplit(stack.enter_context(embedded_redis({}))).port or 0 for _ in range(2)]
        self.old, self.new = (redis.Redis(port=port) for port in ports)
        self.new_port = ports[1]
        self.switch: TcpSwitch = stack.enter_context(tcp_switch(ports[0]))
        self.new.replicaof("127.0.0.1", ports[0])
        until(self._in_step, "the replica is in step")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.switch.port}/0"

    def change_roles(self) -> None:
        """The replica becomes the master, and the master its replica; nobody is cut off."""
        self.new.replicaof("NO", "ONE")
        self.old.replicaof("127.0.0.1", self.new_port)

    def lead_to_the_new_one(self) -> None:
        self.switch.leads_to = self.new_port

    def close(self) -> None:
        self.old.close()
        self.new.close()

    def _in_step(self) -> bool:
        return self.new.info("replication")["master_link_status"] == "up"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine is no failover: each answer is waited for."""
    monkeypatch.setattr(redis_client, "FAST", PATIENCE)


@pytest.fixture
def pair() -> Iterator[Pair]:
    with ExitStack() as stack:
        pair = Pair(stack)
        yield pair
        pair.close()


@pytest.fixture
def line_settings(line_settings: Settings, pair: Pair) -> Settings:
    return line_settings.model_copy(update={"redis_url": pair.url})


def test_the_bell_finds_the_new_master(line: FaultyLine, pair: Pair) -> None:
    bell = line.context.notifier
    assert bell.ring()
    pair.change_roles()
    pair.lead_to_the_new_one()
    assert bell.ring(), "nobody had to be restarted"
    assert pair.new.llen(f"rq:queue:{queue_name(line.settings.installation)}")


def test_the_bell_rests_while_there_is_only_a_replica(line: FaultyLine, pair: Pair) -> None:
    bell = line.context.notifier
    assert bell.ring()
    pair.change_roles()
    assert not bell.ring()
    assert not bell.reachable, "the workers look by themselves meanwhile"


def test_a_replica_without_its_master_is_left_as_well(line: FaultyLine, pair: Pair) -> None:
    bell = line.context.notifier
    assert bell.ring()
    pair.old.config_set("replica-serve-stale-data", "no")
    pair.new.replicaof("NO", "ONE")
    pair.old.replicaof("127.0.0.1", 1)
    pair.lead_to_the_new_one()
    assert bell.ring(), "MASTERDOWN is no answer"


def test_a_server_that_still_loads_is_left_as_well() -> None:
    assert issubclass(BusyLoadingError, ELSEWHERE)


def test_readiness_and_doctor_write(line: FaultyLine, pair: Pair) -> None:
    assert line.http.get("/readyz").json["redis"] == "ok"
    pair.change_roles()
    condition = check_health(line.services)
    assert (condition["ready"], condition["redis"]) == (True, "away")
    (said,) = [verdict for verdict in check_processes(condition) if verdict.check == "redis"]
    assert "replica" in said.message
    pair.lead_to_the_new_one()
    assert check_health(line.services)["redis"] == "ok"


def test_guesses_are_counted_by_the_new_master(line: FaultyLine, pair: Pair) -> None:
    throttle = GuessLimiter(pair.url, "line")
    pace = Backoff(free=1, longest=60)
    throttle.enter([("before", pace)])
    pair.change_roles()
    pair.lead_to_the_new_one()
    before = pair.new.dbsize()
    throttle.enter([("after", pace)])
    throttle._breaker._until = 0
    throttle.enter([("after that", pace)])
    assert pair.new.dbsize() > before


@pytest.mark.timeout(240)
def test_a_worker_that_waits_hears_the_bell_of_the_new_master(line: FaultyLine, pair: Pair) -> None:
    settings, context = line.settings, line.context
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": pair.url,
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
        "PUBLIC_URL": settings.public_url,
        "SECRET_KEY": settings.secret_key,
        "TWILIO_API_URL": "http://127.0.0.1:1",
        "FALLBACK_FILE": str(settings.fallback_file),
    }
    command = [sys.executable, "-m", "workers"]
    worker = subprocess.Popen(command, env=environment, preexec_fn=tied_to_us())
    try:
        for name in ("before", "after"):
            now = context.clock()
            call = Call(name, name, "main", "", None, "nl", now)
            decision = Decision(Case(call), (), (Job(now, OfferEngineer("main", name)),))
            _, due = context.services.call_service.calls.save(Case(), decision, now)
            context.notifier.notify(due)
            until(lambda: context.queue.oldest_due(context.clock()) is None, f"done {name}")
            if name == "before":
                pair.change_roles()
                pair.lead_to_the_new_one()
    finally:
        worker.kill()
        worker.wait()
