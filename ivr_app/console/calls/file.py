"""The file on one call: what is known of it, and its timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from ivr_app.console.calls.timeline import Timeline, timeline
from routing.call import Call
from routing.line import Line
from store.story import story_of_call
from switchboard import Switchboard


@dataclass(frozen=True, slots=True)
class File:
    """One call; ``incident`` is the number of what it is about."""

    call: Call
    incident: int | None
    timeline: Timeline
    line: Line | None


def file_of(
    board: Switchboard, lines: Mapping[str, Line], sid: str, now: dt.datetime
) -> File | None:
    """The file on the call of this sid, if there is one."""
    story = story_of_call(board.engine, sid)
    if story is None:
        return None
    call, incident = story.calls[0], story.incident
    number = incident.number if incident is not None else None
    return File(call, number, timeline(story, now), lines.get(call.line))
