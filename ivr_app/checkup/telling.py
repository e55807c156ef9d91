"""Whether people can be told: numbers that never reached anybody, and texts that are used up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from ivr_app.checkup.verdict import Verdict, ok, warn
from routing.desk import Desk
from routing.line import Line
from routing.written.notices import texts_left
from store.tried import last_tried

UNTRIED = "numbers untried"
TEXTS = "texts of today"
NEARLY = 5
"""A fifth of the daily cap left is worth a word."""


def untried(engine: Engine, lines: Sequence[Line]) -> Iterator[Verdict]:
    """Numbers that nobody ever answered at, and that never got a text."""
    found = [verdict for line in lines for verdict in _untried(engine, line)]
    yield from found or [ok(UNTRIED, "none")]


def capped(desk: Desk, lines: Sequence[Line]) -> Iterator[Verdict]:
    """People who get no more texts today, or nearly none."""
    found = [verdict for line in lines for verdict in _capped(desk, line)]
    yield from found or [ok(TEXTS, "nobody is near the daily cap")]


def _untried(engine: Engine, line: Line) -> Iterator[Verdict]:
    tried = last_tried(engine, line)
    for engineer in line.engineers:
        for number in (n for n in engineer.phones if n not in tried):
            said = f"{number} of {engineer.id} was never answered and never got a text"
            yield warn(UNTRIED, f"{said}: see that it works, because it is rung already")


def _capped(desk: Desk, line: Line) -> Iterator[Verdict]:
    facts, cap = desk.facts(line), line.paging.daily_cap
    for engineer in line.engineers:
        left = texts_left(facts, engineer.id)
        if left <= 0:
            how = "is told by mail or only rung: look why there are so many"
            yield warn(TEXTS, f"{engineer.id} has had all {cap} and {how}")
        elif left <= cap // NEARLY:
            yield warn(TEXTS, f"{engineer.id} gets {left} more of {cap}")
