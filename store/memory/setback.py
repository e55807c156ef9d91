"""A clock that was set back, for what is kept in memory: as ``store.setback`` does it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from store.memory.rows import Rows
from store.memory.undone import Held
from store.setback import CALENDAR, STRAY


def set_right(rows: Rows, now: dt.datetime) -> int:
    """Let errands of a clock that was ahead count anew, and end its leases; gives back how many."""
    stray = [key for key, held in rows.undone.items() if _stray(rows, key, held, now + STRAY)]
    for key in stray:
        held, errand = rows.undone[key], rows.errands[key]
        back = max(held.created_at - now, dt.timedelta())
        wakes_at = now if held.attempt else held.wakes_at - back
        rows.errands[key] = replace(errand, due_at=errand.due_at - back)
        rows.undone.change(key, created_at=held.created_at - back, wakes_at=wakes_at)
    return len(stray)


def _stray(rows: Rows, key: str, held: Held, ahead: dt.datetime) -> bool:
    future = held.created_at > ahead or held.attempt > 0
    return held.wakes_at > ahead and future and rows.errands[key].deed.kind not in CALENDAR
