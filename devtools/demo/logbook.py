"""What the line itself has written down, only ever read; and who is on call by its file."""

from __future__ import annotations

import datetime as dt
from collections import deque
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from config.holidays import build_office_hours
from devtools.demo.cast import Cast
from routing.incident import IncidentSource
from routing.line import LAST_RESORT
from routing.oncall.rota import Segment, segments
from store.db.engine import open_engine
from store.log.reports import IncidentLogFilter, Reports, list_incidents

Json = dict[str, Any]

_CALLS = 6
_AHEAD = dt.timedelta(days=8)


class Logbook:
    """The journal, the calls and the rota of one line."""

    def __init__(self, database_url: str, cast: Cast) -> None:
        """Opens nothing yet, and never writes."""
        self._cast = cast
        engine = open_engine(database_url)

        @event.listens_for(engine, "connect")
        def only_read(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA query_only=ON")

        self._engine = engine
        self._reports = Reports(engine)

    def calls(self) -> list[Json]:
        """The latest calls, newest first."""
        try:
            newest = deque(self._reports.calls(), maxlen=_CALLS)
        except SQLAlchemyError:
            return []
        return [self._named(row) for row in reversed(newest)]

    def newest(self, calls: list[Json], sid: str | None) -> str | None:
        """What the timeline shows: this call, or else the newest one; and the number of an
        incident that somebody reported in writing since."""
        shown = next((call for call in calls if call["sid"] == sid), None)
        if sid is None and calls:
            shown = calls[0]
        written = self._newest_in_writing()
        if written is not None and (shown is None or shown["started_at"] < written["opened_at"]):
            return str(written["id"])
        if shown is None:
            return sid
        return str(shown["sid"])

    def _newest_in_writing(self) -> Json | None:
        try:
            rows, _ = list_incidents(self._engine, IncidentLogFilter(limit=_CALLS))
        except SQLAlchemyError:
            return None
        return next((row for row in rows if row["source"] != IncidentSource.PHONE), None)

    def timeline(self, which: str | None) -> list[Json]:
        """What happened to a call (by its sid) or an incident (by its number), and why."""
        try:
            rows = self._reports.show(which) if which else None
        except SQLAlchemyError:
            return []
        return [
            row | {"who": self._person(row["engineer"])}
            for row in rows or ()
            if row["reason"] is not None  # a page's own row says nothing that the journal does not
        ]

    def on_call(self, now: dt.datetime) -> list[Json]:
        """Who is on call in each schedule, and until when."""
        line, hours = self._cast.line, build_office_hours(self._cast.line)
        return [
            self._duty(schedule.id, list(segments(schedule, now, now + _AHEAD, hours)))
            for schedule in line.schedules
        ]

    def _duty(self, schedule: str, ahead: list[Segment]) -> Json:
        first = ahead[0]
        return {
            "schedule": schedule,
            "people": [self._person(engineer) for engineer in first.on_call],
            "ids": list(first.on_call),
            "until": first.end.isoformat() if len(ahead) > 1 else None,
        }

    def _named(self, row: Json) -> Json:
        caller = row["contact"] or self._cast.name_of(row["from"])
        return row | {"caller": caller, "answered_name": self._person(row["answered_by"])}

    def _person(self, person: str | None) -> str:
        if person == LAST_RESORT:
            return "the last resort"
        engineer = self._cast.line.engineer(person) if person else None
        return engineer.name if engineer is not None else ""
