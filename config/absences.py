"""Reads absences of engineers from an iCalendar file."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from config.ics import (
    Component,
    Duration,
    Property,
    WrittenTime,
    parse_moment,
    read_calendars,
    read_duration,
    read_moment,
)
from config.reader import WrongField
from config.recurrence import (
    MAX_DAYS,
    Rule,
    WorkBudget,
    find_occurrences,
    has_occurrence,
    read_rule,
)
from config.zones import CalendarZones, Zone
from routing.line import Engineer, Line
from routing.names import name_key

HORIZON = dt.timedelta(days=400)
"""How far ahead a recurring event is read; import again before that."""
MAX_EVENTS = 10_000
MAX_TIMES = 1_000
"""Absences of one recurring event: more than two a day."""
MAX_ABSENCES = 2_000
"""In one file; each is checked whenever it is calculated who is on call."""
MAX_WORK = 1_000_000
"""Days that are checked for all rules of one file: some seconds."""
OWN_FEED = ("@priority-line", "-//Priority Line//")
"""The end of the UIDs of the line's own calendars, and the beginning of their PRODID."""
_FREE_STATES = ("FREE", "WORKINGELSEWHERE")
"""States of Outlook in which a person can be reached."""
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Absence:
    """An engineer is away from one instant to another, both in UTC."""

    start: dt.datetime
    end: dt.datetime
    engineer: str


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One event of a calendar, with its absences that are not over.

    ``wrong`` says why an event cannot be read, ``free`` why it is no absence. ``words`` is shown
    to the person who imports the file and is not kept, because it may be private.
    """

    uid: str
    words: str
    absences: tuple[Absence, ...] = ()
    wrong: str = ""
    free: str = ""


@dataclass(frozen=True, slots=True)
class _Event:
    """One revision of an event or of one of its occurrences, with its calendar."""

    component: Component
    calendar: Component
    zones: CalendarZones

    @property
    def uid(self) -> str:
        return self.component.text("UID").strip()

    @property
    def age(self) -> tuple[int, str]:
        """A newer revision has a larger one."""
        stamp = self.component.word("LAST-MODIFIED") or self.component.word("DTSTAMP")
        sequence = self.component.word("SEQUENCE")
        if not (sequence.isascii() and sequence.isdecimal()):
            return 0, stamp
        return int(sequence), stamp

    @property
    def cancelled(self) -> bool:
        called_off = self.calendar.word("METHOD") == "CANCEL"
        return called_off or self.component.word("STATUS") == "CANCELLED"

    @property
    def free(self) -> str:
        """Why the event is no absence; empty if it is one."""
        mark, producer = OWN_FEED
        if self.uid.endswith(mark) or self.calendar.text("PRODID").startswith(producer):
            return "comes from the line's own calendar"
        if self.component.word("TRANSP") == "TRANSPARENT":
            return "is marked as free"
        if self.component.word("X-MICROSOFT-CDO-BUSYSTATUS") in _FREE_STATES:
            return "is marked as free"
        return ""

    @property
    def start(self) -> WrittenTime:
        found = self.component.first("DTSTART")
        if found is None:
            raise WrongField("has no DTSTART")
        return read_moment(found)

    @property
    def zone(self) -> Zone:
        return self.zones.of(self.start)

    @property
    def recurrence_id(self) -> WrittenTime | None:
        """The occurrence of a series that this event replaces."""
        found = self.component.first("RECURRENCE-ID")
        if found is None:
            return None
        return read_moment(found)

    @property
    def and_future(self) -> bool:
        """Whether all later occurrences of the series change too."""
        found = self.component.first("RECURRENCE-ID")
        return found is not None and found.parameters.get("RANGE", "").upper() == "THISANDFUTURE"

    @property
    def length(self) -> Duration:
        """The duration. An event that ends on a day lasts whole days, also when clocks change; one
        that ends at a time always lasts exactly as long as the first time (RFC 5545)."""
        start, ends = self.start, self.component.first("DTEND")
        if ends is not None:
            end = read_moment(ends)
            if start.whole_day and end.whole_day:
                return Duration((end.at - start.at).days, dt.timedelta())
            return Duration(0, self.zones.instant(end) - self.zones.instant(start))
        lasts = self.component.first("DURATION")
        if lasts is not None:
            return read_duration(lasts.value)
        return Duration(int(start.whole_day), dt.timedelta())

    def moments(self, name: str) -> Iterator[WrittenTime]:
        """All dates and times of a list, without periods, which have an end."""
        for row in self.component.all(name):
            for value in row.value.split(","):
                if "/" not in value:
                    yield parse_moment(value, row.zone)

    def time(self, at: dt.datetime, zone: Zone) -> _Occurrence:
        """The occurrence that begins at a local time of a zone."""
        length = self.length
        end = zone.instant(at + dt.timedelta(days=length.days)) + length.exact
        return _Occurrence(zone.instant(at), end, self)


def read_entries(source: bytes, line: Line, zone: str, now: dt.datetime) -> Iterator[CalendarEntry]:
    """The events of a file, each once. Raises ValueError, with a sentence, if it is no calendar.

    Whole days, and times without a zone, are local to ``zone``. Events beyond a limit of this
    module are reported, and the others are read.
    """
    work = WorkBudget(MAX_WORK)
    events = [
        _Event(event, calendar, zones)
        for calendar in read_calendars(source)
        for zones in [CalendarZones(calendar, zone, work)]
        for event in calendar.walk("VEVENT")
    ]
    left = MAX_ABSENCES
    for entry in _read_entries(events[:MAX_EVENTS], _Reader(line, now, work)):
        left -= len(entry.absences)
        if left >= 0:
            yield entry
        else:
            left += len(entry.absences)
            past = f"is beyond the {MAX_ABSENCES} absences that one file may have"
            yield CalendarEntry(entry.uid, entry.words, wrong=past)
    more = len(events) - MAX_EVENTS
    if more > 0:
        wrong = f"were not read: a file may have {MAX_EVENTS} events"
        yield CalendarEntry("", f"{more} events at the end", wrong=wrong)


def _read_entries(events: Sequence[_Event], reader: _Reader) -> Iterator[CalendarEntry]:
    series: dict[str, list[_Event]] = defaultdict(list)
    for event in events:
        series[event.uid].append(event)
    for uid, revisions in series.items():
        yield _read_entry(uid, revisions, reader)


def _read_entry(uid: str, events: Sequence[_Event], reader: _Reader) -> CalendarEntry:
    summaries = [event.component.text("SUMMARY") for event in events]
    words = next(filter(None, summaries), "(no summary)")
    if not uid:
        return CalendarEntry(uid, words, wrong="has no UID, so each import would add it again")
    try:
        found = tuple(sorted(set(islice(reader.absences(events), MAX_TIMES + 1))))
    except WrongField as wrong:
        return CalendarEntry(uid, words, wrong=str(wrong))
    except (OverflowError, ValueError) as error:  # a time after the year 9999
        return CalendarEntry(uid, words, wrong=f"cannot be read: {error}")
    if len(found) > MAX_TIMES:
        return CalendarEntry(
            uid, words, wrong=f"recurs more than {MAX_TIMES} times in {HORIZON.days} days"
        )
    reasons = {event.free for event in events if not event.cancelled}
    if found or len(reasons) != 1:
        return CalendarEntry(uid, words, found)
    return CalendarEntry(uid, words, free=reasons.pop())


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """One occurrence of an event."""

    start: dt.datetime
    end: dt.datetime
    event: _Event


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the events of one file."""

    line: Line
    now: dt.datetime
    work: WorkBudget

    def absences(self, events: Sequence[_Event]) -> Iterator[Absence]:
        """The occurrences of one event that are not over."""
        people: dict[int, str] = {}
        for time in self._times(_newest_revisions(events)):
            event = time.event
            if event.cancelled or event.free:
                continue
            if time.end <= time.start:
                raise WrongField("does not end after it begins")
            if time.end > self.now:
                if id(event) not in people:
                    people[id(event)] = find_engineer(event.component, self.line)
                yield Absence(time.start, time.end, people[id(event)])

    def _times(self, events: Sequence[_Event]) -> Iterator[_Occurrence]:
        moved = [event for event in events if event.recurrence_id]
        for master in (event for event in events if not event.recurrence_id):
            if master.cancelled:
                moved = [event for event in moved if event.age > master.age]
            else:
                yield from _Series(master, moved, self.now, self.work).times()
        for event in moved:
            yield event.time(event.start.at, event.zone)


def _newest_revisions(events: Sequence[_Event]) -> list[_Event]:
    """The newest revision of every occurrence of an event, in any order."""
    revisions: dict[object, list[_Event]] = defaultdict(list)
    for event in events:
        which: object = event.recurrence_id
        if isinstance(which, WrittenTime) and which.whole_day:
            which = which.at.date()
        elif isinstance(which, WrittenTime):
            which = event.zones.instant(which)
        revisions[which].append(event)
    newest = []
    for found in revisions.values():
        age = max(event.age for event in found)
        newest += [event for event in found if event.age == age]
    return newest


class _Series:
    """The occurrences of an event, also of one that does not recur."""

    def __init__(
        self, master: _Event, moved: Sequence[_Event], now: dt.datetime, work: WorkBudget
    ) -> None:
        self._master, self._now, self._work = master, now, work
        self._start, self._zone = master.start, master.zone
        self._gone = self._marks(written for written in master.moments("EXDATE"))
        self._moved = self._marks(event.recurrence_id for event in moved if event.recurrence_id)
        ranges = [event for event in moved if event.and_future]
        self._ranges = sorted(((self._named_by(event), event) for event in ranges), key=_start_of)

    def times(self) -> Iterator[_Occurrence]:
        """All occurrences that were neither dropped nor moved."""
        for at in sorted({self._start.at, *self._by_rule(), *self._by_date()}):
            mark = self._mark(at)
            if mark in self._gone or at.date() in self._gone:
                continue
            if mark in self._moved or at.date() in self._moved:
                self._moved.discard(at.date())  # a date means the first occurrence of that day
                continue
            yield self._time(at)
        yield from self._periods()

    def _time(self, at: dt.datetime) -> _Occurrence:
        """The occurrence at this time, moved if it and all later ones were moved."""
        followed = [pair for pair in self._ranges if pair[0] <= at]
        if not followed:
            return self._master.time(at, self._zone)
        since, event = followed[-1]
        begins = self._zone.local(event.zones.instant(event.start))
        return event.time(at + (begins - since), self._zone)

    def _by_rule(self) -> Iterator[dt.datetime]:
        if self._master.component.all("EXRULE"):
            raise WrongField("has an EXRULE, which the standard has dropped; use EXDATE")
        until = self._zone.local(self._now + HORIZON)
        since = self._zone.local(self._now) - self._master.length.approximate - 2 * _DAY
        for row in self._master.component.all("RRULE"):
            rule, share = read_rule(row.value), self._work.share(MAX_DAYS)
            if not has_occurrence(rule, self._start.at, self._work):
                raise WrongField("has a rule that never occurs")
            found = find_occurrences(rule, self._start.at, since.date(), until.date(), share)
            yield from (at for at in found if at < until and self._lasts(rule, at))

    def _lasts(self, rule: Rule, at: dt.datetime) -> bool:
        """Whether the rule has not ended; its last day counts completely."""
        until = rule.until
        if until is None:
            return True
        if until.utc and not self._start.whole_day:
            return self._zone.instant(at) <= until.at.replace(tzinfo=dt.UTC)
        if not (until.whole_day or self._start.whole_day):
            return at <= until.at
        last = until.at.date()
        if until.utc:
            last = max(last, self._zone.local(_utc(until)).date())
        return at.date() <= last

    def _by_date(self) -> Iterator[dt.datetime]:
        for written in self._master.moments("RDATE"):
            if written.whole_day or self._start.whole_day:
                yield dt.datetime.combine(self._date(written), self._start.at.time())
            else:
                yield self._local(written)

    def _periods(self) -> Iterator[_Occurrence]:
        """The occurrences that are written with an end."""
        for row in self._master.component.all("RDATE"):
            for value in (each for each in row.value.split(",") if "/" in each):
                begins, _, ends = value.partition("/")
                start = self._master.zones.instant(parse_moment(begins, row.zone))
                if ends.strip().upper().startswith("P"):
                    length = read_duration(ends)
                    end = start + dt.timedelta(days=length.days) + length.exact
                else:
                    end = self._master.zones.instant(parse_moment(ends, row.zone))
                yield _Occurrence(start, end, self._master)

    def _marks(self, given: Iterable[WrittenTime]) -> set[dt.date]:
        """Dropped and moved occurrences, by their day or by their instant."""
        days, instants = set[dt.date](), set[dt.date]()
        for one in given:
            if one.whole_day or self._start.whole_day:
                days.add(self._date(one))
            else:
                instants.add(self._master.zones.instant(one))
        return days | instants

    def _mark(self, at: dt.datetime) -> dt.date:
        if self._start.whole_day:
            return at.date()
        return self._zone.instant(at)

    def _named_by(self, event: _Event) -> dt.datetime:
        """The original local time of a moved occurrence."""
        which = event.recurrence_id
        if which is None or which.whole_day or self._start.whole_day:
            return dt.datetime.combine(self._date(which or event.start), self._start.at.time())
        return self._local(which)

    def _local(self, written: WrittenTime) -> dt.datetime:
        return self._zone.local(self._master.zones.instant(written))

    def _date(self, written: WrittenTime) -> dt.date:
        if written.utc:
            return self._local(written).date()
        return written.at.date()


def _start_of(pair: tuple[dt.datetime, _Event]) -> dt.datetime:
    return pair[0]


def _utc(written: WrittenTime) -> dt.datetime:
    return written.at.replace(tzinfo=dt.UTC)


# The engineer of an event, found by name, id or e-mail address.


def find_engineer(event: Component, line: Line) -> str:
    """The id of the engineer of an event. Raises WrongField for none and for several.

    The summary has priority over the attendees, and those over the organizer.
    """
    rounds = (
        _match_words(name_key(event.text("SUMMARY")), line.engineers),
        _match_mail(event.all("ATTENDEE"), line.engineers),
        _match_mail(event.all("ORGANIZER"), line.engineers),
    )
    for found in rounds:
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise WrongField(f"may be about {' or '.join(sorted(found))}; name one person only")
    raise WrongField("names no engineer of this line, by name, id or e-mail address")


def _match_words(words: str, engineers: Iterable[Engineer]) -> set[str]:
    """Engineers by name. Full names and addresses come first, and are then removed, so that a part
    of them is not read as a first name."""
    found = set()
    exact = ((word, e.id) for e in engineers for word in (e.email, e.name) if word)
    for word, engineer in sorted(exact, key=lambda pair: -len(pair[0])):
        shorter = _remove_name(word, words)
        if shorter != words:
            words = shorter
            found.add(engineer)
    return found | {
        e.id for e in engineers if any(_remove_name(w, words) != words for w in _short_names(e))
    }


def _short_names(engineer: Engineer) -> Iterator[str]:
    yield engineer.id
    yield engineer.name.split()[0]


def _remove_name(word: str, words: str) -> str:
    return re.sub(rf"(?<![\w@]){re.escape(name_key(word))}(?![\w@])", " ", words)


def _match_mail(people: Iterable[Property], engineers: Iterable[Engineer]) -> set[str]:
    mails = {one.value.strip().casefold().removeprefix("mailto:") for one in people}
    return {e.id for e in engineers if e.email and e.email.casefold() in mails}
