"""The real desk, with a memory of every event and of every fact that a decision asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from routing import events, flow
from routing.call_service import CallService, find_case, lodge
from routing.correspondence import IncidentFile
from routing.decision import Case, Decision
from routing.facts import DecisionFacts
from routing.jobs import Lease
from routing.line import Line
from store.memory.call_repository import MemoryCallRepository

Asked = tuple[str, tuple[Any, ...] | None]
"""A fact, and what it was asked with; None where it is simply there."""


@dataclass(frozen=True)
class Entry:
    """One decision that was saved: what had happened, what was known, and when."""

    event: events.Event | events.Dialled | events.Lodged
    answers: dict[Asked, Any]
    at: Any


class Remembered:
    """Facts that remember what they were asked."""

    def __init__(self, facts: DecisionFacts) -> None:
        """Asked for nothing yet."""
        self._facts = facts
        self.answers: dict[Asked, Any] = {}

    def __getattr__(self, name: str) -> Any:
        """What the facts say, written down."""
        found = getattr(self._facts, name)
        if not callable(found):
            return self.answers.setdefault((name, None), found)

        def ask(*given: Any) -> Any:
            return self.answers.setdefault((name, given), found(*given))

        return ask


class Recalled:
    """Facts as they were then; what was not asked for then is not known now."""

    def __init__(self, answers: dict[Asked, Any]) -> None:
        """These answers and no others."""
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        """What was answered then."""
        if (name, None) in self._answers:
            return self._answers[name, None]
        recall: Callable[..., Any] = lambda *given: self._answers[name, given]  # noqa: E731
        return recall


@dataclass(frozen=True)
class Witness(CallService):
    """Everything that happens comes past here and is written down."""

    entries: list[Entry] = field(default_factory=list)
    _events: list[events.Event | events.Dialled | events.Lodged] = field(default_factory=list)
    _facts: list[Remembered] = field(default_factory=list)

    def decide(self, before: Case, event: events.Event, facts: DecisionFacts) -> Decision:
        """As the desk does it."""
        self._events[:] = [event]
        return super().decide(before, event, facts)

    def lodged(self, event: events.Lodged) -> Case:
        """A program reports a matter."""
        self._events[:] = [event]
        return lodge(self, event)

    def facts(self, line: Line) -> DecisionFacts:
        """As the desk reads them."""
        self._facts[:] = [Remembered(super().facts(line))]
        return cast("DecisionFacts", self._facts[0])

    def _dialled(self, sid: str, line: Line, shown: str) -> events.Dialled:
        event = super()._dialled(sid, line, shown)
        self._events[:] = [event]
        return event

    def save(self, before: Case, decision: Decision, finishes: Lease | None = None) -> Case:
        """Note what was known when this was decided."""
        entry = Entry(self._events[-1], self._facts[0].answers, self.clock())
        self.calls.noted[id(decision)] = entry  # type: ignore[attr-defined]
        return super().save(before, decision, finishes)


def replayed(entries: list[Entry], files: dict[str, IncidentFile]) -> MemoryCallRepository:
    """The book as it would be if all of this happened again, from nothing but the files."""
    book = MemoryCallRepository()
    book.rows.files = {file.id: replace(file, incident=None) for file in files.values()}
    for entry in entries:
        facts, event = cast("DecisionFacts", Recalled(entry.answers)), entry.event
        if isinstance(event, events.Dialled):
            before, decision = Case(), flow.begin_call(facts, event)
        elif isinstance(event, events.Lodged):
            before, decision = Case(), flow.lodge(facts, event)
        else:
            before = read(book, event)
            decision = flow.step(before, event, facts)
        book.save(before, decision, entry.at)
    return book


def read(book: MemoryCallRepository, event: events.Event) -> Case:
    """What an event is about."""
    found = find_case(book, event)
    if found is None:
        raise LookupError(f"{type(event).__name__} is about something that is not known")
    return found
