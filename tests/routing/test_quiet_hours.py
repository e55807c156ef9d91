"""Quiet: when it is over, on ordinary nights and on those when clocks change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from routing.line import EVERY_DAY, Engineer, Hours
from routing.oncall.hours import LONGEST_QUIET, quiet_until

AMSTERDAM = "Europe/Amsterdam"
NIGHT = Hours(EVERY_DAY, dt.time(22), dt.time(7))
WEEKEND = Hours(("sat", "sun"))


def person(*quiet):
    return Engineer("sanne", "Sanne de Vries", ("+31612345601",), quiet=quiet)


def local(text, zone=AMSTERDAM):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-02T21:59:59", None),
        ("2026-03-02T22:00", "2026-03-03T07:00"),
        ("2026-03-03T06:59:59", "2026-03-03T07:00"),
        ("2026-03-03T07:00", None),
        ("2026-03-28T23:00", "2026-03-29T07:00"),  # the clocks go forward in this night
        ("2026-10-24T23:00", "2026-10-25T07:00"),  # and back in this
    ],
)
def test_a_night_is_quiet_until_seven_by_the_clock_on_the_wall(now, until):
    over = quiet_until(person(NIGHT), local(now), AMSTERDAM)
    assert over == (local(until) if until else None)


def test_without_quiet_hours_it_is_never_quiet():
    assert quiet_until(person(), local("2026-03-02T03:00"), AMSTERDAM) is None


def test_one_quiet_that_begins_as_another_ends_is_one():
    saturday = local("2026-03-07T12:00")
    assert quiet_until(person(NIGHT, WEEKEND), saturday, AMSTERDAM) == local("2026-03-09T07:00")


def test_the_hours_are_those_of_the_lines_zone():
    evening = local("2026-03-02T22:30")
    assert quiet_until(person(NIGHT), evening, "Europe/London") is None
    assert quiet_until(person(NIGHT), evening, "Asia/Kolkata") == local(
        "2026-03-03T07:00", "Asia/Kolkata"
    )


def test_a_quiet_that_ends_in_the_hour_that_does_not_exist_ends_as_the_clocks_go_forward():
    short = person(Hours(EVERY_DAY, dt.time(22), dt.time(2, 30)))
    assert quiet_until(short, local("2026-03-29T01:30"), AMSTERDAM) == local("2026-03-29T03:00")


def test_a_quiet_without_end_holds_nothing_for_longer_than_a_week():
    now = local("2026-03-02T12:00")
    assert quiet_until(person(Hours()), now, AMSTERDAM) == now + LONGEST_QUIET
