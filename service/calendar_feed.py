"""Renders on-call calendars (iCalendar) from two weeks back to 14 weeks ahead, and a vCard."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Iterator
from itertools import groupby

from icalendar import Calendar, Event, vDuration

from carrier import prompts
from config.holidays import build_office_hours
from routing.line import Line, Schedule
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import instant, wall
from routing.oncall.policy import language_of, name_of
from routing.oncall.rota import Segment, segments
from service.signed_urls import CalendarSubject

# The line as a contact: a phone in do-not-disturb mode lets known contacts through.


MAX_LINE_OCTETS = 75
"""Octets on a line of a vCard (RFC 6350, 3.2)."""


def render_vcard(line: Line, language: str) -> str:
    """A vCard with the numbers that ring and text engineers.

    Version 3, which every phone reads; RFC 6350 (version 4) folds and escapes it the same way.
    """
    name = _escape(line.name_in(language))
    fields = (
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:{uuid.uuid5(uuid.NAMESPACE_URL, f'tel:{line.number}')}",
        f"FN:{name}",
        f"N:{name};;;;",
        f"ORG:{name}",
        *_phone_fields(line),
        f"NOTE:{_escape(prompts.render_text(language, 'card_note', {}))}",
        "END:VCARD",
    )
    return "".join(f"{_fold(field)}\r\n" for field in fields)


def _phone_fields(line: Line) -> Iterator[str]:
    yield f"TEL;TYPE=WORK,VOICE,PREF:{line.number}"
    if line.texts_from.startswith("+") and line.texts_from != line.number:
        yield f"TEL;TYPE=WORK,MSG:{line.texts_from}"


def _escape(text: str) -> str:
    for sign in ("\\", ",", ";"):
        text = text.replace(sign, f"\\{sign}")
    return "\\n".join(text.splitlines())


def _fold(field: str) -> str:
    """Fold a long line: the next one begins with a blank, and no character is cut in two."""
    rows, row = [], ""
    for letter in field:
        if len(f"{row}{letter}".encode()) > MAX_LINE_OCTETS:
            rows.append(row)
            row = " "
        row += letter
    return "\r\n".join((*rows, row))


# The spans of time for which one person is on call.


Span = tuple[dt.datetime, dt.datetime]
"""From one instant to a later one, both aware."""


def find_oncall_spans(
    person: str, schedule: Schedule, span: Span, office: OfficeHours
) -> Iterator[Span]:
    """When this person is on call within a span; adjacent spans are joined."""
    return join_turns(person, segments(schedule, *span, office))


def join_turns(person: str, found: Iterable[Segment]) -> Iterator[Span]:
    """When this person is on call in segments that follow each other."""
    return ((start, end) for on_call, start, end in _split_by_oncall(person, found) if on_call)


def find_offcall_spans(
    person: str, schedule: Schedule, span: Span, office: OfficeHours
) -> Iterator[Span]:
    """When this person is not on call within a span; adjacent spans are joined."""
    found = _split_by_oncall(person, segments(schedule, *span, office))
    return ((start, end) for on_call, start, end in found if not on_call)


def find_gaps(schedule: Schedule, span: Span, office: OfficeHours) -> Iterator[Span]:
    """When nobody is on call within a span."""
    found = segments(schedule, *span, office)
    return ((segment.start, segment.end) for segment in found if not segment.on_call)


def _split_by_oncall(
    person: str, found: Iterable[Segment]
) -> Iterator[tuple[bool, dt.datetime, dt.datetime]]:
    for on_call, run in groupby(found, lambda segment: person in segment.on_call):
        one = list(run)
        yield on_call, one[0].start, one[-1].end


WEEKS_BACK = 2
WEEKS_AHEAD = 14
"""Whole weeks before and after the Monday of this week: 14 days back at least, 90 ahead."""
REFRESH_INTERVAL = dt.timedelta(hours=1)

FeedEntry = tuple[str, str, Span]
"""The schedule's id, the summary of the event, and its span."""


def feed_window(zone: str, now: dt.datetime) -> Span:
    """The span that a feed shows; it stays the same until the next week begins."""
    return find_monday(zone, now, -WEEKS_BACK), find_monday(zone, now, WEEKS_AHEAD)


def find_monday(zone: str, now: dt.datetime, weeks: int = 0) -> dt.datetime:
    """The beginning of this week in a zone, or of the week so many weeks later."""
    today = wall(now, zone).date()
    day = today + dt.timedelta(weeks=weeks, days=-today.weekday())
    return instant(dt.datetime.combine(day, dt.time(0)), zone)


def render_feed(
    subject: CalendarSubject, secret: str, now: dt.datetime, changed_at: dt.datetime
) -> bytes:
    """The calendar as a file; it holds no personal data but the names of engineers.

    ``secret`` is the token of the link: UIDs are derived from it, so that two installations never
    share one.
    """
    line, span = subject.line, feed_window(subject.line.timezone, now)
    calendar = Calendar()
    calendar.add("prodid", "-//Priority Line//on call//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{line.name}: {subject.name}")
    calendar.add("x-wr-timezone", line.timezone)
    calendar.add("refresh-interval", vDuration(REFRESH_INTERVAL, params={"VALUE": "DURATION"}))
    calendar.add("x-published-ttl", vDuration(REFRESH_INTERVAL))
    for schedule, summary, (start, end) in _ENTRIES[subject.kind](subject, span):
        event = Event()
        event.add("uid", _build_uid(secret, schedule, (start, end), span))
        event.add("dtstamp", changed_at)
        # In UTC: no local time names an hour that comes twice so that every program understands it.
        event.add("dtstart", start)
        event.add("dtend", end)
        event.add("summary", summary)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _list_schedule_entries(subject: CalendarSubject, span: Span) -> Iterator[FeedEntry]:
    line = subject.line
    schedule = line.schedule(subject.id)
    if schedule is None:
        return
    for segment in segments(schedule, *span, build_office_hours(line)):
        if segment.on_call:
            names = ", ".join(name_of(line, one) for one in segment.on_call)
            yield subject.id, f"{subject.id}: {names}", (segment.start, segment.end)


def _list_engineer_entries(subject: CalendarSubject, span: Span) -> Iterator[FeedEntry]:
    line = subject.line
    language = language_of(line, subject.id)
    for schedule in line.schedules:
        summary = prompts.render_text(language, "on_call", {"schedule": schedule.id})
        for oncall in find_oncall_spans(subject.id, schedule, span, build_office_hours(line)):
            yield schedule.id, summary, oncall


_ENTRIES = {"schedule": _list_schedule_entries, "engineer": _list_engineer_entries}


def _build_uid(secret: str, schedule: str, event: Span, span: Span) -> str:
    """Identify an event by its start, or by its end when it began before the span of the feed."""
    edges = zip(("since", "until"), event, span, strict=True)
    inside = [(which, at.isoformat()) for which, at, edge in edges if at != edge]
    anchor = next(iter(inside), ("until",))
    named = "\n".join((secret, schedule, *anchor))
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}@priority-line"
