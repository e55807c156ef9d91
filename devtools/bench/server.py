"""The real processes under load, as the Procfile names them, and what they use."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools.processes.tied import tied_to_us

HOUSE = Path(__file__).parents[2]
PATIENCE = 30.0
COMMANDS = {
    "web": ["gunicorn", "--config", "gunicorn_conf.py", "ivr_app:create_app()"],
    "bare": [
        "gunicorn",
        "--config",
        "devtools/bench/bare_conf.py",
        "devtools.bench.bare:create_app()",
    ],
    "worker": ["workers"],
    "clock": ["workers.clock"],
}


@dataclass(frozen=True, slots=True)
class Process:
    """One of the processes, with those that it has begun."""

    name: str
    pid: int

    def family(self) -> tuple[int, ...]:
        """Its own id, and its children's."""
        own = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return (self.pid, *map(int, own))

    def cpu(self) -> float:
        """Seconds of a core used so far, by all threads."""
        spent = 0
        for pid in self.family():
            for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                spent += int(thread.read_text().split()[0])
        return spent / 1e9

    def memory(self) -> Mapping[int, float]:
        """MiB of each of them; what several share is shared out among them."""
        return {pid: _proportional(pid) / 1024 for pid in self.family()}


@contextmanager
def running(name: str, environment: Mapping[str, str]) -> Iterator[Process]:
    """A process of the line for as long as this lasts; a web server answers by then."""
    begun = subprocess.Popen(  # noqa: S603  our own commands, no shell
        [sys.executable, "-m", *COMMANDS[name]],
        cwd=HOUSE,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if "QUIET" not in os.environ else None,
        preexec_fn=tied_to_us(),
    )
    try:
        if name in ("web", "bare"):
            _await(int(environment["PORT"]), begun)
        yield Process(name, begun.pid)
    finally:
        begun.terminate()
        begun.wait()


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the server that was started does not answer")


def _proportional(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(row.split()[1]) for row in rollup.splitlines() if row.startswith("Pss:"))
