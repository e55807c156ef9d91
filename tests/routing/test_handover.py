"""When schedules change hands: who comes on, who goes off, at which instant, until when."""

import datetime as dt
from dataclasses import replace

import pytest

from routing.contracts.plans import CoveredHours, Plan, PlanLevel
from routing.line import (
    Condition,
    Escalation,
    Hours,
    Override,
    Rotation,
    Route,
    Schedule,
    Shift,
    Step,
)
from routing.oncall.handover import handover_at, handovers, rung_schedules, stays_until
from routing.oncall.hours import OfficeHours
from routing.oncall.rota import on_call
from tests.routing.floor import LINE

AMSTERDAM = "Europe/Amsterdam"
OFFICE = OfficeHours((Hours(),), AMSTERDAM, lambda day: False)
DAY = dt.timedelta(days=1)


def at(text):
    return dt.datetime.fromisoformat(text)


WEEKLY = Rotation(
    1, "week", dt.datetime.fromisoformat("2026-01-05T09:00"), (("sanne",), ("joris",))
)
ROTA = Schedule("primary", AMSTERDAM, (Shift(rotation=WEEKLY),))


def changes(schedule, start, end):
    found = handovers(schedule, at(start), at(end), OFFICE)
    return [(f"{one.at:%m-%dT%H:%M}", one.on, one.off) for one in found]


def test_a_rotation_hands_over_at_nine_in_winter_and_in_summer():
    assert changes(ROTA, "2026-03-16T00:00Z", "2026-04-01T00:00Z") == [
        ("03-16T08:00", ("sanne",), ("joris",)),
        ("03-23T08:00", ("joris",), ("sanne",)),
        ("03-30T07:00", ("sanne",), ("joris",)),
    ]


def test_the_first_instant_counts_and_the_last_does_not():
    assert len(changes(ROTA, "2026-03-16T08:00Z", "2026-03-23T08:00Z")) == 1
    assert handover_at(ROTA, at("2026-03-16T08:00Z"), OFFICE).on == ("sanne",)
    assert handover_at(ROTA, at("2026-03-16T08:01Z"), OFFICE) is None


def test_a_shift_across_midnight_comes_on_once_and_after_nobody():
    hours = Hours(start=dt.time(22), end=dt.time(7))
    nightly = Schedule("night", AMSTERDAM, (Shift(("joris",), hours=hours),))
    assert changes(nightly, "2026-03-02T12:00Z", "2026-03-04T12:00Z") == [
        ("03-02T21:00", ("joris",), ()),
        ("03-03T21:00", ("joris",), ()),
    ]
    assert stays_until(nightly, "joris", at("2026-03-02T21:00Z"), OFFICE) == at("2026-03-03T06:00Z")


def test_whoever_was_on_call_already_does_not_come_on():
    both = replace(WEEKLY, people=(("sanne", "joris"), ("sanne", "milan")))
    pairs = Schedule("primary", AMSTERDAM, (Shift(rotation=both),))
    (first, _) = changes(pairs, "2026-03-16T00:00Z", "2026-03-24T00:00Z")
    assert first == ("03-16T08:00", ("joris",), ("milan",))


def test_a_swap_hands_over_to_whoever_takes_it_and_back():
    swap = Override(at("2026-03-17T17:00Z"), at("2026-03-18T08:00Z"), "sanne", "joris")
    swapped = replace(ROTA, overrides=(swap,))
    assert changes(swapped, "2026-03-17T00:00Z", "2026-03-19T00:00Z") == [
        ("03-17T17:00", ("joris",), ("sanne",)),
        ("03-18T08:00", ("sanne",), ("joris",)),
    ]
    assert stays_until(swapped, "sanne", at("2026-03-16T08:00Z"), OFFICE) == swap.start


@pytest.mark.parametrize(
    ("day", "begins"), [("2026-03-28", "2026-03-29T01:00Z"), ("2026-10-24", "2026-10-25T00:30Z")]
)
def test_where_clocks_change_a_handover_is_one_instant(day, begins):
    early = Shift(("sanne",), hours=Hours(start=dt.time(2, 30), end=dt.time(12)))
    rota = Schedule("early", AMSTERDAM, (early,))
    (only,) = handovers(rota, at(f"{day}T12:00Z"), at(f"{day}T12:00Z") + DAY, OFFICE)
    assert only.at == at(begins)


def test_every_handover_is_a_difference_from_the_moment_before():
    hourly = Rotation(
        1,
        "hour",
        dt.datetime.fromisoformat("2026-01-05T09:00"),
        (("sanne",), ("joris",), ("milan",)),
    )
    rota = Schedule("hourly", AMSTERDAM, (Shift(rotation=hourly),))
    found = list(handovers(rota, at("2026-10-24T20:00Z"), at("2026-10-25T06:00Z"), OFFICE))
    assert len(found) == 9  # ten hours, of which the clocks show one twice
    for one in found:
        before = set(on_call(rota, one.at - dt.timedelta(seconds=1), OFFICE))
        after = set(on_call(rota, one.at, OFFICE))
        assert (set(one.on), set(one.off)) == (after - before, before - after)


def test_a_duty_without_an_end_has_none():
    always = Schedule("primary", AMSTERDAM, (Shift(("sanne",)),))
    assert stays_until(always, "sanne", at("2026-03-16T08:00Z"), OFFICE) is None


def test_only_schedules_that_are_rung_for_level_1_are_told_of():
    names = ("primary", "secondary", "desk", "french", "late", "paper")
    line = replace(
        LINE,
        schedules=tuple(Schedule(name, AMSTERDAM) for name in names),
        escalation=Escalation((Step(("primary", "joris")), Step(("secondary",)))),
        desk=Step(("desk",)),
        routes=(
            Route(Condition(("fr",)), Escalation((Step(("french",)),))),
            Route(Condition(("en",)), desk=Step(("late",))),
        ),
    )
    assert [schedule.id for schedule in rung_schedules(line)] == ["primary", "secondary", "french"]


def test_a_desk_that_is_also_a_step_of_the_escalation_is_told_of():
    line = replace(
        LINE,
        schedules=(Schedule("desk", AMSTERDAM),),
        escalation=Escalation((Step(("desk",)),)),
        desk=Step(("desk",)),
    )
    assert [schedule.id for schedule in rung_schedules(line)] == ["desk"]


def test_people_whom_a_plan_calls_out_are_told_of_their_shift():
    always, office = PlanLevel(CoveredHours.ALWAYS, ring=("night",)), PlanLevel(ring=("day",))
    first = PlanLevel(CoveredHours.OFFICE, ring=("large",))
    plan = Plan("e", (("nl", "E"),), 1, levels=((1, first), (2, always), (3, office)))
    names = ("night", "day", "large", "spare")
    line = replace(
        LINE, schedules=tuple(Schedule(name, AMSTERDAM) for name in names), plans=(plan,)
    )
    assert [schedule.id for schedule in rung_schedules(line)] == ["night", "large"]
