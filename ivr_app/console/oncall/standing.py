"""The schedule at which somebody signed in stands, to change its shifts."""

from __future__ import annotations

from flask import abort

from ivr_app.console.oncall.acting import may_undo
from ivr_app.shifts.exchange import Exchange
from ivr_app.switch import board, desk
from routing.line import Line, Schedule
from store.overrides import kept_beside


def named(line: Line, schedule: Schedule) -> Exchange:
    """Where the shifts of this schedule change hands now."""
    return Exchange(board(), line, schedule, desk().clock())


def exchange_of(line: Line, uid: str) -> Exchange:
    """Where the change of this name was made; no page where there is none, or it is not theirs."""
    beside = kept_beside(board().engine, line.id).items()
    ours = [(name, one) for name, kept in beside for one in kept if one.uid == uid and one.by_hand]
    schedule = line.schedule(ours[0][0]) if ours else None
    if schedule is None:
        abort(404)
    if not may_undo(line, [one for _, one in ours]):
        abort(403)
    return named(line, schedule)
