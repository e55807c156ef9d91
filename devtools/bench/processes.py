"""The real processes under load, as the Procfile names them, and what they use."""

from __future__ import annotations

import os
import platform
import re
import resource
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from devtools.bench.figures import Figure, divide
from devtools.processes import HOUSE
from devtools.processes.process import children
from devtools.processes.tied import tied_to_us
from service.bootstrap import count_cores

PATIENCE = 30.0
COMMANDS = {
    "web": ["gunicorn", "--config", "gunicorn_conf.py", "ivr_app:create_app()"],
    "bare": ["gunicorn", "--config", "devtools/bench/bare.py", "devtools.bench.bare:create_app()"],
    "worker": ["workers"],
    "clock": ["workers.clock"],
}
SHOWN = ("flask", "gunicorn", "sqlalchemy", "rq", "twilio")


@dataclass(frozen=True, slots=True)
class Process:
    """One of the processes, with those that it has begun."""

    name: str
    pid: int

    def cpu(self) -> float:
        """Seconds of a core used so far, also by threads and processes that have ended."""
        return sum(map(_spent_by, self._family())) + _spent_by_ended(self.pid)

    def memory(self) -> list[float]:
        """MiB of each of them."""
        return [_proportional(pid) / 1024 for pid in self._family()]

    def _family(self) -> tuple[int, ...]:
        return (self.pid, *children(self.pid))


@contextmanager
def running(name: str, environment: Mapping[str, str]) -> Iterator[Process]:
    """A process of the line for as long as this lasts; by then it says that it is ready."""
    with tempfile.TemporaryDirectory(prefix="line-ready-") as folder:
        address = f"{folder}/notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(address)
            ready.settimeout(PATIENCE)
            begun = subprocess.Popen(  # noqa: S603  our own commands, no shell
                [sys.executable, "-m", *COMMANDS[name]],
                cwd=HOUSE,
                env=os.environ | environment | {"NOTIFY_SOCKET": address},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL if "QUIET" not in os.environ else None,
                preexec_fn=tied_to_us(),
            )
            try:
                _await(name, ready, int(environment["PORT"]))
                yield Process(name, begun.pid)
            finally:
                begun.terminate()
                begun.wait()


def measure_idle(processes: Sequence[Process], rounds: int, seconds: float) -> list[Figure]:
    """What processes use together while nothing happens."""
    found = []
    for _ in range(rounds):
        before, began = sum(each.cpu() for each in processes), time.monotonic()
        time.sleep(seconds)
        used = sum(each.cpu() for each in processes) - before
        found.append(used / (time.monotonic() - began) * 100)
    what = " and ".join(each.name for each in processes)
    return [Figure(f"{what}, idle", found, "% of a core", goal=1.0)]


def measure_memory(web: Process, others: Sequence[Process], after: str = "") -> list[Figure]:
    """MiB of each process; what several share is shared out among them."""
    sizes = web.memory()
    note = " + ".join(f"{size:.0f}" for size in sizes)
    goal: float | None = 90.0
    when = "before the console is opened"
    if after:
        goal, when = None, f"after {after}"
    found = [Figure(f"each web process, {when}", sizes, "MiB", goal, every=True, note=note)]
    return found + [Figure(each.name, each.memory(), "MiB") for each in others]


def compare_commands(environment: Mapping[str, str], rounds: int) -> list[Figure]:
    """`priority-line oncall` beside the import of Flask, in turns; the first turn warms up."""
    ours, flask = [], []
    for _ in range(rounds + 1):
        ours.append(_spend(["-m", "ivr_app.cli", "oncall"], environment))
        flask.append(_spend(["-c", "import flask"], environment))
    note = f"{median(ours) * 1000:.0f} ms of a core, Flask {median(flask) * 1000:.0f} ms"
    return [Figure("`priority-line oncall`", divide(ours[1:], flask[1:]), goal=3.0, note=note)]


def _spend(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a Python command to its end; seconds of a core that it used."""
    before = _of_children()
    subprocess.run(  # noqa: S603  our own commands, no shell
        [sys.executable, *command],
        cwd=HOUSE,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return _of_children() - before


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def describe_machine() -> str:
    """One line: processor, cores, memory, system, and what runs on it."""
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    gib = int(memory[1]) / 1024 / 1024 if memory else 0
    cores, load = count_cores(), os.getloadavg()[0]
    versions = ", ".join(f"{name} {version(name)}" for name in SHOWN)
    return (
        f"{cores} cores of {found[1] if found else platform.machine()}, {gib:.0f} GiB, "
        f"{platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}; "
        f"{load:.1f} processes were at work at the end of the run"
    )


def _spent_by(pid: int) -> float:
    """Read the processor clock of a process, as ``clock_getcpuclockid`` numbers it on Linux."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:  # it has just ended, and counts among those
        return 0.0


def _spent_by_ended(parent: int) -> float:
    """What the children of a process had used when they ended."""
    fields = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()
    user, system = int(fields[13]), int(fields[14])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def _await(name: str, ready: socket.socket, port: int) -> None:
    """Worker and clock tell systemd when they are warm; a web server opens its port."""
    if name in ("worker", "clock"):
        ready.recv(64)
        return
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("the server that was started does not answer")


def _proportional(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(row.split()[1]) for row in rollup.splitlines() if row.startswith("Pss:"))
