"""Letters about changed shifts: whomever it concerns is told, each in their own language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ivr_app.calendars.stretches import Span
from ivr_app.remarks import Remark
from ivr_app.shifts.change import Change
from routing.letter import Letter
from routing.line import Engineer, Line, Override, Schedule
from routing.schedule.wallclock import local
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
        start, end = (local(at, self.schedule.timezone).isoformat(" ", "minutes") for at in span)
        values = (("schedule", self.schedule.id), ("start", start), ("end", end), ("name", other))
        news = News(words, values, once=once)
        if told_at(facts, engineer, news) >= span[0]:
            news = News(words, values, once=once, level=1)
        return letter_to(facts, engineer, news)

    def of_change(self, change: Change, given: Sequence[Span]) -> Iterator[Letter]:
        """Whoever gives and whoever takes; of several times, from the first to the last."""
        span, (give, take) = (given[0][0], given[-1][1]), (change.give, change.take)
        if give:
            words = "swap_given" if take else "shift_off"
            about = (span, take.name if take else "")
            yield self.letter(self._once(change, "give"), give, words, about)
        if take:
            words = "swap_taken" if give else "shift_on"
            about = (span, give.name if give else "")
            yield self.letter(self._once(change, "take"), take, words, about)

    def of_undoing(self, uid: str, back: Sequence[Override]) -> Iterator[Letter]:
        """Each taker, and the giver of each; of several times, from the first to the last."""
        pairs = sorted(back, key=lambda one: (one.remove or "", one.add or "", one.start))
        for (give, take), run in groupby(pairs, lambda one: (one.remove, one.add)):
            times = list(run)
            span = times[0].start, max(one.end for one in times)
            giver, taker = (self.line.engineer(one or "") for one in (give, take))
            names = (giver.name if giver else give or "", taker.name if taker else take or "")
            if giver:
                words = "swap_back_given" if take else "shift_off_back"
                yield self.letter(f"{uid} back {take}", giver, words, (span, names[1]))
            if taker:
                words = "swap_back_taken" if give else "shift_on_back"
                yield self.letter(f"{uid} back", taker, words, (span, names[0]))

    def post(self, due: Sequence[str]) -> None:
        """The bell for those that are due."""
        self.board.desk.bell.ring(due)

    def doubts(self) -> Iterator[Remark]:
        """Whether there is anybody who sends them."""
        beats, since = Beats(self.board.engine), self.board.desk.clock() - ALIVE
        if not any((beats.last(kind) or since) > since for kind in ("worker", "clock")):
            yield Remark.of("unsent")

    def _once(self, change: Change, role: str) -> str:
        """By the time too: in a trade each person gives and takes under one name."""
        return f"{change.uid} {role} {change.span[0].isoformat()}"
