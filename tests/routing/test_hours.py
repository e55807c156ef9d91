"""Office hours: when the office is open, and how time counted in them passes."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.contracts.plans import OfficeTime
from routing.line import EVERY_DAY, Hours
from routing.oncall.hours import OfficeHours, covers
from routing.oncall.local_time import wall

WEEK = EVERY_DAY[:5]
AMSTERDAM = "Europe/Amsterdam"
CHRISTMAS = {dt.date(2026, 12, 25), dt.date(2026, 12, 26)}


def office(*hours, zone=AMSTERDAM):
    return OfficeHours(hours, zone, CHRISTMAS.__contains__)


DAYTIME = office(Hours(WEEK, dt.time(9), dt.time(18)))


def local(text, zone=AMSTERDAM):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def office_time(**length):
    return OfficeTime(dt.timedelta(**length), office=True)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-20T08:59:59", False),
        ("2026-11-20T09:00", True),
        ("2026-11-20T17:59:59", True),
        ("2026-11-20T18:00", False),
        ("2026-11-21T12:00", False),  # a Saturday
        ("2026-12-25T12:00", False),  # a Friday, and Christmas
    ],
)
def test_the_office_is_open_from_nine_to_six_on_working_days(at, is_open):
    assert DAYTIME.is_open(local(at)) is is_open


def test_hours_past_midnight_belong_to_the_day_they_began_and_stop_at_a_holiday():
    late = office(Hours(WEEK, dt.time(17), dt.time(1)))
    assert late.is_open(local("2026-11-21T00:59"))
    assert not late.is_open(local("2026-11-21T01:00"))
    assert late.is_open(local("2026-12-24T23:59"))
    assert not late.is_open(local("2026-12-25T00:30"))


def test_midnight_to_midnight_is_the_whole_day():
    assert office(Hours(("sat",))).is_open(local("2026-11-21T23:59:59"))
    assert not office(Hours(("sat",))).is_open(local("2026-11-22T00:00"))


@pytest.mark.parametrize(
    ("since", "hours", "until"),
    [
        ("2026-11-20T16:00", 4, "2026-11-23T11:00"),  # Friday to Monday
        ("2026-11-20T09:00", 9, "2026-11-20T18:00"),
        ("2026-11-20T09:00", 10, "2026-11-23T10:00"),
        ("2026-11-21T03:00", 1, "2026-11-23T10:00"),
        ("2026-12-24T17:00", 2, "2026-12-28T10:00"),  # over Christmas and a Sunday
    ],
)
def test_office_hours_pass_only_while_the_office_is_open(since, hours, until):
    assert DAYTIME.after(local(since), office_time(hours=hours)) == local(until)


def test_plain_time_passes_always_and_by_the_clock_on_nobodys_wall():
    day = OfficeTime(dt.timedelta(days=1))
    assert DAYTIME.after(local("2026-10-24T12:00"), day) == local("2026-10-25T11:00")


def test_hours_that_overlap_count_once():
    twice = office(Hours(WEEK, dt.time(9), dt.time(13)), Hours(WEEK, dt.time(12), dt.time(18)))
    assert twice.after(local("2026-11-20T09:00"), office_time(hours=8)) == local("2026-11-20T17:00")


@pytest.mark.parametrize(("day", "until"), [("2026-03-29", "05:00"), ("2026-10-25", "03:00")])
def test_the_hour_that_is_lost_or_comes_twice_is_counted_as_it_passes(day, until):
    always = office(Hours())
    ends = always.after(local(f"{day}T00:00"), office_time(hours=4))
    assert ends == local(f"{day}T{until}")


def test_an_office_that_never_opens_still_lets_a_promise_end():
    never = OfficeHours((Hours(WEEK),), AMSTERDAM, lambda day: True)
    assert never.after(local("2026-11-20T12:00"), office_time(hours=1)) > local("2026-11-20T12:00")


START, END = (dt.datetime.fromisoformat(day) for day in ("2020-01-01", "2030-01-01"))
moments = st.datetimes(START, END, timezones=st.just(dt.UTC))


@given(moments, st.integers(1, 200), st.sampled_from(["Europe/Amsterdam", "Australia/Lord_Howe"]))
def test_counted_minute_by_minute_the_same_office_time_has_passed(since, minutes, zone):
    since = since.replace(second=0, microsecond=0)
    nine_to_six = office(Hours(WEEK, dt.time(9), dt.time(18)), zone=zone)
    ends = nine_to_six.after(since, office_time(minutes=minutes))
    assert nine_to_six.is_open(ends - dt.timedelta(minutes=1))
    stretches = range(int((ends - since) / dt.timedelta(minutes=1)))
    passed = sum(nine_to_six.is_open(since + dt.timedelta(minutes=m)) for m in stretches)
    assert passed == minutes


# The plain version, as the oracle: every instant at which the office may open or close, in turn.


def plainly_open(office, moment):
    now = wall(moment, office.timezone)
    return any(covers(h, now) for h in office.hours) and not office.is_holiday(now.date())


def plainly_opens(office, moment, until):
    if plainly_open(office, moment):
        return moment
    return next((at for at in office.changes(moment, until) if plainly_open(office, at)), None)


def plainly_passed(office, start, end):
    edges = (start, *office.changes(start, end), end)
    opened = (later - at for at, later in pairwise(edges) if plainly_open(office, at))
    return sum(opened, dt.timedelta(0))


def plainly_after(office, moment, left, until):
    for at, change in pairwise((moment, *office.changes(moment, until))):
        if plainly_open(office, at):
            if left <= change - at:
                return at + left
            left -= change - at
    return None


ZONES = (
    AMSTERDAM,
    "Australia/Lord_Howe",  # half an hour
    "America/Havana",  # clocks change at midnight
    "Africa/Casablanca",  # four changes a year
    "Pacific/Apia",  # without 30 December 2011
    "Asia/Kolkata",
)
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
hours = st.builds(Hours, st.sets(st.sampled_from(EVERY_DAY)).map(tuple), times, times)
turning = st.sampled_from(
    [
        "2011-12-29T08:00",  # Apia
        "2026-03-07T20:00",  # Havana, spring
        "2026-10-31T20:00",  # Havana, autumn
        "2026-03-28T20:00",  # Amsterdam, spring
        "2026-10-24T20:00",  # Amsterdam, autumn
        "2026-04-04T10:00",  # Lord Howe
    ]
).map(lambda text: dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC))
near = st.builds(lambda at, m: at + dt.timedelta(minutes=m), turning, st.integers(0, 2880))
lengths = st.integers(0, 3 * 1440).map(lambda minutes: dt.timedelta(minutes=minutes))


@st.composite
def offices(draw):
    some = frozenset(draw(st.sets(st.integers(0, 6), max_size=3)))
    closed = lambda day: day.toordinal() % 7 in some and day.day % 3 == 0  # noqa: E731
    kept = tuple(draw(st.lists(hours, max_size=3)))
    return OfficeHours(kept, draw(st.sampled_from(ZONES)), closed)


@given(offices(), moments | near, lengths)
def test_hours_are_what_they_are_when_counted_from_change_to_change(office, moment, length):
    until = moment + dt.timedelta(days=40)
    assert office.is_open(moment) is plainly_open(office, moment)
    opens = plainly_opens(office, moment, until)
    if opens is not None:
        assert office.opens(moment) == opens
    ends = plainly_after(office, moment, length, until)
    if ends is not None:
        assert office.after(moment, OfficeTime(length, office=True)) == ends
    later = moment + length
    passed = plainly_passed(office, moment, later)
    assert office.passed(moment, later, office=True) == passed


def test_no_day_is_looked_at_for_an_office_without_hours():
    asked = []
    never = OfficeHours((Hours(()),), AMSTERDAM, asked.append)
    moment = local("2026-11-20T12:00")
    assert never.opens(moment) is None
    assert never.after(moment, office_time(hours=1)) > moment
    assert asked == []
