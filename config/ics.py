"""The iCalendar format (RFC 5545): components, their properties, and values as written.

The values are read here and not by a library. The known library keeps one table of time zones for
all files, reads PT24H as a day, and drops a rule that it does not understand.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from config.reader import WrongField

MAX_BYTES = 8 * 2**20
"""A calendar of some ten years."""
_MAX_DEPTH = 8
_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:])*)*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:])*)')
_MOMENT = re.compile(r"(\d{8})(?:T(\d{4})(\d{2})(Z?))?", re.ASCII)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a component."""

    value: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def zone(self) -> str | None:
        """The name of the time zone that the value is in, where it names one."""
        return self.parameters.get("TZID")


@dataclass(frozen=True, slots=True)
class Component:
    """The content of a BEGIN and END: properties by name, and other components."""

    name: str
    properties: dict[str, list[Property]] = field(default_factory=lambda: defaultdict(list))
    parts: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """Every property of this name."""
        return self.properties.get(name, [])

    def first(self, name: str) -> Property | None:
        """The first property of this name."""
        return next(iter(self.all(name)), None)

    def word(self, name: str) -> str:
        """The value of a property with a fixed vocabulary, in capitals; empty without it."""
        return self._value(name).strip().upper()

    def text(self, name: str) -> str:
        """The value of a property that people read, without escapes; empty without it."""
        escapes = {"n": "\n", "N": "\n"}
        return re.sub(r"\\(.)", lambda m: escapes.get(m[1], m[1]), self._value(name))

    def _value(self, name: str) -> str:
        found = self.first(name)
        return "" if found is None else found.value

    def walk(self, name: str) -> Iterator[Component]:
        """All components of this name inside this one, at any depth."""
        for part in self.parts:
            if part.name == name:
                yield part
            yield from part.walk(name)


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A date, or a date and time, as written: in UTC, in a zone, or in neither."""

    at: dt.datetime
    whole_day: bool
    utc: bool = False
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration: days are counted by the calendar, the rest by the clock."""

    days: int
    exact: dt.timedelta

    @property
    def approximate(self) -> dt.timedelta:
        """The duration with days of 24 hours."""
        return dt.timedelta(days=self.days) + self.exact


def read_calendars(source: bytes) -> list[Component]:
    """The calendars of a file. Raises ValueError, with a sentence, if there are none."""
    if len(source) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 2**20} MiB")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = source.decode("cp1252", errors="replace")
    calendars = [one for one in _parse_components(text) if one.name == "VCALENDAR"]
    if not calendars:
        raise ValueError("it contains no calendar")
    return calendars


def _parse_components(text: str) -> list[Component]:
    root = Component("")
    open_ones = [root]
    for row in re.split(r"\r\n|\n|\r", re.sub(r"(?:\r\n|\n|\r)[ \t]", "", text)):
        found = _LINE.fullmatch(row)
        if found is None:
            continue
        name, value = found[1].upper(), found[3]
        if name == "BEGIN":
            open_ones.append(_begin_component(open_ones, value.strip().upper()))
        elif name == "END":
            if open_ones.pop().name != value.strip().upper() or not open_ones:
                raise ValueError(f"it has an END:{value.strip()} in the wrong place")
        else:
            pairs = {p.upper(): v.strip('"') for p, v in _PARAMETER.findall(found[2])}
            open_ones[-1].properties[name].append(Property(value, pairs))
    if len(open_ones) > 1:
        raise ValueError("it ends in the middle")
    return root.parts


def _begin_component(open_ones: list[Component], name: str) -> Component:
    if len(open_ones) > _MAX_DEPTH:
        raise ValueError("its components are nested too deep")
    begun = Component(name)
    open_ones[-1].parts.append(begun)
    return begun


def read_moment(given: Property) -> WrittenTime:
    """The date or time of a property. Raises WrongField."""
    return parse_moment(given.value, given.zone)


def parse_moment(text: str, zone: str | None = None) -> WrittenTime:
    """A date or time as written. Raises WrongField."""
    found = _MOMENT.fullmatch(text.strip().upper())
    if found is None:
        raise WrongField(f"cannot be read: {text.strip()[:40]!r} is not a date or time")
    day, minutes, second, utc = found.groups()
    try:
        if minutes is None:
            return WrittenTime(dt.datetime.strptime(day, "%Y%m%d"), whole_day=True)  # noqa: DTZ007
        at = dt.datetime.strptime(f"{day}{minutes}", "%Y%m%d%H%M")  # noqa: DTZ007  local
        at += dt.timedelta(seconds=min(int(second), 59))  # Python has no leap seconds
    except ValueError:
        raise WrongField(f"cannot be read: {text.strip()[:40]!r} is not a date or time") from None
    if utc:
        return WrittenTime(at, whole_day=False, utc=True)
    return WrittenTime(at, whole_day=False, zone=zone)


def read_duration(text: str) -> Duration:
    """A duration as written. Raises WrongField."""
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None:
        raise WrongField(f"cannot be read: {text.strip()[:40]!r} is not a duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    exact = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    duration = Duration(7 * weeks + days, exact)
    if found[1] == "-":
        return Duration(-duration.days, -duration.exact)
    return duration
