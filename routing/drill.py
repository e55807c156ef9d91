"""The drill: a copy of a line on which no real telephone rings, unless the drill wakes people.

The copy has its own id, so its calls are marked as a drill in the log and count for nobody. It
contains no number of the real line, so none can be rung. The copy for a drill that wakes people has
another id, and only the engineers' numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from routing.contracts.plans import list_default_plans
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
"""How long after the last ring an engineer who still listens may press a key."""

PERSON = "drill"
PHONE = "drill"
"""A placeholder for a number; no carrier can ring it."""

COMPANY = "DRILL / OEFENING"
_NUMBER = "drill:"


def is_drill(line_id: str) -> bool:
    """True for the id of a drill's line."""
    return line_id.endswith(SUFFIX)


def drill_id(line: Line) -> str:
    """The id of this line's drill."""
    return line.id + SUFFIX


def drill_number(line: Line) -> str:
    """The called number of a drill. Nobody outside can call it, and webhooks are signed."""
    return _NUMBER + line.id


def make_drill_line(line: Line) -> Line:
    """The copy of a line for a drill: the same prompts and rules, and one person."""
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
        plans=list_default_plans(),
        respond_within=(),
        duty_manager=None,
        handover=HandoverRules(tell=False),
        webhooks=(),
        drill=None,
    )


def is_waking(line_id: str) -> bool:
    """True for the id of a drill that rings the people on call."""
    return line_id.endswith(WAKING)


def make_waking_line(line: Line) -> Line:
    """The copy of a line for a drill that rings the people of the escalation, once."""
    return replace(
        make_drill_line(line),
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
    """The called number of a drill that wakes people."""
    return drill_number(line) + WAKING.removesuffix(SUFFIX)


def find_last_due(times: DrillTimes, zone: str, now: dt.datetime) -> dt.datetime:
    """The latest time, up to now, at which a drill was due."""
    today = wall(now, zone).date()
    days = (today - dt.timedelta(days=back) for back in range(8))
    moments = (
        instant(dt.datetime.combine(day, times.at), zone)
        for day in days
        if EVERY_DAY[day.weekday()] in times.days
    )
    return next(moment for moment in moments if moment <= now)


def find_line_or_drill(find: Callable[[str], Line | None], line_id: str) -> Line | None:
    """The line of this id. A drill's line is made from the real one."""
    if not is_drill(line_id):
        return find(line_id)
    make, suffix = make_drill_line, SUFFIX
    if is_waking(line_id):
        make, suffix = make_waking_line, WAKING
    real = find(line_id.removesuffix(suffix))
    if real is None:
        return None
    return make(real)


def read_drill_number(number: str) -> str | None:
    """The id of the drill's line with this called number. None for a real number."""
    if not number.startswith(_NUMBER):
        return None
    return number.removeprefix(_NUMBER) + SUFFIX
