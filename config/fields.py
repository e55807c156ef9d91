"""Readers of single values: names, phone numbers, languages, references, times and lengths."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from difflib import get_close_matches
from enum import StrEnum
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers

from config.reader import (
    Entry,
    FieldReader,
    Fields,
    FileReading,
    ReaderContext,
    WrongField,
    accepts,
    either,
    mapping,
    shape_of,
    shaped,
    suggest,
    transformed,
    word,
)
from routing.contracts.plans import OfficeTime
from routing.line import EVERY_DAY, LAST_RESORT, RateLimit, Weekday
from routing.phone_numbers import normalise, why_not_called

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

PIN_LENGTHS = range(4, 13)
_MAX_NAME = 200


def matching(pattern: str, what: str) -> FieldReader[str]:
    """Text of a certain form; ``what`` describes it in the message about any other text."""
    form = re.compile(pattern, re.ASCII)

    def read(entry: Entry, reading: FileReading) -> str:
        text = word(entry, reading)
        if not form.fullmatch(text):
            raise WrongField(f"must be {what}")
        return text

    # Without a pattern: it would be one of Python's, and about a text in one spelling.
    return accepts(what)(read)


def one_of(*choices: str) -> FieldReader[str]:
    """One of these words."""
    what = f"one of {', '.join(choices)}"
    reader = matching("|".join(map(re.escape, choices)), what)
    return shaped(reader, lambda: {"title": what, "enum": list(choices)})


def member_of(kind: type[E]) -> FieldReader[E]:
    """A member of an enumeration."""
    return transformed(one_of(*kind), kind)


def whole_number(lowest: int, highest: int) -> FieldReader[int]:
    """A whole number in this range, both ends included."""
    what = f"a whole number from {lowest} to {highest}"

    def make(text: str) -> int:
        if not lowest <= int(text) <= highest:
            raise WrongField(f"must be {what}")
        return int(text)

    return shaped(
        transformed(matching(r"\d{1,9}", what), make),
        lambda: {"title": what, "type": "integer", "minimum": lowest, "maximum": highest},
    )


def reference(kind: str, known: Callable[[ReaderContext], frozenset[str]]) -> FieldReader[str]:
    """The id of something that the file defines elsewhere."""

    def read(entry: Entry, reading: FileReading) -> str:
        text, ids = word(entry, reading), known(reading.context)
        if text not in ids:
            raise WrongField(f"is an unknown {kind}; {suggest(text, ids)}")
        return text

    return accepts(f"the id of a {kind}")(read)


@accepts("the id of a plan")
def plan(entry: Entry, reading: FileReading) -> str:
    """The id of a plan of the line."""
    return one_of(*reading.context.plans)(entry, reading)


@accepts("one line of text")
def name(entry: Entry, reading: FileReading) -> str:
    """The name of a person or thing, on one line."""
    text = word(entry, reading)
    if not text.isprintable() or len(text) > _MAX_NAME:
        raise WrongField(f"must be one line of at most {_MAX_NAME} characters")
    return text


def _read_names(entry: Entry, reading: FileReading) -> tuple[tuple[str, str], ...]:
    """One name for all languages, or a name for each: pairs of language and name."""
    spoken = reading.context.spoken
    if not isinstance(entry, Fields):
        return tuple((language, name(entry, reading)) for language in spoken)
    found = by_language(name)(entry, reading)
    if not found:
        raise WrongField(f"must be a name, or a name for each language: {', '.join(spoken)}")
    return found


def by_language(reader: FieldReader[T]) -> FieldReader[tuple[tuple[str, T], ...]]:
    """Something for each language that has prompts: pairs of language and value."""

    def read(entry: Entry, reading: FileReading) -> tuple[tuple[str, T], ...]:
        languages = dict.fromkeys(reading.context.spoken, reader)
        return tuple(mapping(frozenset(), **languages)(entry, reading).items())

    return shaped(
        read,
        lambda: {
            "title": "by language, such as nl",
            "type": "object",
            "patternProperties": {"^[a-z]{2,3}$": shape_of(reader)},
            "additionalProperties": False,
        },
    )


names = either(_read_names, name, by_language(name))


@accepts("letters, digits, dots and dashes, at most 64")
def identifier(entry: Entry, reading: FileReading) -> str:
    """An id that can be typed; that of the last resort is reserved."""
    text = _identifier(entry, reading)
    if text == LAST_RESORT:
        raise WrongField("is reserved for the last resort; choose another")
    return text


@accepts("a phone number such as +31612345678")
def phone(entry: Entry, reading: FileReading) -> str:
    """A phone number in E.164, read in the country of the line."""
    country = reading.context.country
    number = normalise(word(entry, reading), country)
    if number is None:
        raise WrongField(
            f"is not a phone number of {country} or with a country code; write it as +31612345678"
        )
    return number


@accepts("a phone number such as +31612345678")
def contact_phone(entry: Entry, reading: FileReading) -> str:
    """A number of a contact; outside line.yaml only an ordinary number that the line dials."""
    number, countries = phone(entry, reading), reading.context.dialled
    if countries and (why := why_not_called(number, countries)):
        raise WrongField(f"is not dialled: it is {why}; only line.yaml may contain it")
    return number


@accepts("a phone number such as +31612345678")
def other_phone(entry: Entry, reading: FileReading) -> str:
    """A phone number that is not the line's own."""
    number = phone(entry, reading)
    if number == reading.context.number:
        raise WrongField("is the line's own number, which would call itself")
    return number


@accepts("a phone number, or a name of at most 11 characters")
def sender(entry: Entry, reading: FileReading) -> str:
    """The sender of texts: a phone number, or a name of at most eleven characters."""
    if any(map(str.isalpha, word(entry, reading))):
        return _sender(entry, reading)
    return phone(entry, reading)


@accepts("a language that has prompts, such as nl")
def spoken(entry: Entry, reading: FileReading) -> str:
    """A language that the line has prompts for."""
    return one_of(*reading.context.spoken)(entry, reading)


@accepts("a country as two capitals, such as NL")
def country(entry: Entry, reading: FileReading) -> str:
    """A country with known phone numbers, as two capitals."""
    text = word(entry, reading)
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise WrongField("must be a country as two capitals, such as NL")
    return text


@accepts("a time zone such as Europe/Amsterdam")
def zone(entry: Entry, reading: FileReading) -> str:
    """A time zone of the IANA database."""
    text = word(entry, reading)
    if find_zone(text) is None:
        near = get_close_matches(text, available_timezones(), n=1) or ["Europe/Amsterdam"]
        raise WrongField(f"is not a time zone; write it as {near[0]}")
    return text


def find_zone(text: str | None) -> str | None:
    """The name if it is that of a time zone, else None."""
    if not text:
        return None
    try:
        return ZoneInfo(text).key
    except (OSError, ValueError, KeyError):
        return None


_identifier = matching(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "letters, digits, dots and dashes, at most 64"
)
_sender = matching(r"[A-Za-z0-9 &+_-]{1,11}", "a phone number, or a name of at most 11 characters")
keyed = matching(r"\d{1,20}", "at most 20 digits: callers key it in")
email = matching(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", "an e-mail address such as sanne@example.org")
language = matching("[a-z]{2,3}", "a language such as nl or en")
engineer = reference("engineer", lambda context: context.engineers)
ringable = reference("schedule or engineer", lambda context: context.schedules | context.engineers)


# Times: lengths, days, hours of the week and moments.


_UNITS = {
    "s": dt.timedelta(seconds=1),
    "m": dt.timedelta(minutes=1),
    "h": dt.timedelta(hours=1),
    "d": dt.timedelta(days=1),
    "w": dt.timedelta(weeks=1),
}
_NAMES = {"second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w"}
_LENGTH = re.compile(r"(\d{1,9}) *([a-z]+?)s?", re.ASCII)
_YEARS_LONG = re.compile(r"(\d{1,2}) *(year)s?", re.ASCII)
_A_YEAR = dt.timedelta(days=365)
_SHORTEST_KEPT = dt.timedelta(days=30)
"""The last month is always kept, so that it can be explained."""

_LONGEST_SILENCE = dt.timedelta(seconds=20)
_OFFICE = re.compile(r"(\d{1,9}) +office +hours?", re.ASCII)
_EVERY = re.compile(r"(?:(\d{1,4}) +)?(hour|day|week|month)s?", re.ASCII)
_RATE = re.compile(r"(\d{1,6}) */ *(\d{0,4}) *([smhd])", re.ASCII)
_HOURS = re.compile(r"(\d\d:\d\d) *- *(\d\d:\d\d)", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00)?)?", re.ASCII)
"""Spreadsheets may save a day with the midnight at which it begins."""
_YEARS = range(1970, 3000)
"""Years that every time zone can calculate with."""

Unit = Literal["hour", "day", "week", "month"]


def _parsed_by(make: Callable[[str], T], example: str) -> FieldReader[T]:
    """Text that ``make`` parses; the message about any other text has the example."""

    def read(entry: Entry, reading: FileReading) -> T:
        text = word(entry, reading)
        try:
            return make(text)
        except (ValueError, OverflowError):
            raise WrongField(f"must be {example}") from None

    return accepts(example)(read)


def _match(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    found = pattern.fullmatch(text)
    if not found:
        raise ValueError
    return found.groups("")


def _parse_wait(text: str) -> dt.timedelta:
    count, unit = _match(_LENGTH, text)
    short = _NAMES.get(unit, unit)
    if short not in _UNITS:
        raise ValueError
    return int(count) * _UNITS[short]


def _parse_length(text: str) -> dt.timedelta:
    found = _parse_wait(text)
    if not found:
        raise ValueError
    return found


def _parse_silence(text: str) -> dt.timedelta:
    found = _parse_length(text)
    if found > _LONGEST_SILENCE:
        raise ValueError
    return found


def _parse_kept(text: str) -> dt.timedelta:
    if "year" in text:
        count, _ = _match(_YEARS_LONG, text)
        found = int(count) * _A_YEAR
    else:
        found = _parse_wait(text)
    if found < _SHORTEST_KEPT:
        raise ValueError
    return found


def _parse_office_time(text: str) -> OfficeTime:
    if not text.endswith(("office hour", "office hours")):
        return OfficeTime(_parse_length(text))
    (count,) = _match(_OFFICE, text)
    if not int(count):
        raise ValueError
    return OfficeTime(int(count) * _UNITS["h"], office=True)


def _parse_every(text: str) -> tuple[int, Unit]:
    count, unit = _match(_EVERY, text)
    units: dict[str, Unit] = {"hour": "hour", "day": "day", "week": "week", "month": "month"}
    if not int(count or 1):
        raise ValueError
    return int(count or 1), units[unit]


def _parse_rate(text: str) -> RateLimit:
    count, per, unit = _match(_RATE, text)
    if not int(per or 1):
        raise ValueError
    return RateLimit(int(count), int(per or 1) * _UNITS[unit])


def _parse_hours(text: str) -> tuple[dt.time, dt.time]:
    start, end = _match(_HOURS, text)
    return dt.time.fromisoformat(start), dt.time.fromisoformat(end)


def _parse_time(text: str) -> dt.time:
    return _parse_hours(f"{text}-{text}")[0]


def _parse_moment(text: str) -> dt.datetime:
    _match(_MOMENT, text)
    value = dt.datetime.fromisoformat(text)
    if value.year not in _YEARS:
        raise ValueError
    return value


def _parse_date(text: str) -> dt.date:
    (day,) = _match(_DATE, text)
    return dt.date.fromisoformat(day)


def _parse_weekday(text: str) -> Weekday:
    return EVERY_DAY[[str(day) for day in EVERY_DAY].index(text)]


length = _parsed_by(
    _parse_length, "a length of time of at least a second, such as 30s, 5m, 2h, 1d or 1 week"
)
silence = _parsed_by(_parse_silence, "a length of time from 1s to 20s")
kept = _parsed_by(
    _parse_kept, "a length of time of at least 30 days, such as 90 days, 26 weeks or 2 years"
)
wait = _parsed_by(_parse_wait, "a length of time, such as 0s, 30s, 5m, 2h, 1d or 1 week")
office_time = _parsed_by(
    _parse_office_time, "a length of time, such as 30m, 2h, 1d, 1 week or 4 office hours"
)
every = _parsed_by(_parse_every, "a number of hours, days, weeks or months, such as 1 week")
rate = _parsed_by(_parse_rate, "a number per time, such as 3/h")
hours = _parsed_by(_parse_hours, 'hours such as "09:00-18:00"; "00:00-00:00" is the whole day')
time = _parsed_by(_parse_time, 'a time of day such as "07:30"')
moment = _parsed_by(
    _parse_moment,
    "a date and time such as 2026-12-24T18:00, with an offset or without, to the year 2999",
)
date = _parsed_by(_parse_date, "a date such as 2026-12-31, the year first")
weekday = _parsed_by(_parse_weekday, f"one of {', '.join(EVERY_DAY)}")


# Yes or no, a share, and where something is to be sent.


yes_or_no = shaped(
    transformed(one_of("true", "false"), "true".__eq__),
    lambda: {"title": "true or false", "type": "boolean"},
)
percent = transformed(
    matching(r"(100|[1-9]\d?)%", "a share from 1% to 100%"), lambda text: int(text[:-1])
)
speech_rate = transformed(
    matching(r"([5-9]\d|1[0-4]\d|150)%", "a rate from 50% to 150%"), lambda text: int(text[:-1])
)
sent_to = matching(
    r"(?=.{6,80}$)(https://[^\s/]+\.\S+|[^@\s]+@[^@\s.]+(\.[^@\s.]+)+)",
    "a mail address or an https:// address of at most 80 characters",
)
