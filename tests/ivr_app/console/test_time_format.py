"""How times and lengths of time are told."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from ivr_app.web.i18n import format_clock, format_duration, format_exact, format_moment

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
AT = dt.datetime(2026, 3, 9, 22, 30, 5, 123456, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (-3, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 u"),
        (7500, "2 u 5 min"),
        (3605, "1 u"),
        (90000, "1 d 1 u"),
    ],
)
def test_a_length_is_told_in_its_two_largest_units(seconds, said):
    assert format_duration("nl", seconds) == said


def test_today_is_a_clock_and_any_other_day_has_its_date():
    assert format_moment("nl", AT, AMSTERDAM, now=AT) == "23:30"
    tomorrow = AT + dt.timedelta(hours=1)
    assert format_moment("nl", AT, AMSTERDAM, now=tomorrow) == "ma 9 mrt 2026 23:30"
    assert format_moment("en", tomorrow, AMSTERDAM, now=AT) == "Tue 10 Mar 2026 00:30"


def test_the_millisecond_is_told_where_it_counts():
    assert format_exact(AT, AMSTERDAM) == "23:30:05.123"


def test_the_hour_that_comes_twice_is_told_apart():
    first = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    later = first + dt.timedelta(hours=1)
    assert format_moment("nl", first, AMSTERDAM, now=first) == "02:30 CEST"
    assert format_moment("nl", later, AMSTERDAM, now=AT) == "zo 25 okt 2026 02:30 CET"
    assert format_exact(later, AMSTERDAM) == "02:30:00.000 CET"
    assert format_clock(later + dt.timedelta(hours=1), AMSTERDAM) == "03:30"
    assert format_clock(dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC), AMSTERDAM) == "03:30"
