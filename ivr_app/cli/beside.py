"""What is odd once the swaps and absences kept in the database are counted with a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from plan.findings import Finding
from plan.gaps import unattended
from plan.holidays import office
from plan.idle import does_nothing
from plan.paper import Paper
from routing.line import Schedule
from routing.schedule.hours import Office
from store.kept import Kept
from store.overrides import with_overrides

UNDO = "flask --app ivr_app swaps undo"


def beside(
    paper: Paper, kept: Mapping[str, Sequence[Kept]], now: dt.datetime
) -> tuple[Finding, ...]:
    """Gaps that the file alone does not have, and swaps that the file has made pointless."""
    line, opening = paper.line, office(paper.line)
    alone = set(unattended(line, opening, now))
    whole = unattended(with_overrides(line, kept), opening, now)
    remarks = [
        (field, f"with the swaps and absences of the database, {text}")
        for field, text in whole
        if (field, text) not in alone
    ]
    known = frozenset(engineer.id for engineer in line.engineers)
    for number, schedule in enumerate(line.schedules):
        ours = [k for k in kept.get(schedule.id, ()) if k.by_hand and k.override.end > now]
        found = _pointless(schedule, ours, known, opening)
        remarks += [(f"schedules[{number}]", text) for text in dict.fromkeys(found)]
    return tuple(sorted(Finding(paper.line_of(field), field, text) for field, text in remarks))


def _pointless(
    schedule: Schedule, swaps: Sequence[Kept], known: frozenset[str], office: Office
) -> Iterator[str]:
    counted = schedule
    for kept in swaps:
        cure = f"take it back with {UNDO} {kept.uid}"
        if kept.override.add is not None and kept.override.add not in known:
            yield f"swap {kept.uid} does not count: {kept.override.add} is no engineer; {cure}"
            continue
        counted = replace(counted, overrides=(*counted.overrides, kept.override))
        why = does_nothing(counted, len(counted.overrides) - 1, office)
        if why is not None:
            yield f"swap {kept.uid} does nothing any more: {why}; {cure}"
