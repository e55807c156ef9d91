"""How much is open on a line, and how many are on the telephone, at this moment."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine, func, select, text

from routing.incident import State
from store.engine import reading
from store.tables import calls, incidents
from store.tables.log import UNDONE


def open_counts(engine: Engine, line: str) -> Mapping[str, int]:
    """Incidents that nobody has dealt with: by state, those of level 1, and those too late."""
    undone = (incidents.c.line == line, text(UNDONE))
    with reading(engine) as connection:
        found = connection.scalars(select(incidents.c.value).where(*undone)).all()
    return {
        "open": sum(each.state is State.OPEN for each in found),
        "acknowledged": sum(each.state is State.ACKNOWLEDGED for each in found),
        "level_1": sum(each.urgency == 1 for each in found),
        "breached": sum(each.breached_at is not None for each in found),
    }


def callers(engine: Engine, line: str) -> int:
    """How many are on the telephone now."""
    live = (calls.c.line == line, calls.c.ended_at.is_(None))
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(calls).where(*live)) or 0
