"""One demo for all tests of the page."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from devtools.processes.tied import tied_to_us
from tests.chromium import PATIENCE

ROOT = Path(__file__).parents[2]
MARK = "DEMO_UNDER_TEST"
AWAY = "http://127.0.0.1:1"
"""The proxy of an office, which reaches no port of this machine."""


class Demo:
    """`python -m devtools.demo` as a process; every process it starts carries its mark."""

    def __init__(self) -> None:
        self._mark = f"{MARK}={uuid.uuid4().hex}".encode()
        name, value = self._mark.decode().split("=")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "devtools.demo"],
            cwd=ROOT,
            env=os.environ | {name: value, "HTTP_PROXY": AWAY, "http_proxy": AWAY},
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=tied_to_us(),
        )

    @cached_property
    def said(self) -> list[str]:
        """What it prints until it names its page, or until it ends."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Page:"):
                break
        return lines

    @property
    def url(self) -> str:
        """The address of its page."""
        return self.said[-1].split()[1]

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it, and return what it ended with."""
        self.process.send_signal(how)
        return self.process.wait(90)

    def processes(self) -> list[int]:
        """Whatever lives and was started by this demo, itself included."""
        return [int(entry.parent.name) for entry in _environments() if self._began(entry)]

    def gone(self) -> bool:
        """Whether everything it started has ended, or soon does."""
        deadline = time.monotonic() + 60
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.05)
        return not self.processes()

    def _began(self, environ: Path) -> bool:
        try:
            return self._mark in environ.read_bytes().split(b"\0")
        except OSError:
            return False


def _environments() -> Iterator[Path]:
    return Path("/proc").glob("[0-9]*/environ")


@contextmanager
def demo_running() -> Iterator[Demo]:
    demo = Demo()
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.end()
        assert demo.process.stdout is not None
        demo.process.stdout.close()


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with demo_running() as running:
        assert running.url
        yield running
        assert running.end(signal.SIGINT) == 0
        assert running.gone(), "Ctrl-C left a process behind"


@pytest.fixture
def page(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The page in a window of its own, with every error of its scripts collected."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.goto(demo.url)
    yield page
    context.close()
    assert errors == []
