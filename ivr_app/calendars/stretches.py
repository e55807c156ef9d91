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
    found = segments(schedule, *span, office)
    for on_call, run in groupby(found, lambda segment: person in segment.on_call):
        if on_call:
            one = list(run)
            yield one[0].start, one[-1].end


def gaps(schedule: Schedule, span: Span, office: Office) -> Iterator[Span]:
    """When nobody is on call within a span."""
    found = segments(schedule, *span, office)
    return ((segment.start, segment.end) for segment in found if not segment.on_call)
