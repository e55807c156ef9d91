"""The web process as the Procfile starts it, for as long as tests look at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools.processes.ports import free_ports
from devtools.processes.tied import tied_to_us

HOUSE = Path(__file__).parents[3]
CONFIG = HOUSE / "gunicorn_conf.py"
PATIENCE = 90.0
"""Seconds: a machine that does much else starts and ends nothing quickly."""


@dataclass(frozen=True)
class Running:
    """A web process that answers."""

    url: str
    environment: dict[str, str]


@contextmanager
def web_running(
    environment: dict[str, str], config: Path = CONFIG, wrapper: Sequence[str | Path] = ()
) -> Iterator[Running]:
    """Start it, wait until its port is open, and end it afterwards. ``wrapper`` is a command that
    runs another one."""
    (port,) = free_ports(1)
    told = environment | {"PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    gunicorn = Path(sys.executable).with_name("gunicorn")
    process = subprocess.Popen(
        [*wrapper, gunicorn, "--config", config, "ivr_app:create_app()"],
        cwd=HOUSE,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", **told},
        preexec_fn=tied_to_us(),
    )
    try:
        _opened(port, process)
        yield Running(told["PUBLIC_URL"], told)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _opened(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the web process does not answer")
