"""Whatever was changed before: a change moves the giver's time to the taker, and nothing else."""

import datetime as dt
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.line import Engineer, Hours, Override, Schedule, Shift
from routing.oncall.hours import OfficeHours
from routing.oncall.rota import on_call
from service.refusals import ShiftRefusedError
from service.shifts.change import ShiftChange, exchange_shifts
from store.people.overrides import SWAP, StoredOverride

NOW = dt.datetime(2026, 3, 28, tzinfo=dt.UTC)
HOURS = 48
OFFICE = OfficeHours((), "Europe/Amsterdam", lambda day: False)
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
maybe = st.one_of(st.none(), people)
hands = st.tuples(maybe, maybe).filter(lambda pair: pair[0] != pair[1])
changes = st.lists(st.tuples(hands, spans), min_size=1, max_size=6)
written = st.lists(st.tuples(pairs, spans), max_size=1)


def at(hour):
    return NOW + dt.timedelta(hours=hour)


def override(pair, span):
    return Override(at(span[0]), at(span[0] + span[1]), *pair)


def by_hour(schedule, kept):
    """Who is on call, asked hour by hour."""
    after = replace(schedule, overrides=schedule.overrides + tuple(k.override for k in kept))
    return [set(on_call(after, at(hour), OFFICE)) for hour in range(HOURS + 24)]


@settings(max_examples=80, deadline=None)
@given(shifts, written, changes)
def test_a_change_moves_what_was_given_and_nothing_else(shifts, written, changes):
    overrides = tuple(override(*one) for one in written)
    schedule = Schedule("primary", "Europe/Amsterdam", tuple(shifts), overrides)
    kept = ()
    for number, ((give, take), (start, length)) in enumerate(changes):
        before = by_hour(schedule, kept)
        span = at(start), at(start + length)
        change = ShiftChange(TEAM.get(give), TEAM.get(take), span, f"uid-{number}", NOW)
        try:
            done = exchange_shifts(change, schedule, kept, OFFICE)
        except ShiftRefusedError:
            continue
        kept = done.kept
        assert all(k.by_hand and k.override.start < k.override.end for k in kept)
        assert all(k.override.add or k.override.remove for k in kept)
        moved = {
            hour
            for hour, people in enumerate(before)
            if start <= hour < start + length and (give in people if give else take not in people)
        }
        wanted = [
            people - {give} | ({take} if take else set()) if hour in moved else people
            for hour, people in enumerate(before)
        ]
        assert by_hour(schedule, kept) == wanted
        assert moved == {
            hour
            for since, until in done.given
            for hour in range(HOURS + 24)
            if since <= at(hour) < until
        }


def test_swaps_of_the_one_who_asks_are_never_lost():
    schedule = Schedule("primary", "UTC", (Shift(people=("a",)),))
    first = StoredOverride(override("ab", (0, 24)), SWAP, "first", NOW)
    swap = ShiftChange(TEAM["b"], TEAM["c"], (at(6), at(12)), "second", NOW)
    kept = exchange_shifts(swap, schedule, [first], OFFICE).kept
    assert [(k.uid, k.override.add) for k in kept] == [
        ("first", "b"),
        ("first", "c"),
        ("first", "b"),
    ]
