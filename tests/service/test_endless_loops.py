"""A loop that must never end goes on, whatever one turn meets."""

from __future__ import annotations

import json

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from service import logging
from service.logging import LoopGuard


def test_a_turn_that_fails_is_told_once_and_the_next_one_comes(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logging.start_logging()
    failures: list[Exception | None] = [
        ValueError("invalid literal for int(): +31612345678"),
        ValueError("again"),
        OperationalError("SELECT", {}, Exception("away")),
        None,
    ]

    def turn() -> None:
        failure = failures.pop(0)
        if failure is not None:
            raise failure

    turns = LoopGuard("clock")
    assert [turns.take(turn) for _ in range(4)] == [False, False, False, True]
    structlog.reset_defaults()
    rows = [json.loads(row) for row in capfd.readouterr().err.splitlines()]
    told = [(row["level"], row["event"]) for row in rows]
    assert told == [
        ("error", "clock failed"),
        ("error", "database away"),
        ("warning", "no more: database away"),
        ("warning", "no more: clock failed"),
    ]
    assert "ValueError in turn" in rows[0]["why"]
    assert "+31612345678" not in str(rows), "the words of an error may hold a number"
