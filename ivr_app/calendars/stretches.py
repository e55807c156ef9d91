"""The stretches of time for which one person is on call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby

from routing.line import Schedule
from routing.schedule.hours import Office
from routing.schedule.rota import segments

Span = tuple[dt.datetime, dt.datetime]
"""From one instant to a later one, both aware."""


def stretches(person: str, schedule: Schedule, span: Span, office: Office) -> Iterator[Span]:
    """When this person is on call within a span, whoever else is; neighbours are joined."""
    return (
        (start, end) for on_call, start, end in _turns(person, schedule, span, office) if on_call
    )


def uncovered(person: str, schedule: Schedule, span: Span, office: Office) -> Iterator[Span]:
    """When this person is not on call within a span; neighbours are joined."""
    found = _turns(person, schedule, span, office)
    return ((start, end) for on_call, start, end in found if not on_call)


def gaps(schedule: Schedule, span: Span, office: Office) -> Iterator[Span]:
    """When nobody is on call within a span."""
    found = segments(schedule, *span, office)
    return ((segment.start, segment.end) for segment in found if not segment.on_call)


def _turns(
    person: str, schedule: Schedule, span: Span, office: Office
) -> Iterator[tuple[bool, dt.datetime, dt.datetime]]:
    found = segments(schedule, *span, office)
    for on_call, run in groupby(found, lambda segment: person in segment.on_call):
        one = list(run)
        yield on_call, one[0].start, one[-1].end
