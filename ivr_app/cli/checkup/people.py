"""Whether a line is there, and whether somebody is on call now in each of its steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from ivr_app.cli.checkup.verdict import Verdict, fail, ok, warn
from lifeline import people_in
from routing.line import Line


def people(lines: Sequence[Line], at: dt.datetime) -> Iterator[Verdict]:
    """The steps of every line that was applied."""
    if not lines:
        yield fail("line", "none is applied: run flask --app ivr_app apply line.yaml")
    for line in lines:
        yield ok("line", f"{line.id} is applied: {line.name}, {line.number}")
        yield from _steps(line, at)


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
