"""Overrides and replacements that do nothing, and the one to change instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from plan.rounds import Remark
from routing.line import Line, Schedule
from routing.schedule.hours import Office
from routing.schedule.rota import segments
from routing.schedule.wallclock import instant


class Window(Protocol):
    """Something that holds from one moment to another."""

    @property
    def start(self) -> dt.datetime:
        """When it begins to hold."""

    @property
    def end(self) -> dt.datetime:
        """When it no longer holds."""


def idle(line: Line, office: Office) -> Iterator[Remark]:
    """The overrides and replacements of a line that change nobody's duty, each with the reason."""
    for number, schedule in enumerate(line.schedules):
        for field, why in _idle(schedule, office):
            yield f"schedules[{number}].{field}", f"does nothing: {why}"


def does_nothing(schedule: Schedule, index: int, office: Office) -> str | None:
    """Why the override of this index changes nobody's duty; None when it does."""
    override = schedule.overrides[index]
    before = replace(schedule, overrides=schedule.overrides[:index])
    after = replace(schedule, overrides=schedule.overrides[: index + 1])
    return _why(schedule, index) if _same(before, after, override, office) else None


def _idle(schedule: Schedule, office: Office) -> Iterator[Remark]:
    for index in range(len(schedule.overrides)):
        if (why := does_nothing(schedule, index, office)) is not None:
            yield f"overrides[{index}]", why
    for index, instead in enumerate(schedule.instead):
        before = replace(schedule, instead=schedule.instead[:index])
        after = replace(schedule, instead=schedule.instead[: index + 1])
        if _same(before, after, instead, office):
            yield f"instead[{index}]", "the same people are on call without it"


def _same(before: Schedule, after: Schedule, window: Window, office: Office) -> bool:
    start, end = _span(before, window)
    return list(segments(before, start, end, office)) == list(segments(after, start, end, office))


def _why(schedule: Schedule, index: int) -> str:
    override = schedule.overrides[index]
    for number, instead in enumerate(schedule.instead):
        if _meet(schedule, override, instead):
            return f"instead[{number}] counts for that time; change that one"
    if override.remove is None:
        return f"{override.add} is on call then anyway"
    others = [
        (number, other)
        for number, other in enumerate(schedule.overrides)
        if number != index and _meet(schedule, override, other)
    ]
    for number, other in others:
        if number < index and other.remove == override.remove:
            return f"overrides[{number}] already removes {override.remove}; change that one"
    for number, other in others:
        if other.add == override.remove:
            return f"{other.add} is on call then only through overrides[{number}]; change that one"
    return f"{override.remove} is not on call then"


def _meet(schedule: Schedule, one: Window, other: Window) -> bool:
    (start, end), (since, until) = _span(schedule, one), _span(schedule, other)
    return max(start, since) < min(end, until)


def _span(schedule: Schedule, window: Window) -> tuple[dt.datetime, dt.datetime]:
    return instant(window.start, schedule.timezone), instant(window.end, schedule.timezone)
