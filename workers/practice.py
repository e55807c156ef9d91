"""Drills at the times that a line's file sets, each held once, however many hosts there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import structlog

from drill import Drill
from routing.drill import last_set
from routing.line import Line
from store.drills import its_turn
from switchboard import Switchboard
from trial import DrillError

_log = structlog.get_logger("practice")


def _silently(step: str) -> None:
    """What came of it stands in the log of the line."""


def _hold(board: Switchboard, line: Line) -> None:
    Drill(board, line, _silently).hold()


def hold_due(
    board: Switchboard, now: dt.datetime, hold: Callable[[Switchboard, Line], None] = _hold
) -> None:
    """Hold each drill whose time has come; one that fails has told the duty manager."""
    for line in board.people.all_lines():
        if line.drill is None:
            continue
        due = last_set(line.drill, line.timezone, now)
        if its_turn(board.engine, line.id, due):
            _practise(board, line, hold)


def _practise(board: Switchboard, line: Line, hold: Callable[[Switchboard, Line], None]) -> None:
    try:
        hold(board, line)
    except DrillError as failed:
        _log.error("drill failed", line=line.id, why=str(failed))
    else:
        _log.info("drill passed", line=line.id)
