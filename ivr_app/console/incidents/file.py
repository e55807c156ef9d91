"""The file on one incident: how it stands, what was said, and what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ivr_app.console.calls.chapters import Chapter, chapters
from ivr_app.console.promises import Promise, promise
from plan.holidays import office
from routing.call import Call
from routing.incident import Incident
from routing.line import Line
from routing.ports import Matter
from routing.recording import Recording
from store.reports import Reports
from store.rows import Row
from store.story import story_of_incident
from switchboard import Switchboard


@dataclass(frozen=True, slots=True)
class File:
    """All that is known of an incident; ``story`` is what happened, oldest first, and ``chapters``
    the same drawn."""

    line: Line
    incident: Incident
    call: Call | None
    promise: Promise
    recordings: Sequence[Recording]
    story: Sequence[Row]
    chapters: Sequence[Chapter]


def file_of(board: Switchboard, number: int, now: dt.datetime) -> File | None:
    """The file on the incident of this number, if there is one."""
    matter: Matter | None = board.desk.book.matter_of_number(number)
    if matter is None or matter.incident is None:
        return None
    line, incident = board.desk.line_of(matter), matter.incident
    rows = [_at(row) for row in Reports(board.engine).show(str(number)) or ()]
    told = story_of_incident(board.engine, number)
    return File(
        line,
        incident,
        matter.call,
        promise(line, office(line), incident, now),
        board.archive.book.recordings(incident.key),
        rows,
        chapters(told, [row["at"] for row in rows], now) if told is not None else (),
    )


def _at(row: Row) -> Row:
    return {**row, "at": dt.datetime.fromisoformat(row["at"])}
