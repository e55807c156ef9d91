"""The Redis of a program ends with it, however it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from devtools.processes.tied import tied_to_us

HOUSE = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds; it takes none, and longer on a machine that does much else."""
HANGS = """
import signal

def test_that_hangs(redis_server_url):
    print(redis_server_url, flush=True)
    signal.pause()
"""


ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""The run needs none of the plugins that are installed here."""

TIE = tied_to_us()


def as_from_a_terminal() -> None:
    """Hear Ctrl-C: what a shell starts in the background ignores it, and so would its children."""
    TIE()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_test_run_that_is_interrupted_leaves_no_redis_behind(
    tmp_path: Path, how: signal.Signals
) -> None:
    (tmp_path / "test_hangs.py").write_text(HANGS)
    run = ["pytest", "-qs", "-p", "no:cacheprovider", "-p", "tests.conftest", "test_hangs.py"]
    command = [sys.executable, "-m", *run, "--rootdir", str(tmp_path)]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": str(HOUSE), "PATH": "/usr/bin:/bin", **ALONE},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=as_from_a_terminal,
    ) as pytest_run:
        assert pytest_run.stdout is not None
        url = next(line for line in pytest_run.stdout if line.startswith("redis://"))
        address = ("127.0.0.1", urlsplit(url.strip()).port or 0)
        with socket.create_connection(address, PATIENCE) as to_redis:
            pytest_run.send_signal(how)
            try:
                assert to_redis.recv(1) == b"", "Redis has hung up"
            except ConnectionResetError:
                pass  # a killed Redis has hung up, too
            except TimeoutError:
                pytest_run.kill()  # else nothing would end it
                raise
