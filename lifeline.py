"""The lifeline: whom `/voice/fallback` dials when neither database nor Redis can be asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event, Thread

from carrier.fallback import FallbackLine, write_fallback
from outage import Outage, cause
from plan.holidays import office
from routing.line import LAST_RESORT, Line, Step
from routing.schedule.escalation import phones_of
from routing.schedule.rota import on_call

EVERY = 30.0
"""Seconds for which the file may be behind the schedule."""


def refresh(path: Path, lines: Iterable[Line], now: dt.datetime) -> None:
    """Write the file anew for this moment; raises OSError where it cannot be written."""
    write_fallback(path, [lifeline(line, now) for line in lines])


def keep_fresh(path: Path, lines: Callable[[], Iterable[Line]]) -> None:
    """Write the file again every half minute, in a thread, for as long as the process lives."""

    def keep() -> None:
        while True:
            try:
                refresh(path, lines(), dt.datetime.now(dt.UTC))
            except Exception as error:  # the file of half a minute ago is better than none
                file.goes_on(cause(error))
            else:
                file.is_over()
            pause.wait(EVERY)

    pause, file = Event(), Outage("lifeline not written")
    Thread(target=keep, name="lifeline", daemon=True).start()


def lifeline(line: Line, now: dt.datetime) -> FallbackLine:
    """The phones of the people on call, in the order of the steps, and then the last resort."""
    rung = [one for step in line.escalation.steps for one in people_in(step, line, now)]
    phones = dict.fromkeys(phone for one in (*rung, LAST_RESORT) for phone in phones_of(line, one))
    return FallbackLine(line.number, line.name, line.languages[0], tuple(phones))


def people_in(step: Step, line: Line, now: dt.datetime) -> tuple[str, ...]:
    """Everybody of a step who is on call at a moment, whatever languages they speak."""
    found: dict[str, None] = {}
    for name in step.ring:
        schedule = line.schedule(name)
        found |= dict.fromkeys(on_call(schedule, now, office(line)) if schedule else (name,))
    return tuple(found)
