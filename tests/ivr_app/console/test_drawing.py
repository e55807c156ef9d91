"""The geometry of a timeline: whatever happened, bars keep their order and their place."""

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ivr_app.console.drawing import (
    MARKS,
    SMALLEST_WIDTH,
    TICK_DISTANCE,
    WIDTH,
    Span,
    TimeScale,
    draw_bars,
    draw_ticks,
    find_spans,
    format_elapsed,
)

START = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
A_WEEK = 7 * 24 * 3600 * 1000


def at(milliseconds):
    return START + dt.timedelta(milliseconds=milliseconds)


moments = st.integers(-1000, A_WEEK).map(at)
scales = st.integers(0, A_WEEK).map(lambda end: TimeScale(START, at(end)))
some_spans = st.lists(
    st.tuples(moments, moments, st.sampled_from(["menu", "waiting", "talking"])).map(
        lambda it: Span(it[2], min(it[:2]), max(it[:2]))
    ),
    max_size=12,
)
CHANGES = st.lists(st.tuples(moments, st.sampled_from([None, "menu", "waiting"])), max_size=12)


@given(scales, some_spans)
def test_bars_of_a_lane_never_overlap_and_stay_within_the_drawing(scale, some):
    drawn = draw_bars(scale, some)
    assert [bar.span for bar in drawn] == sorted(some, key=lambda span: (span.start, span.end))
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH + 1e-9 for bar in drawn)
    assert all(one.x + one.width <= next_.x + 1e-9 for one, next_ in pairwise(drawn))


@given(scales, st.lists(moments, min_size=2))
def test_what_came_a_millisecond_later_never_stands_further_left(scale, some):
    places = [scale.x(each) for each in sorted(some)]
    assert places == sorted(places)
    within = [each for each in sorted(set(some)) if scale.start <= each <= scale.end]
    assert len({scale.x(each) for each in within}) == len(within) or scale.seconds == 0.001


def test_a_bar_is_as_wide_as_its_time_and_a_short_one_is_seen():
    scale = TimeScale(START, at(100_000))
    drawn = draw_bars(
        scale, [Span("menu", START, at(25_000)), Span("talking", at(50_000), at(50_001))]
    )
    assert [(bar.x, bar.width) for bar in drawn] == [(0, 250), (500, SMALLEST_WIDTH)]


def test_a_short_bar_leaves_room_for_the_next():
    scale = TimeScale(START, at(100_000))
    drawn = draw_bars(scale, [Span("menu", START, at(100)), Span("waiting", at(100), at(50_000))])
    assert [(bar.x, bar.width) for bar in drawn] == [(0, 1), (1, 499)]


@given(CHANGES, moments)
def test_what_somebody_did_follows_from_when_it_changed(changes, end):
    known = [change for change in changes if change[0] <= end]
    found = find_spans(known, end)
    assert all(span.start < span.end <= end for span in found)
    assert all(one.end <= next_.start for one, next_ in pairwise(found))
    assert all(one.kind != next_.kind for one, next_ in pairwise(found) if one.end == next_.start)
    ordered = sorted(known, key=lambda each: each[0])
    for (start, kind), (until, _) in pairwise([*ordered, (end, None)]):
        if start < until:
            doing = [span.kind for span in found if span.start <= start < span.end]
            assert doing == ([kind] if kind else [])


@given(scales, st.lists(moments, max_size=60))
def test_every_step_has_its_number_once_and_no_two_labels_touch(scale, some):
    ordered = sorted(some)
    drawn = draw_ticks(scale, ordered)
    seen = [n for n, each in enumerate(ordered, start=1) if scale.start <= each <= scale.end]
    assert [n for tick in drawn for n in range(tick.first, tick.last + 1)] == seen
    assert all(tick.left >= 0 and tick.left + tick.width <= WIDTH for tick in drawn)
    assert all(
        one.left + one.width + TICK_DISTANCE <= next_.left + 1e-9 for one, next_ in pairwise(drawn)
    )


@given(st.integers(0, A_WEEK * 60))
def test_an_axis_has_a_few_marks_that_begin_at_nothing(end):
    marks = TimeScale(START, at(end)).marks()
    assert marks[0] == (0, "0:00")
    assert len(marks) <= MARKS + 1
    assert all(0 <= x <= WIDTH for x, _ in marks)


def test_times_since_the_beginning_read_as_a_clock():
    assert [format_elapsed(s) for s in (0, 9, 90, 3600, 93784)] == [
        "0:00",
        "0:09",
        "1:30",
        "1:00:00",
        "26:03:04",
    ]
