"""Daily handovers worked out by hand, over both changes of the clock in five zones."""

import datetime as dt

import pytest

from routing.line import Hours, Rotation, Schedule, Shift
from routing.oncall.hours import OfficeHours
from routing.oncall.rota import on_call, segments

OFFICE = OfficeHours((Hours(),), "UTC", lambda day: False)
MINUTE = dt.timedelta(minutes=1)
TABLES = [
    # zone, when a turn begins on the wall, and the same in UTC: before, on and after the day
    ("Europe/Amsterdam", "2026-03-28T09:00", "03-28T08:00", "03-29T07:00", "03-30T07:00"),
    ("Europe/Amsterdam", "2026-03-28T02:30", "03-28T01:30", "03-29T01:00", "03-30T00:30"),
    ("Europe/Amsterdam", "2026-10-24T09:00", "10-24T07:00", "10-25T08:00", "10-26T08:00"),
    ("Europe/Amsterdam", "2026-10-24T02:30", "10-24T00:30", "10-25T00:30", "10-26T01:30"),
    ("America/New_York", "2026-03-07T09:00", "03-07T14:00", "03-08T13:00", "03-09T13:00"),
    ("America/New_York", "2026-03-07T02:30", "03-07T07:30", "03-08T07:00", "03-09T06:30"),
    ("America/New_York", "2026-10-31T09:00", "10-31T13:00", "11-01T14:00", "11-02T14:00"),
    ("America/New_York", "2026-10-31T01:30", "10-31T05:30", "11-01T05:30", "11-02T06:30"),
    ("Australia/Lord_Howe", "2026-04-04T09:00", "04-03T22:00", "04-04T22:30", "04-05T22:30"),
    ("Australia/Lord_Howe", "2026-04-04T01:45", "04-03T14:45", "04-04T14:45", "04-05T15:15"),
    ("Australia/Lord_Howe", "2026-10-03T09:00", "10-02T22:30", "10-03T22:00", "10-04T22:00"),
    ("Australia/Lord_Howe", "2026-10-03T02:15", "10-02T15:45", "10-03T15:30", "10-04T15:15"),
    ("Asia/Kolkata", "2026-03-28T09:00", "03-28T03:30", "03-29T03:30", "03-30T03:30"),
    ("Asia/Kolkata", "2026-10-24T02:30", "10-23T21:00", "10-24T21:00", "10-25T21:00"),
    ("UTC", "2026-03-28T09:00", "03-28T09:00", "03-29T09:00", "03-30T09:00"),
    ("UTC", "2026-10-24T02:30", "10-24T02:30", "10-25T02:30", "10-26T02:30"),
]


@pytest.mark.parametrize("years_ago", [0, 10])
@pytest.mark.parametrize(("zone", "start", "before", "on", "after"), TABLES)
def test_turns_begin_when_a_table_says_so(zone, start, before, on, after, years_ago):
    begins = [dt.datetime.fromisoformat(f"2026-{day}+00:00") for day in (before, on, after)]
    people = (("sanne",), ("joris",), ("milan",))
    # So many days back that the turns fall to the same people.
    first = dt.datetime.fromisoformat(start) - years_ago * dt.timedelta(days=366)
    rota = Schedule("primary", zone, (Shift(rotation=Rotation(1, "day", first, people)),))
    for at, person in zip(begins, ("sanne", "joris", "milan"), strict=True):
        assert on_call(rota, at, OFFICE) == (person,)
        assert on_call(rota, at - MINUTE, OFFICE) != (person,)
    found = list(segments(rota, begins[0], begins[2] + MINUTE, OFFICE))
    assert [segment.start for segment in found] == begins
    assert [segment.end for segment in found] == [*begins[1:], begins[2] + MINUTE]
