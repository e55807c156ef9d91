"""Whether a line is there, and somebody on call in each step: now, and in the next 90 days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from ivr_app.checkup.verdict import Verdict, fail, ok, warn
from lifeline import people_in
from plan.gaps import AHEAD, unattended
from plan.holidays import office
from routing.line import Line


def people(lines: Sequence[Line], at: dt.datetime) -> Iterator[Verdict]:
    """The steps of every line that was applied."""
    if not lines:
        yield fail("line", "none is applied: run flask --app ivr_app apply line.yaml")
    for line in lines:
        yield ok("line", f"{line.id} is applied: {line.name}, {line.number}")
        yield from _steps(line, at)
        yield from _ahead(line, at)


def _steps(line: Line, at: dt.datetime) -> Iterator[Verdict]:
    found = [people_in(step, line, at) for step in line.escalation.steps]
    check = f"on call, {line.id}"
    if not any(found):
        yield fail(check, "nobody in any step: only the last resort is rung; change the schedules")
        return
    for number, ids in enumerate(found, start=1):
        if ids:
            yield ok(check, f"step {number} rings {', '.join(ids)}")
        else:
            yield warn(check, f"step {number} rings nobody now; see oncall and change its schedule")


def _ahead(line: Line, at: dt.datetime) -> Iterator[Verdict]:
    """The next 90 days, with the swaps and absences that were made beside the file."""
    check = f"next {AHEAD.days} days, {line.id}"
    found = list(unattended(line, office(line), at))
    for field, text in found:
        yield warn(check, f"{field}: {text}; see oncall and change a schedule")
    if not found:
        yield ok(check, "somebody is on call in every step, at every hour")
