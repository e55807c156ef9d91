"""Lengths of time, rates and hours, as people write them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import fields
from config.reader import FileReading, Location, ReaderContext, Scalar, WrongField
from routing.contracts.plans import OfficeTime
from routing.line import RateLimit

FIRST, LAST = map(dt.datetime.fromisoformat, ("1970-01-01", "2999-12-31"))
HOUR = dt.timedelta(hours=1)


def read(reader, text):
    return reader(Scalar(Location(1, "for"), text), FileReading(ReaderContext(str)))


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (fields.length, "1s", HOUR / 3600),
        (fields.length, "30s", HOUR / 120),
        (fields.length, "5m", HOUR / 12),
        (fields.length, "2h", 2 * HOUR),
        (fields.length, "1d", 24 * HOUR),
        (fields.length, "1 week", 168 * HOUR),
        (fields.length, "2 weeks", 336 * HOUR),
        (fields.length, "90 minutes", 1.5 * HOUR),
        (fields.office_time, "4 office hours", OfficeTime(4 * HOUR, office=True)),
        (fields.office_time, "1 office hour", OfficeTime(HOUR, office=True)),
        (fields.office_time, "4h", OfficeTime(4 * HOUR)),
        (fields.every, "1 week", (1, "week")),
        (fields.every, "12 hours", (12, "hour")),
        (fields.every, "month", (1, "month")),
        (fields.rate, "3/h", RateLimit(3, HOUR)),
        (fields.rate, "0/15m", RateLimit(0, HOUR / 4)),
        (fields.hours, "00:00-00:00", (dt.time(0), dt.time(0))),
        (fields.hours, "17:00 - 01:00", (dt.time(17), dt.time(1))),
        (fields.date, "2028-02-29", dt.date(2028, 2, 29)),
        (fields.moment, "2026-12-24T18:00", dt.datetime.fromisoformat("2026-12-24T18:00")),
        (fields.moment, "2026-12-24T17:00Z", dt.datetime(2026, 12, 24, 17, tzinfo=dt.UTC)),
    ],
)
def test_what_people_write_is_read(reader, text, value):
    assert read(reader, text) == value


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (fields.length, "0s"),
        (fields.length, "-5m"),
        (fields.length, "5"),
        (fields.length, "5 fortnights"),
        (fields.length, "1.5h"),
        (fields.length, "999999999 weeks"),
        (fields.length, "4 office hours"),
        (fields.office_time, "0 office hours"),
        (fields.every, "1 minute"),
        (fields.rate, "3/0h"),
        (fields.rate, "3"),
        (fields.hours, "09:00-24:00"),
        (fields.hours, "9:00-18:00"),
        (fields.date, "2026-02-29"),
        (fields.date, "20261231"),
        (fields.moment, "2026-12-24"),
        (fields.moment, "2026-12-24T25:00"),
        (fields.moment, "9999-12-31T23:59"),
        (fields.weekday, "Mon"),
    ],
)
def test_what_means_nothing_is_refused(reader, text):
    with pytest.raises(WrongField, match=r"^must be "):
        read(reader, text)


@given(st.integers(1, 999_999_999))
def test_every_length_from_a_second_up_is_valid(seconds):
    assert read(fields.length, f"{seconds}s") == dt.timedelta(seconds=seconds)


@given(st.datetimes(FIRST, LAST), st.sampled_from(["", "Z", "+05:30", "-03:00"]))
def test_a_moment_comes_back_as_it_was_written(moment, offset):
    text = f"{moment.isoformat(timespec='seconds')}{offset}"
    assert read(fields.moment, text) == dt.datetime.fromisoformat(text)


@given(st.text())
def test_no_text_on_earth_raises_anything_else(text):
    for reader in (fields.length, fields.office_time, fields.every, fields.rate, fields.hours):
        with pytest.raises(WrongField):
            read(reader, f"{text}?")
