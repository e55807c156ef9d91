"""The drill: a line like the real one, behind which nobody has a telephone, unless it is to wake.

It has an id of its own, so whatever happens on it stands in the log as a drill, counts for nobody,
and cannot be mistaken for anything else. No number of the real line is in it: what is not there
cannot be rung. The drill that wakes people has an id of its own, and no number but theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from routing.line import (
    EVERY_DAY,
    DrillTimes,
    Engineer,
    Escalation,
    HandoverRules,
    Line,
    Paging,
    Step,
)
from routing.oncall.local_time import instant, wall

SUFFIX = ".drill"
WAKING = ".wake" + SUFFIX
LISTENS_FOR = dt.timedelta(minutes=1)
"""So long after the last ring whoever still listens may press a key."""

PERSON = "drill"
PHONE = "drill"
"""What stands where a number stands; no carrier can ring it."""

COMPANY = "DRILL / OEFENING"
_NUMBER = "drill:"


def is_drill(line_id: str) -> bool:
    """True for what happened on a drill's line."""
    return line_id.endswith(SUFFIX)


def drill_id(line: Line) -> str:
    """The id of the line on which this line is practised."""
    return line.id + SUFFIX


def drill_number(line: Line) -> str:
    """What is called to practise; nobody outside can call it, and a webhook is signed."""
    return _NUMBER + line.id


def drill_of(line: Line) -> Line:
    """The line to practise on: the same words and rules, one person, and nobody else to turn to."""
    return replace(
        line,
        id=drill_id(line),
        number=drill_number(line),
        texts_from="",
        last_resort=(),
        engineers=(Engineer(PERSON, COMPANY, (PHONE,)),),
        schedules=(),
        escalation=Escalation((Step((PERSON,)),)),
        desk=None,
        routes=(),
        paging=Paging(channels=()),
        respond_within=(),
        duty_manager=None,
        handover=HandoverRules(tell=False),
        webhooks=(),
        drill=None,
    )


def wakes(line_id: str) -> bool:
    """True for what happened on the line of a drill that rings the people on call."""
    return line_id.endswith(WAKING)


def waking_of(line: Line) -> Line:
    """The line of a drill that wakes people: those of the escalation, once, and nobody else."""
    return replace(
        drill_of(line),
        id=line.id + WAKING,
        number=line.number,
        texts_from=line.texts_from,
        engineers=line.engineers,
        schedules=line.schedules,
        escalation=replace(line.escalation, repeat=1),
        paging=replace(line.paging, again_after=LISTENS_FOR),
        whisper="full",
    )


def waking_number(line: Line) -> str:
    """What is called for a drill that wakes people."""
    return drill_number(line) + WAKING.removesuffix(SUFFIX)


def last_set(times: DrillTimes, zone: str, now: dt.datetime) -> dt.datetime:
    """The latest moment up to now at which a drill was to be held."""
    today = wall(now, zone).date()
    days = (today - dt.timedelta(days=back) for back in range(8))
    moments = (
        instant(dt.datetime.combine(day, times.at), zone)
        for day in days
        if EVERY_DAY[day.weekday()] in times.days
    )
    return next(moment for moment in moments if moment <= now)


def practised(find: Callable[[str], Line | None], line_id: str) -> Line | None:
    """The line of this id, found by the id of the real one where it is a drill's."""
    if not is_drill(line_id):
        return find(line_id)
    of, end = (waking_of, WAKING) if wakes(line_id) else (drill_of, SUFFIX)
    real = find(line_id.removesuffix(end))
    return of(real) if real is not None else None


def called(number: str) -> str | None:
    """The id of the drill's line that is called so, or None for a real number."""
    return number.removeprefix(_NUMBER) + SUFFIX if number.startswith(_NUMBER) else None
