"""Recurrence rules of iCalendar (RFC 5545, 3.3.10), in local time and within limits.

Every day that is checked counts as work: otherwise a rule that never occurs would be checked until
the year 9999.
"""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from config.ics import WrittenTime, parse_moment
from config.reader import WrongField

MAX_DAYS = 40_000
"""Days that are checked for one rule: more than a century."""
MAX_TIMES_A_DAY = 24
TOO_OFTEN = "recurs more often than daily"
_DAY = dt.timedelta(days=1)
_PERIOD_DAYS = {"DAILY": 1, "WEEKLY": 7}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)


class WorkBudget:
    """How many days may still be checked for one file."""

    def __init__(self, left: int) -> None:
        """``left`` is the number of days."""
        self._left = left

    def share(self, most: int) -> WorkBudget:
        """A part of the budget for one rule; what it spends is also taken from the whole."""
        return _BudgetShare(self, most)

    def spend(self, days: int) -> None:
        """Spend some days. Raises WrongField if too few are left."""
        self._left -= days
        if self._left < 0:
            raise WrongField("was not read: the rules of this file take too long to calculate")


class BudgetExceededError(WrongField):
    """One rule needs more than its share."""


class _BudgetShare(WorkBudget):
    def __init__(self, whole: WorkBudget, left: int) -> None:
        super().__init__(left)
        self._whole = whole

    def spend(self, days: int) -> None:
        self._whole.spend(days)
        self._left -= days
        if self._left < 0:
            raise BudgetExceededError(f"has a rule that takes more than {MAX_DAYS} days to check")


@dataclass(frozen=True, slots=True)
class Rule:
    """A recurrence rule; a part that is not given is empty."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: WrittenTime | None = None
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    """Pairs: which of them in the month or year (0: every one), and the day (0: Monday)."""
    hours: frozenset[int] = frozenset()
    minutes: frozenset[int] = frozenset()
    seconds: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()
    week_start: int = 0

    def complete(self, start: dt.datetime) -> Rule:
        """The rule with the parts that follow from the first time."""
        given: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        if not (self.month_days or self.year_days or self.weeks or self.weekdays):
            if self.freq == "WEEKLY":
                given["weekdays"] = frozenset({(0, start.weekday())})
            elif self.freq != "DAILY":
                given["month_days"] = frozenset({start.day})
            if self.freq == "YEARLY" and not self.months:
                given["months"] = frozenset({start.month})
        elif self.freq == "YEARLY" and self.weeks and not self.weekdays:
            given["weekdays"] = frozenset({(0, start.weekday())})
        for name, value in (("hours", start.hour), ("minutes", start.minute)):
            given[name] = given[name] or frozenset({value})
        given["seconds"] = self.seconds or frozenset({start.second})
        return Rule(**given)


def read_rule(text: str) -> Rule:
    """A rule as written. Raises WrongField."""
    given: dict[str, Any] = {}
    for part in text.strip().upper().rstrip(";").split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS or _PARTS[name][0] in given:
            raise WrongField(f"has a rule that cannot be read: {part[:40]}")
        field, reader = _PARTS[name]
        try:
            given[field] = reader(value)
        except ValueError:
            raise WrongField(f"has a rule that cannot be read: {part[:40]}") from None
    if "freq" not in given:
        raise WrongField("has a rule that does not say how often")
    rule = Rule(**given)
    times = [max(1, len(part)) for part in (rule.hours, rule.minutes, rule.seconds)]
    if times[0] * times[1] * times[2] > MAX_TIMES_A_DAY:
        raise WrongField(TOO_OFTEN)
    if rule.weeks and (rule.week_start or rule.freq != "YEARLY"):
        raise WrongField("has a rule with weeks that begin on another day than Monday")
    return rule


def find_occurrences(
    rule: Rule, start: dt.datetime, since: dt.date, until: dt.date, work: WorkBudget
) -> Iterator[dt.datetime]:
    """The local times of a rule from one day to another, in order. ``start`` is always the first
    one, as the standard says, even if the rule does not include it."""
    rule = rule.complete(start)
    left, first = rule.count, 0
    if left is None:
        first = _find_period(rule, start.date(), since)
    if since <= start.date() <= until:
        yield start
    if left is not None:
        left -= 1
    for number in itertools.count(first):
        day = _first_day(rule, start.date(), number)
        if day is None or day > until:
            return
        for at in _list_times(rule, day, work):
            if at <= start:
                continue
            if left is not None:
                left -= 1
                if left < 0:
                    return
            if since <= at.date() <= until:
                yield at


def has_occurrence(rule: Rule, start: dt.datetime, work: WorkBudget) -> bool:
    """Whether a rule ever occurs, as far as the days of one share show."""
    rule = rule.complete(start)
    share = work.share(MAX_DAYS)
    for number in itertools.count():
        day = _first_day(rule, start.date(), number)
        if day is None:
            return False
        try:
            if any(at >= start for at in _list_times(rule, day, share)):
                return True
        except BudgetExceededError:
            return False
    return False


def _find_period(rule: Rule, start: dt.date, day: dt.date) -> int:
    """The number of a period that begins before a day, or the very first."""
    if rule.freq == "YEARLY":
        periods = day.year - start.year
    elif rule.freq == "MONTHLY":
        periods = (day.year - start.year) * 12 + day.month - start.month
    elif rule.freq == "WEEKLY":
        periods = (day - start).days // 7
    else:
        periods = (day - start).days
    return max(0, periods // rule.interval - 1)


def _first_day(rule: Rule, start: dt.date, number: int) -> dt.date | None:
    """The first day of a period; None after the year 9999."""
    step = number * rule.interval
    try:
        if rule.freq == "YEARLY":
            return dt.date(start.year + step, 1, 1)
        if rule.freq == "MONTHLY":
            months = start.year * 12 + start.month - 1 + step
            return dt.date(months // 12, months % 12 + 1, 1)
        if rule.freq == "WEEKLY":
            monday = start - (start.weekday() - rule.week_start) % 7 * _DAY
            return monday + step * 7 * _DAY
        return start + step * _DAY
    except (OverflowError, ValueError):
        return None


def _list_times(rule: Rule, first: dt.date, work: WorkBudget) -> list[dt.datetime]:
    """The times of one period, in order."""
    days = [day for day in _list_days(rule, first, work) if _matches(rule, day)]
    times = [
        dt.datetime.combine(day, dt.time(hour, minute, second))
        for day in days
        for hour in sorted(rule.hours)
        for minute in sorted(rule.minutes)
        for second in sorted(rule.seconds)
    ]
    work.spend(len(times))
    if not rule.positions:
        return times
    count = len(times)
    return [
        at
        for place, at in enumerate(times)
        if {place + 1, place - count} & rule.positions  # positions also count from the end
    ]


def _list_days(rule: Rule, first: dt.date, work: WorkBudget) -> Iterator[dt.date]:
    """The days of a period that the rule may include."""
    if rule.freq == "YEARLY":
        months = rule.months or set(range(1, 13))
    elif rule.freq == "MONTHLY":
        months = {first.month} & (rule.months or {first.month})
    else:
        length = _PERIOD_DAYS[rule.freq]
        work.spend(length)
        yield from (first + n * _DAY for n in range(length))
        return
    work.spend(1)
    for month in sorted(months):
        length = calendar.monthrange(first.year, month)[1]
        work.spend(length)
        yield from (dt.date(first.year, month, day) for day in range(1, length + 1))


def _matches(rule: Rule, day: dt.date) -> bool:
    """Whether the rule includes this day of the period."""
    if rule.months and day.month not in rule.months:
        return False
    length = calendar.monthrange(day.year, day.month)[1]
    if rule.month_days and not {day.day, day.day - length - 1} & rule.month_days:
        return False
    if rule.weeks and not _week_numbers(day) & rule.weeks:
        return False
    ordinal, year = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
    if rule.year_days and not {ordinal, ordinal - year - 1} & rule.year_days:
        return False
    return not rule.weekdays or _matches_weekday(rule, day, length, ordinal, year)


def _week_numbers(day: dt.date) -> set[int]:
    iso = day.isocalendar()
    weeks = dt.date(iso.year, 12, 28).isocalendar().week
    return {iso.week, iso.week - weeks - 1}


def _matches_weekday(rule: Rule, day: dt.date, length: int, ordinal: int, year: int) -> bool:
    wanted = {nth for nth, weekday in rule.weekdays if weekday == day.weekday()}
    if rule.freq in ("DAILY", "WEEKLY"):
        return bool(wanted)  # a number such as 2MO has no meaning there
    if rule.freq == "MONTHLY" or rule.months:
        forward, backward = (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)
    else:
        forward, backward = (ordinal - 1) // 7 + 1, -((year - ordinal) // 7 + 1)
    return bool({0, forward, backward} & wanted)


def _parse_frequency(text: str) -> str:
    if text in ("SECONDLY", "MINUTELY", "HOURLY"):
        raise WrongField(TOO_OFTEN)
    if text not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise ValueError
    return text


def _parse_positive(text: str) -> int:
    number = _parse_number(text)
    if number < 1:
        raise ValueError
    return number


def _parse_number(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII):
        raise ValueError
    return int(text)


def _parse_numbers(
    least: int, most: int, *, backwards: bool = False
) -> Callable[[str], frozenset[int]]:
    known = set(range(least, most + 1))
    if backwards:
        known |= {-number for number in known}

    def read(text: str) -> frozenset[int]:
        found = frozenset(_parse_number(part) for part in text.split(","))
        if not found <= known:
            raise ValueError
        return found

    return read


def _parse_weekdays(text: str) -> frozenset[tuple[int, int]]:
    found = [_BY_WEEKDAY.fullmatch(part) for part in text.split(",")]
    pairs = {(int(one[1] or 0), _WEEKDAYS.index(one[2])) for one in found if one}
    if None in found or any(abs(nth) > 53 for nth, _ in pairs):
        raise ValueError
    return frozenset(pairs)


def _parse_until(text: str) -> WrittenTime:
    return parse_moment(text)


_PARTS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "FREQ": ("freq", _parse_frequency),
    "INTERVAL": ("interval", _parse_positive),
    "COUNT": ("count", _parse_positive),
    "UNTIL": ("until", _parse_until),
    "BYMONTH": ("months", _parse_numbers(1, 12)),
    "BYMONTHDAY": ("month_days", _parse_numbers(1, 31, backwards=True)),
    "BYYEARDAY": ("year_days", _parse_numbers(1, 366, backwards=True)),
    "BYWEEKNO": ("weeks", _parse_numbers(1, 53, backwards=True)),
    "BYDAY": ("weekdays", _parse_weekdays),
    "BYHOUR": ("hours", _parse_numbers(0, 23)),
    "BYMINUTE": ("minutes", _parse_numbers(0, 59)),
    "BYSECOND": ("seconds", _parse_numbers(0, 59)),
    "BYSETPOS": ("positions", _parse_numbers(1, 366, backwards=True)),
    "WKST": ("week_start", _WEEKDAYS.index),
}
