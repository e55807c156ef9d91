"""Office hours: when the office is open, and how time counted in them passes."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.contracts.plans import OfficeTime
from routing.line import EVERY_DAY, Hours
from routing.oncall.hours import OfficeHours

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
