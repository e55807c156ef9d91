"""Whoever watches a worker or clock learns that it lives, and restarts only one that is stuck."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.processes.ports import free_ports
from devtools.processes.tied import tied_to_us
from ivr_app.cli.health import ALIVE_FOR, find_fault
from settings import Settings
from workers.context import STUCK_AFTER, Pulse

PATIENCE = 60.0


class Watched:
    """A clock that a container's file and systemd's watchdog watch, without database and Redis."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.file = folder / "alive"
        (port,) = free_ports(1)
        self.settings = settings.model_copy(update={"alive_file": self.file, "port": port})
        self.news = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = f"@life-{secrets.token_hex(8)}"
        self.news.bind("\0" + address[1:])
        self.news.settimeout(PATIENCE)
        self.environment = os.environ | {
            "DATABASE_URL": "postgresql://line@127.0.0.1:1/line",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
            "TWILIO_API_URL": "http://127.0.0.1:1",
            "PUBLIC_URL": settings.public_url,
            "SECRET_KEY": settings.secret_key,
            "ALIVE_FILE": str(self.file),
            "PORT": str(port),
            "FALLBACK_FILE": str(folder / "fallback.json"),
        }
        watched = self.environment | {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "60000000"}
        command = [sys.executable, "-m", "workers.clock"]
        self.process = subprocess.Popen(
            command, env=watched, stderr=subprocess.DEVNULL, preexec_fn=tied_to_us()
        )

    def hear(self, wanted: bytes) -> None:
        while self.news.recv(4096) != wanted:
            pass

    def ask(self) -> tuple[int, str]:
        command = [sys.executable, "-m", "ivr_app.cli", "health"]
        run = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr

    def find_fault(self) -> str | None:
        return find_fault(self.settings)

    def age(self, seconds: float) -> None:
        then = time.time() - seconds
        os.utime(self.file, (then, then))


@pytest.fixture
def watched(tmp_path: Path, settings: Settings) -> Iterator[Watched]:
    watched = Watched(tmp_path, settings)
    yield watched
    watched.process.kill()
    watched.process.wait()
    watched.news.close()


def test_a_clock_lives_without_a_database_and_dies_when_it_stops(watched: Watched) -> None:
    assert (watched.find_fault() or "").startswith("Web does not answer on port ")
    watched.hear(b"WATCHDOG=1")
    assert watched.ask() == (0, "alive\n")

    watched.process.send_signal(signal.SIGSTOP)
    os.waitpid(watched.process.pid, os.WUNTRACED)
    watched.age(2 * ALIVE_FOR)
    code, sentence = watched.ask()
    assert code == 1
    assert "gave its last sign of life" in sentence

    watched.process.send_signal(signal.SIGCONT)
    watched.hear(b"READY=1")
    deadline = time.monotonic() + PATIENCE
    while watched.find_fault():
        assert time.monotonic() < deadline, "no sign of life"


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_only_a_loop_that_stops_while_the_database_answers_is_stuck() -> None:
    seconds = Seconds()
    pulse = Pulse(seconds)
    seconds.now = STUCK_AFTER
    pulse.note_answer()
    assert not pulse.is_stuck()
    seconds.now += 1
    assert pulse.is_stuck()
    pulse.note_turn()
    assert not pulse.is_stuck()
    seconds.now += STUCK_AFTER + 1  # the database is frozen: neither goes on
    assert not pulse.is_stuck()
