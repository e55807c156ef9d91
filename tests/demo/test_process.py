"""The one command: what it says, and what it leaves behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
import requests

from devtools.demo.opening import PURPOSES
from devtools.demo.site import choose_site
from tests.demo.conftest import ROOT, Demo, demo_running
from tests.ivr_app.console.staff import token_of
from tests.kills.line_processes import until

needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="There is no /proc here.")


@pytest.mark.timeout(120)
def test_it_names_each_process_and_where_to_look(demo: Demo) -> None:
    first, *processes, portal, console, page = demo.said
    assert first.startswith("Starting, with logs in var/demo-")
    assert [line.split()[0] for line in processes] == list(PURPOSES)
    assert portal.startswith("Portal:")
    assert "/portal/" in portal
    assert re.match(r"Console: http://127\.0\.0\.1:\d+/console/ \(sign in as demo, \w+\)", console)
    assert re.match(r"Page:    http://localhost:\d+/ ", page)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=30).ok
    except requests.ConnectionError:
        return False


@pytest.mark.timeout(120)
def test_the_console_opens_with_the_sign_in_that_it_prints(demo: Demo) -> None:
    console, name, password = re.findall(r"http\S+|(?<=as )\w+|\w+(?=\))", demo.said[-2])
    until(lambda: answers(console), "the console answers")  # web may just have been killed
    with requests.Session() as visitor:
        door = visitor.get(console, timeout=30)
        form = {"name": name, "password": password, "csrf_token": token_of(door.text)}
        answer = visitor.post(f"{console}sign_in", form, timeout=30)
        assert (answer.status_code, answer.url) == (200, console)


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGHUP])
def test_it_can_be_ended_while_it_still_begins(how: signal.Signals) -> None:
    with demo_running() as demo:
        while len(demo.processes()) < 3:
            time.sleep(0.02)
        assert demo.end(how) == 0
        assert not any(line.startswith("Page:") for line in demo.said)
        assert demo.gone()


def test_a_port_that_is_taken_is_one_clear_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        tried = subprocess.run(
            [sys.executable, "-m", "devtools.demo"],
            cwd=ROOT,
            env=os.environ | {"DEMO_PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=40,
        )
    assert tried.returncode == 1
    assert tried.stdout == ""
    assert tried.stderr == f"DEMO_PORT names port {port}, which is taken or not ours to take.\n"


def test_two_demos_that_start_together_have_pages_of_their_own() -> None:
    sites = [choose_site({}) for _ in range(2)]
    assert sites[0].page_url != sites[1].page_url
    for site in sites:
        site.door.close()
        site.clear()
