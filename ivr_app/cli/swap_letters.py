"""Letters about swaps: whoever gives and whoever takes are told, each in their own language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr_app.calendars.stretches import Span
from ivr_app.cli.handover import Swap
from ivr_app.cli.printout import local
from routing.letter import Letter
from routing.line import Engineer, Line, Schedule
from routing.written.telling import News, letter_to, told_at
from store.beats import Beats
from switchboard import Switchboard

ALIVE = dt.timedelta(seconds=30)
"""A worker or clock that gave a sign of life since then sends what is due."""


@dataclass(frozen=True, slots=True)
class Mailbag:
    """Letters about one schedule, and the errands that send them."""

    board: Switchboard
    line: Line
    schedule: Schedule

    def letter(self, once: str, engineer: Engineer, words: str, about: tuple[Span, str]) -> Letter:
        """One letter: ``about`` is the time that changes hands, and the other person's name.

        It waits for the end of a quiet, unless the time itself begins before that.
        """
        facts, (span, other) = self.board.desk.facts(self.line), about
        start, end = (local(at, self.schedule.timezone, "minutes") for at in span)
        values = (("schedule", self.schedule.id), ("start", start), ("end", end), ("name", other))
        news = News(words, values, once=once)
        if told_at(facts, engineer, news) >= span[0]:
            news = News(words, values, once=once, level=1)
        return letter_to(facts, engineer, news)

    def post(self, due: Sequence[str]) -> None:
        """The bell for those that are due."""
        self.board.desk.bell.ring(due)

    def doubts(self) -> Iterator[str]:
        """Whether there is anybody who sends them."""
        beats, since = Beats(self.board.engine), self.board.desk.clock() - ALIVE
        if not any((beats.last(kind) or since) > since for kind in ("worker", "clock")):
            yield "neither a worker nor a clock runs: both are told as soon as one does"


def of_swap(mailbag: Mailbag, swap: Swap, given: Sequence[Span]) -> tuple[Letter, ...]:
    """Both are told; of several times, from the first to the last."""
    span = given[0][0], given[-1][1]
    return (
        mailbag.letter(swap.uid, swap.give, "swap_given", (span, swap.take.name)),
        mailbag.letter(swap.uid, swap.take, "swap_taken", (span, swap.give.name)),
    )
