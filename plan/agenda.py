"""Reads an iCalendar file: who of a line is away, from when to when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar, Component, Event

from plan.named import named
from plan.reading import Wrong
from routing.line import Line
from routing.schedule.wallclock import instant

HORIZON = dt.timedelta(days=400)
"""How far ahead a recurring event is followed; import again before it ends."""
TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
"""Nobody is away so often, and to expand it would take as long as it sounds."""


@dataclass(frozen=True, slots=True, order=True)
class Absence:
    """Somebody is away from one instant to another, both in UTC."""

    start: dt.datetime
    end: dt.datetime
    engineer: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a calendar, with the absences that are not over; ``wrong`` says why it has none.

    The words of the event are for whoever imports it and are not kept: they may be private.
    """

    uid: str
    words: str
    absences: tuple[Absence, ...] = ()
    wrong: str = ""


def read_agenda(source: bytes, line: Line, zone: str, now: dt.datetime) -> Iterator[Entry]:
    """The events of a file, each once; raises ValueError when it is no calendar.

    Whole days, and times without a zone, are local to ``zone``.
    """
    calendars = Calendar.from_ical(source, multiple=True)
    if not calendars:
        raise ValueError("there is no calendar in it")
    series: dict[str, Calendar] = {}
    for calendar in calendars:
        zones = calendar.walk("VTIMEZONE")
        for event in calendar.walk("VEVENT"):
            uid = str(event.get("UID", ""))
            series.setdefault(uid, _calendar(zones)).add_component(event)
    for uid, events in series.items():
        yield _entry(uid, events, _Reader(line, zone, now))


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the events of one file are read with."""

    line: Line
    zone: str
    now: dt.datetime

    def absences(self, events: Calendar) -> Iterator[Absence]:
        """The times of one event that are not over."""
        for event in self._times(events):
            start, end = self._instant(event.start), self._instant(event.end)
            if end <= start:
                raise Wrong("does not end after it begins")
            if end > self.now and str(event.get("STATUS", "")).upper() != "CANCELLED":
                yield Absence(start, end, named(event, self.line))

    def _times(self, events: Calendar) -> list[Event]:
        if not any("RRULE" in event or "RDATE" in event for event in events.events):
            return list(events.events)
        rules = [rule for event in events.events for rule in _listed(event.get("RRULE"))]
        if any(TOO_OFTEN & set(rule["FREQ"]) for rule in rules):
            raise Wrong("recurs more often than daily")
        return list(recurring_ical_events.of(events).between(self.now, self.now + HORIZON))

    def _instant(self, at: dt.date) -> dt.datetime:
        if not isinstance(at, dt.datetime):
            at = dt.datetime.combine(at, dt.time(0))
        return instant(at, self.zone)


def _entry(uid: str, events: Calendar, reader: _Reader) -> Entry:
    words = str(next((event.get("SUMMARY") for event in events.events), None) or "(no summary)")
    if not uid:
        return Entry(uid, words, wrong="has no UID, so it would come again at each import")
    try:
        return Entry(uid, words, tuple(sorted(set(reader.absences(events)))))
    except Wrong as wrong:
        return Entry(uid, words, wrong=str(wrong))
    except Exception as error:  # anything at all can stand in a file of somebody else's making
        return Entry(uid, words, wrong=f"cannot be read: {str(error) or type(error).__name__}")


def _listed(value: Any) -> list[Any]:
    """What may stand in an event once, several times or not at all."""
    return value if isinstance(value, list) else [value] if value else []


def _calendar(zones: list[Component]) -> Calendar:
    calendar = Calendar()
    for zone in zones:
        calendar.add_component(zone)
    return calendar
