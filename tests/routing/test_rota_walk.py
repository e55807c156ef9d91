"""The rota compared with a slow and obvious walk, quarter by quarter, in zones of every kind."""

import datetime as dt
import os
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.line import EVERY_DAY, Hours, Override, Replacement, Rotation, Schedule, Shift
from routing.oncall.hours import OfficeHours
from routing.oncall.rota import on_call, segments

ZONES = [
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/Havana",
    "Africa/Cairo",
    "UTC",
]
QUARTER = dt.timedelta(minutes=15)
CHANGES = [
    dt.datetime.fromisoformat(f"{day}T00:00+00:00")
    for day in ("2026-03-08", "2026-03-29", "2026-04-04", "2026-10-03", "2026-10-25", "2026-11-01")
]
people = st.lists(st.sampled_from(["sanne", "joris", "milan"]), min_size=1, max_size=2, unique=True)
quarters = st.integers(0, 95).map(lambda q: dt.time(q // 4, q % 4 * 15))
weekdays = st.lists(st.sampled_from(EVERY_DAY), min_size=1, unique=True).map(tuple)
weekly = st.builds(Hours, weekdays, quarters, quarters)


@st.composite
def schedules(draw, change):
    def moment():
        quarters_off = draw(st.integers(-144, 144))
        return change.replace(tzinfo=None) + quarters_off * QUARTER

    def window():
        return sorted((moment(), moment() + QUARTER))

    def rotation():
        unit = draw(st.sampled_from(["hour", "day", "week", "month"]))
        far = {"hour": 5, "day": 90}.get(unit, 800)
        start = moment() + draw(st.integers(-far, far)) * dt.timedelta(days=1)
        turns = tuple(map(tuple, draw(st.lists(people, min_size=1, max_size=3))))
        day = min(start.day, 28) if unit == "month" else start.day
        return Rotation(draw(st.integers(1, 5)), unit, start.replace(day=day), turns)

    def shift():
        when = draw(st.sampled_from([None, "office", "outside_office"]))
        if draw(st.booleans()):
            return Shift(tuple(draw(people)), None, draw(weekly), when)
        return Shift((), rotation(), draw(weekly), when)

    someone = st.sampled_from(["sanne", "joris", "milan", None])
    times = range(draw(st.integers(0, 2)))
    return Schedule(
        "primary",
        draw(st.sampled_from(ZONES)),
        tuple(shift() for _ in range(draw(st.integers(1, 3)))),
        tuple(Override(*window(), draw(someone), draw(someone)) for _ in times),
        tuple(Replacement(*window(), tuple(draw(people))) for _ in times if draw(st.booleans())),
    )


class Walk:
    """Follows a zone's clocks quarter by quarter, and remembers the furthest they have shown."""

    def __init__(self, zone, start):
        self.zone, self.instant = ZoneInfo(zone), start
        self.wall = self.shown()

    def shown(self):
        return self.instant.astimezone(self.zone).replace(tzinfo=None)

    def step(self):
        self.instant += QUARTER
        self.wall = max(self.wall, self.shown())


def in_hours(hours, wall):
    for back in (0, 1):
        day = (wall - dt.timedelta(days=back)).date()
        start, end = (dt.datetime.combine(day, t) for t in (hours.start, hours.end))
        if end <= start:
            end += dt.timedelta(days=1)
        if EVERY_DAY[day.weekday()] in hours.days and start <= wall < end:
            return True
    return False


def turn(rotation, wall):
    """Walks from handover to handover, in whichever direction the moment lies."""
    index, step = 0, 1 if wall >= rotation.start else -1
    while not handover(rotation, index) <= wall < handover(rotation, index + 1):
        index += step
    return rotation.people[index % len(rotation.people)]


def handover(rotation, index):
    if rotation.unit != "month":
        return rotation.start + index * rotation.count * dt.timedelta(**{f"{rotation.unit}s": 1})
    months = rotation.start.year * 12 + rotation.start.month - 1 + index * rotation.count
    return rotation.start.replace(year=months // 12, month=months % 12 + 1)


def slow(schedule, wall, office_open):
    """Who is on call, told as the specification tells it."""
    instead = [i.people for i in schedule.instead if i.start <= wall < i.end]
    if instead:
        return tuple(sorted({person for people in instead for person in people}))
    scheduled = set()
    for shift in schedule.shifts:
        wanted = {None: True, "office": office_open, "outside_office": not office_open}
        if in_hours(shift.hours, wall) and wanted[shift.when]:
            scheduled.update(turn(shift.rotation, wall) if shift.rotation else shift.people)
    left, added = set(scheduled), set()
    for override in schedule.overrides:
        if override.start <= wall < override.end:
            if override.remove in left or override.remove is None:
                added.add(override.add)
            left.discard(override.remove)
    return tuple(sorted((left | added) - {None}))


OPEN = Hours(EVERY_DAY[:6], dt.time(1, 30), dt.time(17))
HOLIDAY = dt.date(2026, 3, 30)
OFFICE = OfficeHours((OPEN,), "Europe/Amsterdam", {HOLIDAY}.__contains__)


SCHEDULES = int(os.environ.get("SCHEDULES", "80"))
"""`make proof` walks along 10,000, which takes some minutes."""


@pytest.mark.timeout(60 + SCHEDULES)
@settings(max_examples=SCHEDULES, deadline=None)
@given(st.sampled_from(CHANGES).flatmap(lambda c: st.tuples(st.just(c), schedules(c))))
def test_the_rota_is_what_a_patient_dispatcher_would_work_out(drawn):
    change, schedule = drawn
    start, end = change - dt.timedelta(days=1), change + dt.timedelta(days=2)
    here, there = Walk(schedule.timezone, start), Walk(OFFICE.timezone, start)
    expected = []
    while here.instant < end:
        is_open = in_hours(OPEN, there.wall) and there.wall.date() != HOLIDAY
        people = slow(schedule, here.wall, is_open)
        assert on_call(schedule, here.instant, OFFICE) == people
        if not expected or expected[-1][1] != people:
            expected.append((here.instant, people))
        here.step()
        there.step()
    found = list(segments(schedule, start, end, OFFICE))
    assert [(segment.start, segment.on_call) for segment in found] == expected
    assert [segment.end for segment in found] == [s.start for s in found[1:]] + [end]
