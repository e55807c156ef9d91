"""The shifts of one schedule are changed: on the command line and in the console alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ivr_app.calendars.stretches import Span
from ivr_app.remarks import Remark, ShiftStaysError
from ivr_app.shifts.change import Change
from ivr_app.shifts.handover import Handover, hand_over
from ivr_app.shifts.letters import Mailbag
from ivr_app.shifts.undoing import Undoing, undo
from plan.holidays import office
from routing.letter import Letter
from routing.line import Line, Schedule
from store.kept import Kept
from store.overrides import Amendment, amend
from store.staff.audit import Deed
from switchboard import Switchboard


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was agreed: the changes with the times that change hands, and who is told of it."""

    kept: tuple[Kept, ...]
    done: tuple[tuple[Change, Handover], ...]
    letters: tuple[Letter, ...]

    @property
    def uid(self) -> str | None:
        """By what name it is taken back; None where it only changed earlier ones."""
        return next((handover.uid for _, handover in self.done if handover.uid), None)

    @property
    def given(self) -> tuple[Span, ...]:
        """The times that change hands."""
        return tuple(span for _, handover in self.done for span in handover.given)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What is odd about it."""
        return tuple(remark for _, handover in self.done for remark in handover.remarks)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where the shifts of a schedule change hands; ``at`` is when."""

    board: Switchboard
    line: Line
    schedule: Schedule
    at: dt.datetime

    @property
    def mailbag(self) -> Mailbag:
        """The letters that it writes."""
        return Mailbag(self.board, self.line, self.schedule)

    def agree(
        self, changes: Sequence[Change], told: Deed | None, seen: str | None = None
    ) -> Outcome:
        """Change the shifts, all of it or nothing, and tell whomever it concerns. ``seen`` is the
        mark of what the decision was made on. Raises ShiftStaysError."""
        found: list[Outcome] = []

        def decide(plain: Schedule, kept: Sequence[Kept]) -> Amendment:
            if seen is not None and seen != mark(plain, kept):
                raise ShiftStaysError("moved_on")
            found.append(self.outcome(changes, plain, kept))
            deed = told and told.on("rota", self.line.id, None, self._written(changes, found[-1]))
            return Amendment(found[-1].kept, found[-1].letters, deed)

        self.mailbag.post(amend(self.board.engine, self.line.id, self.schedule.id, self.at, decide))
        return found[-1]

    def outcome(self, changes: Sequence[Change], plain: Schedule, kept: Sequence[Kept]) -> Outcome:
        """What the changes come to, of which nothing is written yet. Raises ShiftStaysError."""
        after, done, letters = tuple(kept), [], list[Letter]()
        for change in changes:
            handover = hand_over(change, plain, after, office(self.line))
            letters += self.mailbag.of_change(change, handover.given)
            done.append((change, handover))
            after = handover.kept
        return Outcome(after, tuple(done), tuple(letters))

    def take_back(self, uid: str, told: Deed | None) -> Undoing:
        """Give back what was changed under this name, and tell everybody it concerns. Raises
        ShiftStaysError."""
        done: list[Undoing] = []

        def decide(plain: Schedule, kept: Sequence[Kept]) -> Amendment:
            done.append(undo(uid, plain, kept, self.at, office(self.line)))
            letters = tuple(self.mailbag.of_undoing(uid, done[-1].back))
            first, last = done[-1].back[0], done[-1].back[-1]
            given = self._told((first.start, last.end), first.add, first.remove)
            deed = told and told.on("rota", self.line.id, given, None)
            return Amendment(done[-1].kept, letters, deed)

        self.mailbag.post(amend(self.board.engine, self.line.id, self.schedule.id, self.at, decide))
        return done[-1]

    def _written(self, changes: Sequence[Change], outcome: Outcome) -> Mapping[str, Any]:
        first = changes[0]
        give, take = (one.id if one else None for one in (first.give, first.take))
        told = self._told(first.span, take, give)
        if len(changes) > 1:
            start, end = changes[1].span
            told |= {"back_start": start.isoformat(), "back_end": end.isoformat()}
        return told

    def _told(self, span: Span, take: str | None, give: str | None) -> dict[str, Any]:
        start, end = (at.isoformat() for at in span)
        told = {"schedule": self.schedule.id, "start": start, "end": end}
        return told | {k: v for k, v in (("give", give), ("take", take)) if v}


def mark(plain: Schedule, kept: Sequence[Kept]) -> str:
    """Tells whether a schedule is still as somebody saw it."""
    return sha256(repr((plain, list(kept))).encode()).hexdigest()[:16]
