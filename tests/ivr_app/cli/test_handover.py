"""Whatever was swapped before: a swap moves the giver's time to the taker, and nothing else."""

import datetime as dt
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_app.cli.handover import Swap, hand_over
from ivr_app.cli.refusal import Refusal
from routing.line import Engineer, Hours, Override, Schedule, Shift
from routing.schedule.hours import Office
from routing.schedule.rota import on_call
from store.overrides import SWAP, Kept

NOW = dt.datetime(2026, 3, 28, tzinfo=dt.UTC)
HOURS = 48
OFFICE = Office((), "Europe/Amsterdam", lambda day: False)
TEAM = {name: Engineer(name, name.title(), ("+31612345601",)) for name in "abc"}

people = st.sampled_from("abc")
hours = st.builds(
    lambda start, end: Hours(start=dt.time(start), end=dt.time(end)),
    st.integers(0, 23),
    st.integers(0, 23),
)
shifts = st.lists(
    st.builds(lambda one, h: Shift(people=(one,), hours=h), people, hours), max_size=3
)
spans = st.tuples(st.integers(0, HOURS - 1), st.integers(1, 24))
pairs = st.tuples(people, people).filter(lambda pair: pair[0] != pair[1])
swaps = st.lists(st.tuples(pairs, spans), min_size=1, max_size=6)
written = st.lists(st.tuples(pairs, spans), max_size=1)


def at(hour):
    return NOW + dt.timedelta(hours=hour)


def override(pair, span):
    return Override(at(span[0]), at(span[0] + span[1]), *pair)


def by_hour(schedule, kept):
    """Who is on call, asked hour by hour."""
    after = replace(schedule, overrides=schedule.overrides + tuple(k.override for k in kept))
    return [set(on_call(after, at(hour), OFFICE)) for hour in range(HOURS + 24)]


@settings(max_examples=50, deadline=None)
@given(shifts, written, swaps)
def test_a_swap_moves_what_the_giver_had_and_nothing_else(shifts, written, swaps):
    overrides = tuple(override(*one) for one in written)
    schedule = Schedule("primary", "Europe/Amsterdam", tuple(shifts), overrides)
    kept = ()
    for number, ((give, take), (start, length)) in enumerate(swaps):
        before = by_hour(schedule, kept)
        span = at(start), at(start + length)
        swap = Swap(TEAM[give], TEAM[take], span, f"swap-{number}", NOW)
        try:
            done = hand_over(swap, schedule, kept, OFFICE)
        except Refusal:
            continue
        kept = done.kept
        assert all(k.origin == SWAP and k.override.start < k.override.end for k in kept)
        wanted = [
            people - {give} | {take}
            if start <= hour < start + length and give in people
            else people
            for hour, people in enumerate(before)
        ]
        assert by_hour(schedule, kept) == wanted
        moved = {
            h for h, people in enumerate(before) if start <= h < start + length and give in people
        }
        assert moved == {
            hour
            for since, until in done.given
            for hour in range(HOURS + 24)
            if since <= at(hour) < until
        }


def test_swaps_of_the_one_who_asks_are_never_lost():
    schedule = Schedule("primary", "UTC", (Shift(people=("a",)),))
    first = Kept(override("ab", (0, 24)), SWAP, "first", NOW)
    swap = Swap(TEAM["b"], TEAM["c"], (at(6), at(12)), "second", NOW)
    kept = hand_over(swap, schedule, [first], OFFICE).kept
    assert [(k.uid, k.override.add) for k in kept] == [
        ("first", "b"),
        ("first", "c"),
        ("first", "b"),
    ]
