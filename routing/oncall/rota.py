"""Who is on call: at a moment, and from one moment to another."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Generic, Protocol, TypeVar

from routing.line import EVERY_DAY, Hours, Override, Rotation, Schedule, Shift
from routing.oncall.hours import OfficeHours, covers, turns_of_day
from routing.oncall.local_time import ZonedMoment, instant, local, wall

OnCall = tuple[str, ...]
"""Ids of engineers, sorted; empty when nobody is on call."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A time, in UTC, during which the same people are on call."""

    start: dt.datetime
    end: dt.datetime
    on_call: OnCall


def on_call(schedule: Schedule, moment: dt.datetime, office: OfficeHours) -> OnCall:
    """Who is on call in a schedule at an aware moment."""
    now = ZonedMoment.at(moment, schedule.timezone)
    instead = in_force(schedule.instead, now)
    if instead:
        return tuple(sorted({person for i in instead for person in i.people}))
    people = {
        person
        for shift in covering(schedule.shifts, now.wall)
        if _wanted(shift, now, office)
        for person in _people(shift, now, schedule.timezone)
    }
    return tuple(sorted(overridden(people, in_force(schedule.overrides, now))))


def overridden(people: set[str], overrides: Iterable[Override]) -> set[str]:
    """The people of the shifts, changed by the overrides of the moment.

    An override acts on the shifts, never on another override. Of two that remove the same person,
    the first counts; the second does not add anybody either.
    """
    removed: set[str] = set()
    added: set[str] = set()
    for override in overrides:
        if override.remove is not None:
            if override.remove not in people or override.remove in removed:
                continue
            removed.add(override.remove)
        if override.add is not None:
            added.add(override.add)
    return (people - removed) | added


def segments(
    schedule: Schedule, start: dt.datetime, end: dt.datetime, office: OfficeHours
) -> Iterator[Segment]:
    """The segments of a schedule from one aware moment to another, without a gap.

    Equal neighbours are joined. A segment in which nobody is on call has an empty ``on_call``.
    """
    start, end = start.astimezone(dt.UTC), end.astimezone(dt.UTC)
    inner = {at for at in _changes(schedule, start, end, office) if start < at < end}
    held: Segment | None = None
    if start >= end:
        return
    for since, until in pairwise(sorted({start, end} | inner)):
        people = on_call(schedule, since, office)
        if held is not None and held.on_call != people:
            yield held
            held = None
        held = Segment(held.start if held else since, until, people)
    if held is not None:
        yield held


def _wanted(shift: Shift, now: ZonedMoment, office: OfficeHours) -> bool:
    return shift.when is None or office.is_open(now.instant) == (shift.when == "office")


def _people(shift: Shift, now: ZonedMoment, zone: str) -> OnCall:
    if shift.rotation is None:
        return shift.people
    return whose_turn(shift.rotation, now.wall, zone)


def _changes(
    schedule: Schedule, start: dt.datetime, end: dt.datetime, office: OfficeHours
) -> Iterator[dt.datetime]:
    """Every instant at which the people may change, in no order; some change nothing."""
    zone = schedule.timezone
    yield from turns_of_day((shift.hours for shift in schedule.shifts), zone, start, end)
    if any(shift.when for shift in schedule.shifts):
        yield from office.changes(start, end)
    first, last = wall(start, zone), wall(end, zone)
    for rotation in (shift.rotation for shift in schedule.shifts if shift.rotation):
        yield from (instant(at, zone) for at in handovers(rotation, first, last, zone))
    overrides = ((override.start, override.end) for override in schedule.overrides)
    instead = ((instead.start, instead.end) for instead in schedule.instead)
    yield from (instant(at, zone) for at in chain(*overrides, *instead))


class TimeWindow(Protocol):
    """A window from one time to just before another, local or with offsets."""

    @property
    def start(self) -> dt.datetime:
        """The time at which it begins."""

    @property
    def end(self) -> dt.datetime:
        """The first time after it."""


T = TypeVar("T")
W = TypeVar("W", bound=TimeWindow)

Held = tuple[dt.datetime, dt.datetime, int]
"""Start, end, and index of a window."""

FEW = 32
"""Up to this number, reading all windows is faster than an index."""


def in_force(windows: tuple[W, ...], now: ZonedMoment) -> list[W]:
    """The windows of this moment, in the given order."""
    if len(windows) <= FEW:
        return [window for window in windows if now.within(window.start, window.end)]
    return [windows[place] for place in _sorted(IdentityKey(windows)).at(now)]


class IdentityKey(Generic[T]):
    """A tuple that is compared by identity instead of by content, which is faster."""

    __slots__ = ("windows",)

    def __init__(self, windows: tuple[T, ...]) -> None:
        """Keeps the tuple alive, so that no other tuple gets its id."""
        self.windows = windows

    def __hash__(self) -> int:
        """The id of the tuple."""
        return id(self.windows)

    def __eq__(self, other: object) -> bool:
        """True for the same tuple object."""
        return isinstance(other, IdentityKey) and other.windows is self.windows


class WindowTree:
    """Windows sorted by start, under a tree of their latest ends.

    ``_latest[1]`` is the latest end of all; that of node n is the later one of nodes 2n and
    2n + 1, and the leaves are the windows themselves.
    """

    def __init__(self, windows: Sequence[Held]) -> None:
        """All of them local, or all of them with offsets."""
        ordered = sorted(windows)
        self._starts = [start for start, _, _ in ordered]
        self._places = [place for _, _, place in ordered]
        self._leaves = 1 << len(ordered).bit_length()
        never = dt.datetime.min.replace(tzinfo=self._starts[0].tzinfo if ordered else None)
        self._latest = [never] * (2 * self._leaves)
        for leaf, (_, end, _) in enumerate(ordered, self._leaves):
            self._latest[leaf] = end
        for node in range(self._leaves - 1, 0, -1):
            self._latest[node] = max(self._latest[2 * node], self._latest[2 * node + 1])

    def at(self, time: dt.datetime) -> Iterator[int]:
        """The indexes of the windows of a time."""
        begun = bisect_right(self._starts, time)
        nodes = [(1, 0, self._leaves)]
        while nodes:
            node, first, width = nodes.pop()
            if first >= begun or self._latest[node] <= time:
                continue
            if width == 1:
                yield self._places[first]
            else:
                half = width // 2
                nodes += [(2 * node, first, half), (2 * node + 1, first + half, half)]


class _Sorted:
    """Windows of local times, and windows with offsets, which cannot be compared."""

    def __init__(self, windows: tuple[TimeWindow, ...]) -> None:
        local: list[Held] = []
        aware: list[Held] = []
        mixed: list[Held] = []
        for place, window in enumerate(windows):
            naive = (window.start.tzinfo is None, window.end.tzinfo is None)
            kept = {(True, True): local, (False, False): aware}.get(naive, mixed)
            kept.append((window.start, window.end, place))
        self._local, self._aware, self._mixed = WindowTree(local), WindowTree(aware), mixed

    def at(self, now: ZonedMoment) -> list[int]:
        """The indexes of the windows of this moment, in order."""
        mixed = [place for start, end, place in self._mixed if now.within(start, end)]
        return sorted([*self._local.at(now.wall), *self._aware.at(now.instant), *mixed])


@lru_cache(maxsize=64)
def _sorted(itself: IdentityKey[TimeWindow]) -> _Sorted:
    return _Sorted(itself.windows)


_LENGTH = {
    "hour": dt.timedelta(hours=1),
    "day": dt.timedelta(days=1),
    "week": dt.timedelta(weeks=1),
}


def whose_turn(rotation: Rotation, wall: dt.datetime, zone: str) -> tuple[str, ...]:
    """The people whose turn it is at the local time ``wall``. It is computed, not iterated."""
    return rotation.people[_turn(rotation, wall, zone) % len(rotation.people)]


def handovers(
    rotation: Rotation, first: dt.datetime, last: dt.datetime, zone: str
) -> Iterator[dt.datetime]:
    """The local times after ``first``, up to ``last``, at which a turn begins."""
    for turn in range(_turn(rotation, first, zone) + 1, _turn(rotation, last, zone) + 1):
        yield _begin(rotation, turn, zone)


def _turn(rotation: Rotation, wall: dt.datetime, zone: str) -> int:
    start = local(rotation.start, zone)
    if rotation.unit != "month":
        return (wall - start) // (_LENGTH[rotation.unit] * rotation.count)
    months = (wall.year - start.year) * 12 + wall.month - start.month
    if (wall.day, wall.time()) < (start.day, start.time()):
        months -= 1
    return months // rotation.count


def _begin(rotation: Rotation, turn: int, zone: str) -> dt.datetime:
    start = local(rotation.start, zone)
    if rotation.unit != "month":
        return start + turn * rotation.count * _LENGTH[rotation.unit]
    years, month = divmod(start.month - 1 + turn * rotation.count, 12)
    return start.replace(year=start.year + years, month=month + 1)


_DAY = dt.timedelta(days=1)
_MONDAY = dt.datetime.fromisoformat("0001-01-01")
_NEXT_MONDAY = _MONDAY + 7 * _DAY
"""The index uses the first week of the calendar, which begins on a Monday."""


def covering(shifts: tuple[Shift, ...], now: dt.datetime) -> list[Shift]:
    """The shifts whose hours cover a local time, in the given order."""
    if len(shifts) <= FEW:
        return [shift for shift in shifts if covers(shift.hours, now)]
    clock = dt.datetime.combine(_MONDAY, now.time()) + now.weekday() * _DAY
    return [shifts[place] for place in sorted(set(_week_sorted(IdentityKey(shifts)).at(clock)))]


@lru_cache(maxsize=64)
def _week_sorted(itself: IdentityKey[Shift]) -> WindowTree:
    return WindowTree(
        [
            (start, end, place)
            for place, shift in enumerate(itself.windows)
            for start, end in _in_a_week(shift.hours)
        ]
    )


def _in_a_week(hours: Hours) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    for day in hours.days:
        midnight = _MONDAY + EVERY_DAY.index(day) * _DAY
        start = dt.datetime.combine(midnight, hours.start)
        end = dt.datetime.combine(midnight, hours.end)
        if end <= start:
            end += _DAY
        yield start, min(end, _NEXT_MONDAY)
        if end > _NEXT_MONDAY:
            yield _MONDAY, _MONDAY + (end - _NEXT_MONDAY)
