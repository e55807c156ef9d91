"""The time zones of one calendar file: IANA zones, and zones of its own VTIMEZONE tables."""

from __future__ import annotations

import bisect
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from config.fields import find_zone
from config.ics import Component, WrittenTime, parse_moment, read_moment
from config.reader import WrongField
from config.recurrence import MAX_DAYS, Rule, WorkBudget, find_occurrences, read_rule
from routing.oncall.local_time import instant, local

_FIRST, _LAST = dt.date(1970, 1, 1), dt.date(2100, 1, 1)
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?", re.ASCII)
_MAX_OFFSET = dt.timedelta(days=2)
"""Larger than any offset from UTC."""


class Zone(Protocol):
    """Converts local times of a zone to instants, and back."""

    def instant(self, at: dt.datetime) -> dt.datetime:
        """The first instant, in UTC, at which its clocks have reached a naive local time."""

    def local(self, at: dt.datetime) -> dt.datetime:
        """The local time at an instant."""


@dataclass(frozen=True, slots=True)
class IanaZone:
    """A zone of the IANA database."""

    key: str

    def instant(self, at: dt.datetime) -> dt.datetime:
        """See Zone."""
        return instant(at, self.key)

    def local(self, at: dt.datetime) -> dt.datetime:
        """See Zone."""
        return local(at, self.key)


@dataclass(frozen=True, slots=True)
class TableZone:
    """A zone of a table: ``offsets`` holds from the instant in ``since`` on, both sorted."""

    since: tuple[dt.datetime, ...]
    offsets: tuple[dt.timedelta, ...]
    before: dt.timedelta

    def instant(self, at: dt.datetime) -> dt.datetime:
        """See Zone."""
        near = at.replace(tzinfo=dt.UTC)
        first = bisect.bisect_right(self.since, near - _MAX_OFFSET)
        last = bisect.bisect_right(self.since, near + _MAX_OFFSET)
        offset = self._offset(first)
        for change in range(first, last):
            if near - offset < self.since[change]:
                break
            offset = self.offsets[change]
            if near - offset < self.since[change]:  # in the gap of this change
                return self.since[change]
        return near - offset

    def local(self, at: dt.datetime) -> dt.datetime:
        """See Zone."""
        utc = at.astimezone(dt.UTC)
        return (utc + self._offset(bisect.bisect_right(self.since, utc))).replace(tzinfo=None)

    def _offset(self, changes: int) -> dt.timedelta:
        if changes == 0:
            return self.before
        return self.offsets[changes - 1]


class CalendarZones:
    """The zones that the events of one calendar use."""

    def __init__(self, calendar: Component, home: str, work: WorkBudget) -> None:
        """``home`` is the zone of times without a zone."""
        self.home: Zone = IanaZone(home)
        self._work = work
        self._tables = {table.text("TZID"): table for table in calendar.walk("VTIMEZONE")}
        self._found: dict[str, Zone] = {}

    def of(self, written: WrittenTime) -> Zone:
        """The zone of a time. Raises WrongField for an unknown zone."""
        if written.utc:
            return IanaZone("UTC")
        if written.zone is None:
            return self.home
        return self._named(written.zone)

    def instant(self, written: WrittenTime) -> dt.datetime:
        """The instant in UTC."""
        return self.of(written).instant(written.at)

    def _named(self, name: str) -> Zone:
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> Zone:
        known = find_zone(name) or WINDOWS_TO_OLSON.get(name)
        if known is None and name in self._tables:
            return _build_table_zone(self._tables[name], self._work.share(MAX_DAYS))
        if known is None and name.startswith("/"):  # /somebody.org/some-version/Europe/Amsterdam
            parts = name.split("/")
            known = find_zone("/".join(parts[-2:])) or find_zone("/".join(parts[-3:]))
        if known is None:
            raise WrongField(f"has a time zone that is not known: {name[:60]}")
        return IanaZone(known)


def _build_table_zone(table: Component, work: WorkBudget) -> TableZone:
    rows = [(*change, part) for part in table.parts for change in _find_changes(part, work)]
    if not rows:
        raise WrongField(f"has a time zone without a table: {table.text('TZID')[:60]}")
    rows.sort(key=lambda row: row[:2])
    before = _read_offset(rows[0][2], "TZOFFSETFROM")
    return TableZone(tuple(row[0] for row in rows), tuple(row[1] for row in rows), before)


def _find_changes(part: Component, work: WorkBudget) -> Iterator[tuple[dt.datetime, dt.timedelta]]:
    """The instants at which this part of a table takes effect, with the new offset."""
    before, after = _read_offset(part, "TZOFFSETFROM"), _read_offset(part, "TZOFFSETTO")
    begins = part.first("DTSTART")
    if begins is None:
        raise WrongField("has a time zone whose table has no start")
    start = read_moment(begins).at
    times = {start, *_list_dates(part)}
    for row in part.all("RRULE"):
        rule = read_rule(row.value)
        times.update(
            at
            for at in find_occurrences(rule, start, _FIRST, _LAST, work)
            if not _is_past_end(rule, at, before)
        )
    for at in times:
        yield (at - before).replace(tzinfo=dt.UTC), after


def _is_past_end(rule: Rule, at: dt.datetime, offset: dt.timedelta) -> bool:
    """Whether a local time is after the UNTIL of a rule, which may be in UTC."""
    if rule.until is None:
        return False
    if rule.until.utc:
        at -= offset
    return at > rule.until.at


def _list_dates(part: Component) -> Iterator[dt.datetime]:
    for row in part.all("RDATE"):
        yield from (parse_moment(value).at for value in row.value.split(","))


def _read_offset(part: Component, name: str) -> dt.timedelta:
    found = _OFFSET.fullmatch(part.word(name))
    if found is None:
        raise WrongField(f"has a time zone whose table has no {name}")
    length = dt.timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    if found[1] == "-":
        return -length
    return length
