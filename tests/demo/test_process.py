"""The one command: what it says, and what it leaves behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.demo.conftest import ROOT, Demo, demo_running

needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="There is no /proc here.")


@pytest.mark.timeout(120)
def test_one_line_says_where_it_is(demo: Demo) -> None:
    assert demo.said.startswith("http://localhost:")
    assert demo.said.endswith("/\n")


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGHUP])
def test_it_can_be_ended_while_it_still_begins(how: signal.Signals) -> None:
    with demo_running() as demo:
        while len(demo.processes()) < 3:
            time.sleep(0.02)
        assert demo.end(how) == 0
        assert demo.said == ""
        assert demo.gone()


def test_a_port_that_is_taken_is_one_clear_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        tried = subprocess.run(
            [sys.executable, "-m", "demo"],
            cwd=ROOT,
            env=os.environ | {"DEMO_PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=40,
        )
    assert tried.returncode == 1
    assert tried.stdout == ""
    assert tried.stderr == f"DEMO_PORT names port {port}, which is taken or not ours to take.\n"
