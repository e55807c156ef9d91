"""Lines as they stand at this moment."""

from __future__ import annotations

from ivr_app.api.oncall import on_call_rows
from ivr_app.api.operation import Answer, Nothing, Room
from ivr_app.api.people_shapes import LineStates
from ivr_app.switch import board, desk
from plan.holidays import office
from routing.line import Line
from store.rows import Row
from store.standing import callers, open_counts

room = Room("lines")


@room.get("/lines", LineStates)
def lines(_: Nothing) -> Answer:
    """Every line: who is on call, what is open, how many are on the telephone."""
    found = board().people.all_lines()
    return Answer({"items": [_state(line) for line in found]})


def _state(line: Line) -> Row:
    now, engine = desk().clock(), board().engine
    return {
        "id": line.id,
        "name": line.name,
        "number": line.number,
        "timezone": line.timezone,
        "office_open": office(line).is_open(now),
        "on_call": on_call_rows(line, line.schedules, now),
        "incidents": open_counts(engine, line.id),
        "callers": callers(engine, line.id),
    }
