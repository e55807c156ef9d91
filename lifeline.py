"""The lifeline: whom `/voice/fallback` dials when neither database nor Redis can be asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from carrier.fallback import FallbackLine, write_fallback
from plan.holidays import office
from routing.escalation import phones_of
from routing.line import LAST_RESORT, Line
from routing.rota import on_call


def refresh(path: Path, lines: Iterable[Line], now: dt.datetime) -> None:
    """Write the file anew for this moment; raises OSError where it cannot be written."""
    write_fallback(path, [lifeline(line, now) for line in lines])


def lifeline(line: Line, now: dt.datetime) -> FallbackLine:
    """The phones of the people on call, in the order of the steps, and then the last resort."""
    people = [*_people(line, now), LAST_RESORT]
    phones = dict.fromkeys(phone for person in people for phone in phones_of(line, person))
    return FallbackLine(line.number, line.name, line.languages[0], tuple(phones))


def _people(line: Line, now: dt.datetime) -> Iterator[str]:
    opening = office(line)
    for name in (name for step in line.escalation.steps for name in step.ring):
        schedule = line.schedule(name)
        yield from on_call(schedule, now, opening) if schedule else (name,)
