"""What stands beside the file, and what was changed of late, by whom."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from ivr_app.console.oncall.acting import may_undo
from routing.line import Line
from routing.schedule.escalation import name_of
from store.kept import Kept
from store.overrides import kept_beside
from store.staff.audit import Audit, Deed

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Beside:
    """Something that changes a schedule of the file for a time: who gives, who takes, and by what
    name it is taken back by whoever looks, if they may."""

    schedule: str
    start: dt.datetime
    end: dt.datetime
    give: str
    take: str
    origin: str
    uid: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """Something that somebody did with the shifts."""

    deed: Deed
    schedule: str
    give: str
    take: str
    start: dt.datetime | None
    end: dt.datetime | None


def standing(engine: Engine, line: Line, now: dt.datetime) -> list[Beside]:
    """What is not over, in the order in which it begins."""
    found: list[Beside] = []
    for schedule, kept in kept_beside(engine, line.id).items():
        by_uid: dict[str, list[Kept]] = defaultdict(list)
        for one in kept:
            by_uid[one.uid].append(one)
        found += [
            _beside(line, schedule, one, by_uid[one.uid]) for one in kept if one.override.end > now
        ]
    return sorted(found, key=lambda one: (one.start, one.schedule))


def recent(engine: Engine, line: Line) -> list[Done]:
    """The latest changes, newest first."""
    entries = Audit(engine).page(thing=("rota", line.id), size=SHOWN)
    return [_done(line, entry.deed) for entry in entries]


def _beside(line: Line, schedule: str, one: Kept, all_of_it: Sequence[Kept]) -> Beside:
    override = one.override
    give, take = (_named(line, person) for person in (override.remove, override.add))
    mine = one.by_hand and may_undo(line, all_of_it)
    uid = one.uid if mine else None
    return Beside(schedule, override.start, override.end, give, take, one.origin, uid)


def _done(line: Line, deed: Deed) -> Done:
    told: Mapping[str, Any] = deed.after or deed.before or {}
    give, take = (_named(line, told.get(role)) for role in ("give", "take"))
    start, end = (_moment(told.get(edge)) for edge in ("start", "end"))
    return Done(deed, told.get("schedule", ""), give, take, start, end)


def _named(line: Line, person: str | None) -> str:
    return name_of(line, person) or person or ""


def _moment(written: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(written) if written else None
