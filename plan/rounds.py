"""Every step of a line, with the field it stands in."""

from __future__ import annotations

from collections.abc import Iterator

from routing.line import Line, Schedule, Step

Remark = tuple[str, str]
"""A field of a file and what is odd about it."""


def escalation_steps(line: Line) -> Iterator[tuple[str, Step]]:
    """The steps that are rung at any hour: the line's own, and those of its routes."""
    routes = ((f"routes[{i}].escalation", r.escalation) for i, r in enumerate(line.routes))
    for field, escalation in [("escalation", line.escalation), *routes]:
        for number, step in enumerate(escalation.steps if escalation else ()):
            yield f"{field}.steps[{number}]", step


def desk_steps(line: Line) -> Iterator[tuple[str, Step]]:
    """The steps that are rung in office hours only."""
    routes = ((f"routes[{i}].desk", r.desk) for i, r in enumerate(line.routes))
    own = [("desk", line.desk), ("signature_desk", line.signature_desk)]
    for field, step in [*own, *routes]:
        if step:
            yield field, step


def everyone_in(schedule: Schedule) -> set[str]:
    """Everybody who is ever on call in a schedule."""
    return {
        *(person for shift in schedule.shifts for person in shift.people),
        *(
            person
            for shift in schedule.shifts
            for turn in (shift.rotation.people if shift.rotation else ())
            for person in turn
        ),
        *(override.add for override in schedule.overrides if override.add),
        *(person for instead in schedule.instead for person in instead.people),
    }


def everyone_rung(step: Step, line: Line) -> set[str]:
    """Everybody whom a step may ever ring."""
    direct = {one for one in step.ring if line.engineer(one)}
    return direct.union(*(everyone_in(s) for s in line.schedules if s.id in step.ring))
