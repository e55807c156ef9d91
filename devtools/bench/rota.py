"""How long "who is on call now" takes, beside a slow and obvious walk: `make bench`."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from functools import partial
from timeit import Timer

from routing.line import EVERY_DAY, Hours, Override, Rotation, Schedule, Shift
from routing.oncall.hours import OfficeHours, covers
from routing.oncall.local_time import ZonedMoment, wall
from routing.oncall.rota import handovers, on_call, overridden, segments

ZONE = "Europe/Amsterdam"
NOW = dt.datetime(2026, 11, 23, 3, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
OFFICE = OfficeHours((Hours(EVERY_DAY[:5], dt.time(9), dt.time(18)),), ZONE, lambda day: False)
COUNTS = (1, 100, 10_000)
AGES = {"1 day": 1, "10 years": 3653}
PEOPLE = ("sanne", "joris", "milan")


def main() -> None:
    """Print a row for each schedule: microseconds, and how many times the walk takes."""
    row("", "on_call", "walk", "walk / on_call")
    for age, days in AGES.items():
        rotation = _rotation(days)
        turn = rotation.shifts[0].rotation or Rotation(1, "day", NOW, ())
        compare(f"rotation from {age} ago", rotation, _walked_turn(turn))
    for count in COUNTS:
        scattered = _overrides(count)
        compare(f"{count:,} overrides", scattered, _scanned(scattered))
    for count in COUNTS:
        short = _shifts(count)
        compare(f"{count:,} shifts", short, _read_through(short))
    row("a year of segments", "µs", "by quarters", "ratio", "segments")
    for name, schedule in (
        ("rotation from 10 years ago", _rotation(3653)),
        ("100 overrides", _overrides(100)),
        ("10,000 overrides", _overrides(10_000)),
        ("100 shifts", _shifts(100)),
    ):
        fast = _microseconds(partial(_year, schedule), 0.2)
        slow = _microseconds(partial(_quarters, schedule), 0.2)
        found = len(_year(schedule))
        row(name, f"{fast:,.0f}", f"{slow:,.0f}", f"{slow / fast:,.1f}", f"{found:,}")


def compare(name: str, schedule: Schedule, walk: Callable[[], object]) -> None:
    """One row: the rota and the walk."""
    fast, slow = _now(schedule), _microseconds(walk)
    row(name, f"{fast:,.1f}", f"{slow:,.1f}", f"{slow / fast:,.1f}")


def row(name: str, *cells: str) -> None:
    """Print a row."""
    sys.stdout.write(f"{name:<28}" + "".join(f"{cell:>16}" for cell in cells) + "\n")


def _now(schedule: Schedule) -> float:
    return _microseconds(lambda: on_call(schedule, NOW, OFFICE))


def _year(schedule: Schedule) -> list[object]:
    return list(segments(schedule, NOW, NOW + 365 * DAY, OFFICE))


def _quarters(schedule: Schedule) -> list[object]:
    """A year asked for quarter by quarter."""
    return [on_call(schedule, NOW + n * 15 * MINUTE, OFFICE) for n in range(365 * 96)]


def _microseconds(act: Callable[[], object], at_least: float = 0.05) -> float:
    """The best of five, each long enough to be measured."""
    act()
    timer, times = Timer(act), 1
    while timer.timeit(times) < at_least / 5:
        times *= 2
    return min(timer.repeat(5, times)) / times * 1e6


def _rotation(days: int) -> Schedule:
    start = (wall(NOW, ZONE) - days * DAY).replace(hour=9, minute=0)
    turns = tuple((person,) for person in PEOPLE)
    return Schedule("primary", ZONE, (Shift(rotation=Rotation(1, "day", start, turns)),))


def _overrides(count: int) -> Schedule:
    """So many of three hours, from all over five years around now."""
    first, apart = wall(NOW, ZONE) - 913 * DAY, 1826 * DAY / count
    starts = (first + place * apart for place in range(count))
    made = tuple(Override(at, at + DAY / 8, "sanne", "joris") for at in starts)
    return Schedule("primary", ZONE, (Shift(("sanne",)),), made)


def _shifts(count: int) -> Schedule:
    """So many of a minute or some on one weekday, spread over the week."""
    minutes = max(7 * 24 * 60 // count, 1)
    made = []
    for place in range(count):
        start = dt.datetime.combine(NOW, dt.time()) + place * minutes * MINUTE
        hours = Hours(
            (EVERY_DAY[start.weekday()],), start.time(), (start + minutes * MINUTE).time()
        )
        made.append(Shift((PEOPLE[place % 3],), hours=hours))
    return Schedule("primary", ZONE, tuple(made))


def _walked_turn(rotation: Rotation) -> Callable[[], object]:
    """From handover to handover, counting."""

    def walk() -> tuple[str, ...]:
        passed = sum(1 for _ in handovers(rotation, rotation.start, wall(NOW, ZONE), ZONE))
        return rotation.people[passed % len(rotation.people)]

    return walk


def _read_through(schedule: Schedule) -> Callable[[], object]:
    """Every shift looked at."""

    def read() -> object:
        now = wall(NOW, ZONE)
        return {p for s in schedule.shifts if covers(s.hours, now) for p in s.people}

    return read


def _scanned(schedule: Schedule) -> Callable[[], object]:
    """Every override looked at."""

    def scan() -> object:
        now = ZonedMoment.at(NOW, ZONE)
        holding = [o for o in schedule.overrides if now.within(o.start, o.end)]
        return overridden({"sanne"}, holding)

    return scan


if __name__ == "__main__":
    main()
