"""Whoever comes on is told and confirms; who does not is spoken of to the others.

Nothing is believed for longer than a moment: when the letter is due, and again when the reply is,
the schedule is read anew, so that a swap never has the wrong person told, nor anybody alarmed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from routing.errands import Errand, HandoverDue, ReliefCheck
from routing.facts import FactsOfNow
from routing.letter import Letter
from routing.line import Line, Schedule
from routing.relief import Relief, Standing
from routing.roster import Telling
from routing.schedule.handover import Handover, handover_at, handovers, rung_schedules, stays_until
from routing.schedule.quiet import LONGEST, quiet_since
from routing.schedule.rota import on_call
from routing.written import relief_letters
from routing.written.ways import LOST

AHEAD = dt.timedelta(minutes=2)
"""Handovers are planned so long before they are."""

QUIET_AHEAD = LONGEST + dt.timedelta(days=1)
"""Somebody whose quiet it would fall into is told before, so it is looked for earlier."""

LATEST = dt.timedelta(hours=1)
"""Whoever came on so long ago, unheard while the line was away, is told no more."""

NOTED_FOR = dt.timedelta(days=1)
"""A handover that nobody was told of is still noted for so long."""

LOOKS = (dt.timedelta(minutes=1), dt.timedelta(minutes=5))
"""When it is looked whether the text was lost."""

CODES, MORE_CODES = range(10, 100), range(100, 1000)
"""Incidents have more digits, so that no number means two things."""


def planned(facts: FactsOfNow, since: dt.datetime) -> Iterator[Errand]:
    """The errands of the handovers that are near, or that were missed; ``since`` is when the line
    last changed: what came before that is noted no more, because it may have been otherwise."""
    now, line = facts.now, facts.line
    start = max(now - NOTED_FOR, min(since, now - LATEST))
    end = now + AHEAD + (QUIET_AHEAD if any(e.quiet for e in line.engineers) else dt.timedelta())
    for schedule in rung_schedules(line) if line.handover.tell else ():
        for handover in handovers(schedule, start, end, facts.office):
            for engineer in handover.on:
                due = told_from(line, engineer, handover.at)
                if due <= now + AHEAD:
                    deed = HandoverDue(line.id, schedule.id, handover.at, engineer)
                    yield Errand(due, deed, deed.name)


def told_from(line: Line, person: str, at: dt.datetime) -> dt.datetime:
    """When somebody is told about coming on: then, or in time to confirm it before their quiet."""
    engineer = line.engineer(person)
    quiet = quiet_since(engineer, at, line.timezone) if engineer is not None else None
    return quiet - line.handover.confirm_within if quiet is not None else at


def comes_on(facts: FactsOfNow, due: HandoverDue) -> Telling | None:
    """Whoever comes on is told, with what is open; None when somebody else does by now."""
    schedule, engineer = facts.line.schedule(due.schedule), facts.line.engineer(due.engineer)
    if schedule is None or engineer is None or not facts.line.handover.tell:
        return None
    handover = handover_at(schedule, due.at, facts.office)
    if handover is None or engineer.id not in handover.on:
        return None
    relief = _relief(facts, schedule, handover, engineer.id)
    if facts.now - due.at > LATEST:
        return Telling(replace(relief, standing=Standing.SKIPPED))
    if not _has_it(facts, schedule, due.at, engineer.id):
        return None
    within = facts.line.handover.confirm_within
    told = replace(relief, told_at=facts.now, confirm_by=facts.now + within)
    looks = (*(look for look in LOOKS if look < within), within)
    checks = tuple(Errand(facts.now + look, ReliefCheck(relief.id)) for look in looks)
    return Telling(told, tuple(relief_letters.to_relief(facts, told, engineer)), checks)


def checked(facts: FactsOfNow, relief: Relief, text: Letter | None) -> Telling | None:
    """Look after a relief: a lost text goes by mail, and no reply in time is told to others."""
    if relief.standing is not Standing.TOLD or relief.confirm_by is None:
        return None
    schedule = facts.line.schedule(relief.schedule)
    if schedule is None or not _has_it(facts, schedule, relief.at, relief.engineer):
        return Telling(replace(relief, standing=Standing.LAPSED))
    if facts.now >= relief.confirm_by:
        late = replace(relief, standing=Standing.UNCONFIRMED, warned_at=facts.now)
        return Telling(late, tuple(relief_letters.to_others(facts, late)))
    engineer = facts.line.engineer(relief.engineer)
    if engineer is not None and text is not None and text.result in LOST:
        return Telling(relief, tuple(relief_letters.by_mail(facts, relief, engineer)))
    return None


def confirmed(facts: FactsOfNow, relief: Relief, reply: str | None) -> Telling:
    """The person has texted back, or said so elsewhere, in time or late."""
    done = Standing.CONFIRMED
    return Telling(replace(relief, standing=done, confirmed_at=facts.now, reply=reply))


def _has_it(facts: FactsOfNow, schedule: Schedule, at: dt.datetime, engineer: str) -> bool:
    return engineer in on_call(schedule, max(facts.now, at), facts.office)


def _relief(facts: FactsOfNow, schedule: Schedule, handover: Handover, engineer: str) -> Relief:
    now, label = facts.now, f"{schedule.id} {handover.at} {engineer}"
    held = {r.code for r in facts.book.reliefs_of(facts.line.id, engineer, now) if r.waits}
    codes = [code for code in CODES if code not in held] or MORE_CODES
    since = handover.at if now - handover.at > LATEST else max(now, handover.at)
    return Relief(
        id=facts.chance.token(f"relief {label}"),
        line=facts.line.id,
        schedule=schedule.id,
        at=handover.at,
        engineer=engineer,
        before=handover.off,
        until=stays_until(schedule, engineer, since, facts.office),
        code=facts.chance.number(f"code {label}", codes),
    )
