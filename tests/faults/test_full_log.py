"""A log that nobody can write or read: lines are lost, and callers are served all the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from tests.faults.conftest import FaultyLine, has_a_human

LOST = ("priority_line_log_lines_lost_total",)


@contextmanager
def stderr_on(file: int) -> Iterator[None]:
    """Standard error goes there for a while, down to the file descriptor."""
    sys.stderr.flush()
    kept = os.dup(2)
    os.dup2(file, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@pytest.fixture
def full_device() -> Iterator[int]:
    """What is written there finds no room."""
    file = os.open("/dev/full", os.O_WRONLY)
    yield file
    os.close(file)


@pytest.fixture
def stuck_reader() -> Iterator[int]:
    """A pipe full to the brim, whose reader hangs."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(writer, bytes(size))
        except BlockingIOError:
            continue
    os.set_blocking(writer, True)
    yield writer
    os.close(reader)
    os.close(writer)


@pytest.fixture
def gone_reader() -> Iterator[int]:
    """A pipe whose reader has died."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.mark.parametrize("broken", ["full_device", "stuck_reader", "gone_reader"])
@pytest.mark.timeout(60)
def test_a_log_that_takes_nothing_costs_no_caller_an_answer(
    line: FaultyLine, broken: str, request: pytest.FixtureRequest
) -> None:
    with stderr_on(request.getfixturevalue(broken)):
        assert "<Gather" in line.call()
        line.services.engine.dispose()
        (line.settings.fallback_file.parent / "line.db").unlink()
        assert has_a_human(line.call("CA2"))


def test_lines_that_were_lost_are_counted(line: FaultyLine, stuck_reader: int) -> None:
    before = line.figures()[LOST]
    with stderr_on(stuck_reader):
        for _ in range(3):
            structlog.get_logger().error("nobody reads this")
    assert line.figures()[LOST] == before + 3
