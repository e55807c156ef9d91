"""The demo's office hours: whatever the hour is, the desk is there, or the night is shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from config.holidays import build_office_hours
from devtools.demo.cast import read_cast
from devtools.demo.hours import write_line
from devtools.demo.site import DemoError
from routing.oncall.rota import on_call

CHRISTMAS = dt.date(2026, 12, 25)
HOURS = [dt.datetime(2026, 12, day, 2, tzinfo=dt.UTC) for day in (5, 25, 26)]


def at_the_desk(line, at):
    (desk,) = [schedule for schedule in line.schedules if schedule.id == "desk"]
    return tuple(on_call(desk, at, build_office_hours(line)))


@pytest.mark.parametrize("at", HOURS)
def test_one_is_at_the_desk_at_any_hour_of_a_weekend_or_a_holiday(tmp_path: Path, at) -> None:
    line = read_cast(write_line(tmp_path, at.date(), {})).line
    assert at_the_desk(line, at) == ("joris",)


@pytest.mark.parametrize("at", HOURS)
def test_closed_nobody_is_there_and_it_opens_within_the_week(tmp_path: Path, at) -> None:
    line = read_cast(write_line(tmp_path, at.date(), {"DEMO_OFFICE": "closed"})).line
    assert at_the_desk(line, at) == ()
    in_three_days = dt.datetime.combine(at.date(), dt.time(11), dt.UTC) + dt.timedelta(days=3)
    assert at_the_desk(line, in_three_days) == ("joris",)


def test_another_word_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="open or closed, not perhaps"):
        write_line(tmp_path, CHRISTMAS, {"DEMO_OFFICE": "perhaps"})
