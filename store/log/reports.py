"""Reads the log: pages of calls and incidents, whole lists of them, and what is live now."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, func, select, text, tuple_

from routing.call import Call, CallOutcome
from routing.incident import Incident, IncidentKind, IncidentSource, IncidentState
from routing.line import Channel
from routing.page import Page
from store.db.engine import reading
from store.db.search import read_pages
from store.log import premium, timeline
from store.log.rows import (
    Row,
    build_call_row,
    build_incident_row,
    build_recording_row,
    build_step_row,
)
from store.tables.log import UNRESOLVED, calls, incidents, pages, recordings

Place = tuple[dt.datetime, str]
"""The position of a call in the log: its start, and our id."""


LONGEST_NUMBER = 10
"""Digits; an incident number has fewer."""


@dataclass(frozen=True, slots=True)
class CallLogFilter:
    """Calls from ``since`` on and before ``until``, after a place."""

    line: str | None = None
    contract: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    after: Place | None = None
    oldest_first: bool = False
    limit: int = 50
    outcome: CallOutcome | None = None
    level: int | None = None
    engineer: str | None = None

    @property
    def ended(self) -> bool:
        """True if it asks for what is indexed once a call has ended, for each line."""
        return (self.outcome, self.level, self.engineer) != (None, None, None)


@dataclass(frozen=True, slots=True)
class IncidentLogFilter:
    """Incidents after a number, opened from ``since`` on and before ``until``. ``engineer`` took
    them, and is one of a line."""

    line: str | None = None
    contract: str | None = None
    state: IncidentState | None = None
    after: int | None = None
    oldest_first: bool = False
    limit: int = 50
    source: IncidentSource | None = None
    kind: IncidentKind | None = None
    engineer: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def by_time(self) -> bool:
        """True if the index that serves it is in the order of time."""
        return (self.engineer, self.since, self.until) != (None, None, None)


def select_calls(wanted: CallLogFilter) -> Select[Any]:
    """Select a page of calls, and one more to know whether there is a next page."""
    place = (calls.c.started_at, calls.c.id)
    found: Select[Any] = select(*place, calls.c.value, incidents.c.number)
    found = found.join(incidents, calls.c.incident == incidents.c.key, isouter=True)
    found = _of_line(found, calls, wanted)
    if wanted.since is not None:
        found = found.where(calls.c.started_at >= wanted.since)
    if wanted.until is not None:
        found = found.where(calls.c.started_at < wanted.until)
    if wanted.ended:
        found = found.where(calls.c.ended_at.is_not(None))
    for column, value in (
        (calls.c.outcome, wanted.outcome),
        (calls.c.level, wanted.level),
        (calls.c.taker, wanted.engineer),
    ):
        if value is not None:
            found = found.where(column == value)
    if wanted.after is not None:
        found = found.where(_is_beyond(wanted, tuple_(*place)))
    return found.order_by(*_ordered(wanted, *place)).limit(wanted.limit + 1)


def select_incidents(wanted: IncidentLogFilter) -> Select[Any]:
    """Select a page of incidents, and one more."""
    number = incidents.c.number
    found = _of_line(select(incidents.c.value), incidents, wanted)
    for column, value in (
        (incidents.c.state, wanted.state),
        (incidents.c.source, wanted.source),
        (incidents.c.kind, wanted.kind),
    ):
        compared: ColumnElement[str] = column
        if wanted.by_time:
            compared = column.concat("")  # the index of the time goes first
        if value is not None:
            found = found.where(compared == value)
    if wanted.by_time:
        return _select_by_time(found, wanted)
    if wanted.after is not None:
        found = found.where(_is_beyond(wanted, number))
    return found.order_by(*_ordered(wanted, number)).limit(wanted.limit + 1)


def _select_by_time(found: Select[Any], wanted: IncidentLogFilter) -> Select[Any]:
    """The same in the order of time. The page continues after the time of the last number."""
    opened, number = incidents.c.opened_at, incidents.c.number
    if wanted.engineer is not None:
        found = found.where(incidents.c.taker == wanted.engineer)
    if wanted.since is not None:
        found = found.where(opened >= wanted.since)
    if wanted.until is not None:
        found = found.where(opened < wanted.until)
    if wanted.after is not None:
        last = incidents.alias()
        at = select(last.c.opened_at).where(last.c.number == wanted.after).scalar_subquery()
        place, reached = tuple_(opened, number), tuple_(at, wanted.after)
        beyond = place < reached
        if wanted.oldest_first:
            beyond = place > reached
        found = found.where(beyond)
    return found.order_by(*_ordered(wanted, opened, number)).limit(wanted.limit + 1)


def _goes_by_time_alone(wanted: CallLogFilter | IncidentLogFilter) -> bool:
    """True if the index of the time of opening serves it, and not that of an engineer."""
    return isinstance(wanted, IncidentLogFilter) and wanted.by_time and wanted.engineer is None


def _of_line(
    found: Select[Any], table: Table, wanted: CallLogFilter | IncidentLogFilter
) -> Select[Any]:
    """Those of the line and the contract. SQLite would read the whole line in its order to find the
    few of a contract or of a time, so that of these the line is only compared."""
    line: ColumnElement[str] = table.c.line
    if wanted.contract is not None:
        found = found.where(table.c.contract == wanted.contract)
    if wanted.contract is not None or _goes_by_time_alone(wanted):
        line = line.concat("")
    if wanted.line is not None:
        found = found.where(line == wanted.line)
    return found


def _ordered(
    wanted: CallLogFilter | IncidentLogFilter, *by: ColumnElement[Any]
) -> Sequence[ColumnElement[Any]]:
    if wanted.oldest_first:
        return by
    return [column.desc() for column in by]


def _is_beyond(wanted: CallLogFilter | IncidentLogFilter, position: Any) -> ColumnElement[bool]:
    beyond: ColumnElement[bool] = position < wanted.after
    if wanted.oldest_first:
        beyond = position > wanted.after
    return beyond


def list_calls(engine: Engine, wanted: CallLogFilter) -> tuple[list[Row], Place | None]:
    """A page of calls, and the place after which the next one begins."""
    with reading(engine) as connection:
        found = connection.execute(select_calls(wanted)).all()
    page = found[: wanted.limit]
    rows = [build_call_row(row.value, row.number) for row in page]
    if len(found) == len(page):
        return rows, None
    return rows, (page[-1].started_at, page[-1].id)


def find_incidents(engine: Engine, wanted: IncidentLogFilter) -> tuple[list[Incident], int | None]:
    """A page of incidents as values, and the number after which the next one begins."""
    with reading(engine) as connection:
        return _page(connection, wanted)


def list_incidents(engine: Engine, wanted: IncidentLogFilter) -> tuple[list[Row], int | None]:
    """A page of incidents as rows, and the number after which the next one begins."""
    with reading(engine) as connection:
        page, following = _page(connection, wanted)
        return build_incident_rows(connection, page), following


def _page(connection: Connection, wanted: IncidentLogFilter) -> tuple[list[Incident], int | None]:
    found = connection.scalars(select_incidents(wanted)).all()
    page = list(found[: wanted.limit])
    if len(found) == len(page):
        return page, None
    return page, page[-1].number


def stream_incidents(engine: Engine, wanted: IncidentLogFilter) -> Iterator[Row]:
    """All incidents that match as rows; a few hundred at a time are in memory."""
    at_once = replace(wanted, limit=AT_ONCE)
    return read_pages(lambda after: list_incidents(engine, replace(at_once, after=after)))


def find_last_incident(engine: Engine, line: str) -> int:
    """The highest number of an incident of the line; 0 without any."""
    last = select(func.max(incidents.c.number)).where(incidents.c.line == line)
    with reading(engine) as connection:
        return connection.scalar(last) or 0


AT_ONCE = 200
"""Rows in one transaction, so that a long log neither fills memory nor holds a snapshot."""


class Reports:
    """The whole log as rows of plain values, oldest first."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def calls(self, line: str | None = None) -> Iterator[Row]:
        """Every call, of one line or of all."""
        wanted = CallLogFilter(line, oldest_first=True, limit=AT_ONCE)
        return read_pages(lambda after: list_calls(self._engine, replace(wanted, after=after)))

    def incidents(
        self,
        line: str | None = None,
        source: IncidentSource | None = None,
        kind: IncidentKind | None = None,
    ) -> Iterator[Row]:
        """Every incident with its calls and pages, of one line or of all, that came through this
        door and is of this kind."""
        wanted = IncidentLogFilter(line, oldest_first=True, source=source, kind=kind)
        return stream_incidents(self._engine, wanted)

    def recordings(self, incident: int | None = None) -> list[Row] | None:
        """The recordings of every incident or of one; None when there is no such incident."""
        wanted = (
            select(recordings.c.value, incidents.c.number)
            .join(incidents, recordings.c.incident == incidents.c.key, isouter=True)
            .order_by(recordings.c.made_at, recordings.c.id)
        )
        its = select(incidents.c.value).where(incidents.c.number == incident)
        with reading(self._engine) as connection:
            if incident is not None:
                one = connection.scalar(its)
                if one is None:
                    return None
                wanted = wanted.where(recordings.c.incident.in_((one.key, *one.merged)))
            found = connection.execute(wanted).all()
        return [build_recording_row(row.value, row.number) for row in found]

    def incident(self, number: int) -> list[Row]:
        """The incident of this number as in the list; empty when there is none."""
        wanted = select(incidents.c.value).where(incidents.c.number == number)
        with reading(self._engine) as connection:
            return build_incident_rows(connection, connection.scalars(wanted).all())

    def show(self, which: str) -> list[Row] | None:
        """The timeline of the incident with this number or the call with this sid; None when there
        is neither."""
        found = self._timeline(which)
        return None if found is None else [build_step_row(step) for step in found.steps]

    def _timeline(self, which: str) -> timeline.Timeline | None:
        if which.isascii() and which.isdigit() and len(which) < LONGEST_NUMBER:
            found = timeline.read_incident_timeline(self._engine, int(which))
            if found is not None:
                return found
        return timeline.read_call_timeline(self._engine, which)


def build_incident_rows(connection: Connection, found: Sequence[Incident]) -> list[Row]:
    """These incidents as rows with all their pages."""
    theirs: dict[str, list[Page]] = defaultdict(list)
    wanted = select(pages.c.incident, pages.c.value).order_by(pages.c.at, pages.c.id)
    keys = [incident.key for incident in found]
    for row in connection.execute(wanted.where(pages.c.incident.in_(keys))):
        theirs[row.incident].append(row.value)
    over = premium.find_over_quota(connection, found)
    return [build_incident_row(i, theirs[i.key], over_quota=i.key in over) for i in found]


MOST = 100
"""The most live calls, and the most open incidents, that are read."""


@dataclass(frozen=True)
class LiveState:
    """The live calls and the open or acknowledged incidents, oldest first, and the live legs of
    each incident by its key."""

    calls: Sequence[Call]
    incidents: Sequence[Incident]
    legs: Mapping[str, Sequence[Page]]

    def incident_of(self, call: Call) -> Incident | None:
        """The incident of a call, while it is open or acknowledged."""
        return next((one for one in self.incidents if one.key == call.incident), None)


def read_live_state(engine: Engine, line: str) -> LiveState:
    """The present state of a line, at the same cost in a log of any length."""
    live = select(calls.c.value).where(calls.c.line == line, calls.c.ended_at.is_(None))
    oldest_first = live.order_by(calls.c.started_at, calls.c.id).limit(MOST)
    unanswered = (
        select(incidents.c.value)
        .where(incidents.c.line == line, text(UNRESOLVED))
        .order_by(incidents.c.opened_at)
        .limit(MOST)
    )
    with reading(engine) as connection:
        found = connection.scalars(unanswered).all()
        callers = connection.scalars(oldest_first).all()
        keys = {one.key for one in found} | {one.incident for one in callers if one.incident}
        return LiveState(callers, found, _read_live_legs(connection, keys))


def _read_live_legs(connection: Connection, keys: set[str]) -> Mapping[str, Sequence[Page]]:
    wanted = (
        select(pages.c.incident, pages.c.value)
        .where(pages.c.incident.in_(keys), pages.c.live, pages.c.channel == Channel.CALL)
        .order_by(pages.c.at)
    )
    theirs: dict[str, list[Page]] = defaultdict(list)
    for row in connection.execute(wanted):
        theirs[row.incident].append(row.value)
    return theirs


def count_open_incidents(engine: Engine, line: str) -> Mapping[str, int]:
    """The open and acknowledged incidents by state, those of level 1, and those past their time."""
    undone = (incidents.c.line == line, text(UNRESOLVED))
    with reading(engine) as connection:
        found = connection.scalars(select(incidents.c.value).where(*undone)).all()
    return {
        "open": sum(each.state is IncidentState.OPEN for each in found),
        "acknowledged": sum(each.state is IncidentState.ACKNOWLEDGED for each in found),
        "level_1": sum(each.urgency == 1 for each in found),
        "breached": sum(each.breached_at is not None for each in found),
    }


def count_callers(engine: Engine, line: str) -> int:
    """The number of live calls."""
    live = (calls.c.line == line, calls.c.ended_at.is_(None))
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(calls).where(*live)) or 0
