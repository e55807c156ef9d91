"""Lengths of time, rates and hours, as people write them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan import times
from plan.reading import Reading, Terms, Wrong
from plan.sheet import Mark, Word
from routing.line import OfficeTime, Rate

FIRST, LAST = map(dt.datetime.fromisoformat, ("1970-01-01", "2999-12-31"))
HOUR = dt.timedelta(hours=1)


def read(reader, text):
    return reader(Word(Mark(1, "for"), text), Reading(Terms(str)))


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (times.length, "1s", HOUR / 3600),
        (times.length, "30s", HOUR / 120),
        (times.length, "5m", HOUR / 12),
        (times.length, "2h", 2 * HOUR),
        (times.length, "1d", 24 * HOUR),
        (times.length, "1 week", 168 * HOUR),
        (times.length, "2 weeks", 336 * HOUR),
        (times.length, "90 minutes", 1.5 * HOUR),
        (times.office_time, "4 office hours", OfficeTime(4 * HOUR, office=True)),
        (times.office_time, "1 office hour", OfficeTime(HOUR, office=True)),
        (times.office_time, "4h", OfficeTime(4 * HOUR)),
        (times.every, "1 week", (1, "week")),
        (times.every, "12 hours", (12, "hour")),
        (times.every, "month", (1, "month")),
        (times.rate, "3/h", Rate(3, HOUR)),
        (times.rate, "0/15m", Rate(0, HOUR / 4)),
        (times.hours, "00:00-00:00", (dt.time(0), dt.time(0))),
        (times.hours, "17:00 - 01:00", (dt.time(17), dt.time(1))),
        (times.date, "2028-02-29", dt.date(2028, 2, 29)),
        (times.moment, "2026-12-24T18:00", dt.datetime.fromisoformat("2026-12-24T18:00")),
        (times.moment, "2026-12-24T17:00Z", dt.datetime(2026, 12, 24, 17, tzinfo=dt.UTC)),
    ],
)
def test_what_people_write_is_read(reader, text, value):
    assert read(reader, text) == value


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (times.length, "0s"),
        (times.length, "-5m"),
        (times.length, "5"),
        (times.length, "5 fortnights"),
        (times.length, "1.5h"),
        (times.length, "999999999 weeks"),
        (times.length, "4 office hours"),
        (times.office_time, "0 office hours"),
        (times.every, "1 minute"),
        (times.rate, "3/0h"),
        (times.rate, "3"),
        (times.hours, "09:00-24:00"),
        (times.hours, "9:00-18:00"),
        (times.date, "2026-02-29"),
        (times.date, "20261231"),
        (times.moment, "2026-12-24"),
        (times.moment, "2026-12-24T25:00"),
        (times.moment, "9999-12-31T23:59"),
        (times.weekday, "Mon"),
    ],
)
def test_what_means_nothing_is_refused(reader, text):
    with pytest.raises(Wrong, match=r"^must be "):
        read(reader, text)


@given(st.integers(1, 999_999_999))
def test_every_length_from_a_second_up_is_valid(seconds):
    assert read(times.length, f"{seconds}s") == dt.timedelta(seconds=seconds)


@given(st.datetimes(FIRST, LAST), st.sampled_from(["", "Z", "+05:30", "-03:00"]))
def test_a_moment_comes_back_as_it_was_written(moment, offset):
    text = f"{moment.isoformat(timespec='seconds')}{offset}"
    assert read(times.moment, text) == dt.datetime.fromisoformat(text)


@given(st.text())
def test_no_text_on_earth_raises_anything_else(text):
    for reader in (times.length, times.office_time, times.every, times.rate, times.hours):
        with pytest.raises(Wrong):
            read(reader, f"{text}?")
