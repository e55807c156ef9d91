"""Shifts and turns on the days on which clocks are changed, in zones of every kind."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.line import Hours, Rotation, Schedule, Shift
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import instant, wall
from routing.oncall.rota import on_call, segments

AMSTERDAM = "Europe/Amsterdam"
OFFICE = OfficeHours((Hours(),), AMSTERDAM, lambda day: False)


def at(text):
    return dt.datetime.fromisoformat(text)


CHANGES = [
    # zone, hours of a shift, and when it begins and ends in UTC on the day of a change
    (AMSTERDAM, "02:30", "04:00", "2026-03-29T01:00Z", "2026-03-29T02:00Z"),  # 02:30 is not
    (AMSTERDAM, "02:30", "04:00", "2026-10-25T00:30Z", "2026-10-25T03:00Z"),  # 02:30 is twice
    (AMSTERDAM, "01:00", "02:30", "2026-10-24T23:00Z", "2026-10-25T00:30Z"),
    ("America/New_York", "02:30", "04:00", "2026-03-08T07:00Z", "2026-03-08T08:00Z"),
    ("America/New_York", "01:30", "04:00", "2026-11-01T05:30Z", "2026-11-01T09:00Z"),
    ("Australia/Lord_Howe", "02:15", "03:00", "2026-10-03T15:30Z", "2026-10-03T16:00Z"),
    ("Australia/Lord_Howe", "01:45", "03:00", "2026-04-04T14:45Z", "2026-04-04T16:30Z"),
    ("Asia/Kolkata", "02:30", "04:00", "2026-03-28T21:00Z", "2026-03-28T22:30Z"),
    ("UTC", "02:30", "04:00", "2026-03-29T02:30Z", "2026-03-29T04:00Z"),
    # Past changes: governments announce others, and newer zone data knows them.
    ("America/Havana", "00:00", "04:00", "2024-11-03T04:00Z", "2024-11-03T09:00Z"),
    ("Africa/Cairo", "00:00", "04:00", "2024-04-25T22:00Z", "2024-04-26T01:00Z"),
]


@pytest.mark.parametrize(("zone", "start", "end", "begins", "ends"), CHANGES)
def test_a_time_that_is_not_begins_after_the_gap_and_one_that_is_twice_the_first_time(
    zone, start, end, begins, ends
):
    daily = Hours(start=dt.time.fromisoformat(start), end=dt.time.fromisoformat(end))
    rota = Schedule("primary", zone, (Shift(("sanne",), hours=daily),))
    around = dt.timedelta(hours=6)
    found = segments(rota, at(begins) - around, at(ends) + around, OFFICE)
    assert [(s.start, s.end) for s in found if s.on_call] == [(at(begins), at(ends))]


TURNS = [
    # when sanne's turn of one hour begins on the wall, and when it begins and ends in UTC
    ("2026-03-29T01:00", "2026-03-29T00:00Z", "2026-03-29T01:00Z"),
    ("2026-03-29T03:00", "2026-03-29T01:00Z", "2026-03-29T02:00Z"),
    ("2026-10-25T01:00", "2026-10-24T23:00Z", "2026-10-25T00:00Z"),
    ("2026-10-25T02:00", "2026-10-25T00:00Z", "2026-10-25T02:00Z"),  # two o'clock comes twice
    ("2026-10-25T03:00", "2026-10-25T02:00Z", "2026-10-25T03:00Z"),
]


@pytest.mark.parametrize(("start", "begins", "ends"), TURNS)
def test_a_turn_is_handed_over_by_the_clock_on_the_wall(start, begins, ends):
    others = (("joris",),) * 9
    hourly = Rotation(1, "hour", at(start), (("sanne",), *others))
    rota = Schedule("primary", AMSTERDAM, (Shift(rotation=hourly),))
    around = dt.timedelta(hours=4)
    found = segments(rota, at(begins) - around, at(ends) + around, OFFICE)
    hers = [(s.start, s.end) for s in found if s.on_call == ("sanne",)]
    assert hers == [(at(begins), at(ends))]


def test_a_turn_that_would_begin_in_the_gap_is_skipped_with_it():
    hourly = Rotation(1, "hour", at("2026-03-29T02:00"), (("sanne",), ("joris",), ("milan",)))
    rota = Schedule("primary", AMSTERDAM, (Shift(rotation=hourly),))
    after_the_gap = dt.datetime(2026, 3, 29, 3, tzinfo=ZoneInfo(AMSTERDAM))
    assert on_call(rota, after_the_gap, OFFICE) == ("joris",)


def test_a_far_future_is_counted_and_not_walked():
    hourly = Rotation(1, "hour", at("2026-01-01T00:00"), (("sanne",), ("joris",)))
    rota = Schedule("primary", AMSTERDAM, (Shift(rotation=hourly),))
    far = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
    assert on_call(rota, far, OFFICE) != on_call(rota, far + dt.timedelta(hours=1), OFFICE)


ZONES = sorted({zone for zone, *_ in CHANGES} | {"Africa/Casablanca", "Pacific/Apia"})
CHANGED = [at(begins) for _, _, _, begins, _ in CHANGES] + [at("2011-12-30T10:00Z")]  # in Apia
minutes = st.integers(-3000, 3000).map(lambda m: dt.timedelta(minutes=m / 2))
near = st.builds(lambda change, by: change + by, st.sampled_from(CHANGED), minutes)
anywhere = st.datetimes(at("1971-01-01"), at("2060-01-01"), timezones=st.just(dt.UTC))
MOMENT = dt.datetime.resolution


@given(near | anywhere, st.sampled_from(ZONES))
def test_a_local_time_means_the_first_instant_at_which_clocks_have_reached_it(moment, zone):
    local = moment.replace(tzinfo=None)
    first = instant(local, zone)
    assert wall(first, zone) >= local > wall(first - MOMENT, zone)
    assert instant(local.replace(fold=1), zone) == first


@given(near | anywhere, st.sampled_from(ZONES))
def test_clocks_show_the_local_time_until_an_hour_repeats(moment, zone):
    shown = moment.astimezone(ZoneInfo(zone))
    if shown.fold:
        assert wall(moment, zone) > shown.replace(tzinfo=None, fold=0)
    else:
        assert wall(moment, zone) == shown.replace(tzinfo=None)
    assert wall(moment, zone).tzinfo is None
    assert wall(moment, zone) <= wall(moment + MOMENT, zone)
