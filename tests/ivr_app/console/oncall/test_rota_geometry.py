"""The geometry of the rota: bars keep their order and their place, also when clocks are changed."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.line import parse_line_file
from ivr_app.console.drawing import WIDTH, TimeScale
from ivr_app.console.oncall.timeline import (
    FOOT,
    build_grid,
    draw_days,
    draw_lanes,
    draw_rota,
    find_midnight,
    find_month,
    find_place,
    find_week,
    find_whole_weeks,
    read_day,
)
from routing.line import Hours, Override, Schedule, Shift
from routing.oncall.hours import OfficeHours
from routing.oncall.rota import on_call
from tests.ivr_app.cli.conftest import PAPER

HERE = ZoneInfo("Europe/Amsterdam")
MARCH, OCTOBER = dt.date(2026, 3, 25), dt.date(2026, 10, 21)
PLAIN = dt.date(2026, 3, 4)
HOUR = dt.timedelta(hours=1)
LINE = parse_line_file(PAPER, lambda pin, owner: "").line
OFFICE = OfficeHours(LINE.office_hours, LINE.timezone, lambda day: False)

people = st.sampled_from(["sanne", "joris"])
hours = st.builds(
    lambda start, end: Hours(start=dt.time(start), end=dt.time(end)),
    st.integers(0, 23),
    st.integers(0, 23),
)
shifts = st.lists(st.builds(lambda one, at: Shift((one,), hours=at), people, hours), max_size=4)
weeks = st.sampled_from([MARCH, OCTOBER, PLAIN]).map(lambda day: find_week(day, HERE))


def line_of(*schedules):
    return replace(LINE, schedules=schedules)


def primary(*shifts, **more):
    return Schedule("primary", HERE.key, shifts, **more)


@settings(max_examples=40, deadline=None)
@given(shifts, weeks)
def test_bars_and_gaps_are_who_is_on_call_at_any_hour_of_any_week(shifts, week):
    schedule = primary(*shifts)
    (lane,) = draw_lanes(line_of(schedule), week, OFFICE)
    start, end = week.span
    scale = TimeScale(start, end)
    for hour in range(round((end - start) / dt.timedelta(hours=1))):
        at = start + dt.timedelta(hours=hour, minutes=30)
        x = scale.x(at)
        drawn = sorted(bar.person for bar in lane.bars if bar.x < x < bar.x + bar.width)
        empty = any(gap.x < x < gap.x + gap.width for gap in lane.gaps)
        assert (tuple(drawn), empty) == (on_call(schedule, at, OFFICE), not drawn)


@settings(max_examples=40, deadline=None)
@given(shifts, weeks)
def test_bars_of_one_row_never_overlap_and_stay_within_the_drawing(shifts, week):
    (lane,) = draw_lanes(line_of(primary(*shifts)), week, OFFICE)
    for row in range(lane.rows):
        ours = [bar for bar in lane.bars if bar.row == row]
        assert all(one.x + one.width <= after.x + 1e-6 for one, after in pairwise(ours))
        assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH + 1e-6 for bar in ours)


@pytest.mark.parametrize(("day", "length"), [(MARCH, 23), (OCTOBER, 25)])
def test_the_day_on_which_clocks_are_changed_is_as_wide_as_it_is_long(day, length):
    *others, sunday = draw_days(find_week(day, HERE), OFFICE)
    assert (sunday.hours, [one.hours for one in others]) == (length, [24] * 6)
    assert sunday.width / others[0].width == pytest.approx(length / 24)
    assert sunday.x + sunday.width == pytest.approx(WIDTH)


@pytest.mark.parametrize(("day", "begins"), [(MARCH, 7), (OCTOBER, 8)])
def test_a_shift_begins_by_the_clock_of_the_wall_also_after_it_was_changed(day, begins):
    week = find_week(day, HERE)
    nine = Shift(("sanne",), hours=Hours(("sun",), dt.time(9), dt.time(18)))
    (lane,) = draw_lanes(line_of(primary(nine)), week, OFFICE)
    (bar,) = lane.bars
    sunday = week.first + dt.timedelta(days=6)
    assert bar.shift[0] == dt.datetime.combine(sunday, dt.time(begins), dt.UTC)
    assert bar.x == pytest.approx(TimeScale(*week.span).x(bar.shift[0]))


@pytest.mark.parametrize(("day", "stops"), [(MARCH, 334), (PLAIN, 336), (OCTOBER, 338)])
def test_every_half_hour_that_there_is_can_be_chosen_and_no_other(day, stops):
    found = draw_rota(LINE, find_week(day, HERE), dt.datetime.now(dt.UTC)).stops.split()
    assert (len(found), found[0][-5:], found[-1][-5:]) == (stops + 1, "00:00", "00:00")
    sunday = [stop for stop in found if stop.startswith(found[-3][:10])]
    twice = {MARCH: 0, PLAIN: 1, OCTOBER: 2}[day]
    assert [stop[-5:] for stop in sunday].count("02:30") == twice


def test_a_shift_is_known_as_a_whole_where_only_a_part_of_it_is_drawn():
    night = Shift(("joris",), hours=Hours(("sun",), dt.time(18), dt.time(9)))
    (lane,) = draw_lanes(line_of(primary(night)), find_week(PLAIN, HERE), OFFICE)
    first = lane.bars[0]
    assert first.x == 0
    assert first.shift[0] == dt.datetime(2026, 3, 1, 17, tzinfo=dt.UTC)


def test_what_has_no_end_in_sight_is_a_shift_of_the_days_that_are_drawn():
    week = find_week(PLAIN, HERE)
    (lane,) = draw_lanes(line_of(primary(Shift(("sanne",)))), week, OFFICE)
    assert [bar.shift for bar in lane.bars] == [week.span]


def test_lanes_stand_below_each_other():
    drawn = draw_lanes(LINE, find_week(PLAIN, HERE), OFFICE)
    assert [lane.schedule.id for lane in drawn] == ["primary", "night"]
    assert all(one.y + one.height + FOOT == after.y for one, after in pairwise(drawn))


def test_a_desk_lacks_nobody_while_the_office_is_closed_and_what_nothing_rings_never_does():
    desk = Schedule("desk", HERE.key, (Shift(("joris",), hours=Hours(end=dt.time(12))),))
    unused = Schedule("unused", HERE.key)
    step = replace(LINE.escalation.steps[0], ring=("desk",))
    line = replace(LINE, schedules=(desk, unused), desk=step)
    sat, idle = draw_lanes(line, find_week(PLAIN, HERE), OFFICE)
    noon = [(gap.span[0].hour, gap.span[1].hour) for gap in sat.gaps]
    assert noon == [(11, 17)] * 5
    assert (list(idle.gaps), idle.rows) == ([], 1)


def test_now_is_drawn_only_in_the_days_in_which_it_lies():
    week = find_week(PLAIN, HERE)
    start, end = week.span
    assert find_place(week, start) == 0
    assert (find_place(week, end), find_place(week, start - dt.timedelta(seconds=1))) == (
        None,
        None,
    )


def test_a_month_is_the_whole_weeks_that_it_touches_with_what_each_day_holds():
    noon = find_midnight(MARCH, HERE) + 12 * HOUR
    hole = Override(noon, noon + 2 * HOUR, remove="sanne")
    line = line_of(primary(Shift(("sanne",)), overrides=(hole,)))
    month = find_month(MARCH, HERE)
    weeks = build_grid(line, month, OFFICE)
    assert [len(week) for week in weeks] == [7] * 6
    assert (weeks[0][0].date, weeks[-1][-1].date) == (dt.date(2026, 2, 23), dt.date(2026, 4, 5))
    assert sum(day.inside for week in weeks for day in week) == 31
    (duty,) = weeks[4][2].duties
    assert [(turn.person, turn.since and turn.since.hour) for turn in duty.turns] == [
        ("sanne", None),
        ("sanne", 13),
    ]
    assert [(start.hour, end.hour) for start, end in duty.gaps] == [(11, 13)]


def test_weeks_and_months_begin_where_clocks_say():
    assert find_week(MARCH, HERE).first == dt.date(2026, 3, 23)
    assert find_month(dt.date(2026, 12, 31), HERE).after == dt.date(2027, 1, 1)
    assert find_whole_weeks(find_month(dt.date(2026, 6, 15), HERE)).first == dt.date(2026, 6, 1)
    assert find_midnight(dt.date(2026, 3, 30), HERE) == dt.datetime(2026, 3, 29, 22, tzinfo=dt.UTC)


@pytest.mark.parametrize("written", [None, "", "yesterday", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_today(written):
    assert read_day(written, PLAIN) == PLAIN
