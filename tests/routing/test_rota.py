"""Who is on call: shifts, rotations, overrides and replacements, over both changes of the clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from routing.line import EVERY_DAY, Hours, Override, Replacement, Rotation, Schedule, Shift
from routing.oncall.hours import OfficeHours
from routing.oncall.rota import on_call, segments

AMSTERDAM = "Europe/Amsterdam"
NINE_TO_SIX = Hours(EVERY_DAY[:5], dt.time(9), dt.time(18))
OFFICE = OfficeHours((NINE_TO_SIX,), AMSTERDAM, {dt.date(2026, 12, 25)}.__contains__)


def at(text):
    return dt.datetime.fromisoformat(text)


def local(text, zone=AMSTERDAM):
    return at(text).replace(tzinfo=ZoneInfo(zone))


def schedule(*shifts, zone=AMSTERDAM, **exceptions):
    return Schedule("primary", zone, shifts, **exceptions)


def turns(count, unit, start, *people):
    return Shift(rotation=Rotation(count, unit, at(start), tuple((p,) for p in people)))


def hours(days, start, end):
    return Hours(tuple(days.split()), dt.time.fromisoformat(start), dt.time.fromisoformat(end))


WEEKLY = turns(1, "week", "2026-01-05T09:00", "sanne", "joris")
NIGHT = Shift(("sanne",), hours=hours("sat sun", "17:00", "01:00"))


@pytest.mark.parametrize(
    ("shift", "moment", "people"),
    [
        (WEEKLY, "2026-01-05T09:00", ("sanne",)),
        (WEEKLY, "2026-01-12T08:59:59", ("sanne",)),
        (WEEKLY, "2026-01-12T09:00", ("joris",)),
        (WEEKLY, "2026-01-05T08:59", ("joris",)),  # k = -1
        (WEEKLY, "2026-07-06T09:00", ("sanne",)),  # nine on the wall, summer or winter
        (WEEKLY, "2026-07-06T08:59", ("joris",)),
        (turns(1, "month", "2026-01-28T00:00", "sanne", "joris"), "2026-02-27T23:59", ("sanne",)),
        (turns(1, "month", "2026-01-28T00:00", "sanne", "joris"), "2026-02-28T00:00", ("joris",)),
        (turns(1, "month", "2026-01-15T09:00", "sanne", "joris"), "2026-02-15T08:59", ("sanne",)),
        (turns(1, "month", "2026-01-15T09:00", "sanne", "joris"), "2026-02-15T09:00", ("joris",)),
        (turns(2, "month", "2026-01-01T00:00", "sanne", "joris"), "2025-12-31T23:59", ("joris",)),
        (turns(2, "month", "2026-01-01T00:00", "sanne", "joris"), "2025-10-31T23:59", ("sanne",)),
        (turns(12, "hour", "2026-01-01T08:00", "sanne", "joris"), "2046-01-01T07:59", ("joris",)),
        (NIGHT, "2026-11-21T16:59", ()),
        (NIGHT, "2026-11-21T17:00", ("sanne",)),
        (NIGHT, "2026-11-22T00:59", ("sanne",)),
        (NIGHT, "2026-11-22T01:00", ()),
        (NIGHT, "2026-11-23T00:59", ("sanne",)),  # Monday, and Sunday's shift
        (NIGHT, "2026-11-21T00:30", ()),  # Saturday, and Friday has none
        (Shift(("joris",), when="office"), "2026-11-20T09:00", ("joris",)),
        (Shift(("joris",), when="office"), "2026-12-25T09:00", ()),
        (Shift(("joris",), when="outside_office"), "2026-12-25T09:00", ("joris",)),
    ],
)
def test_a_shift_is_on_call_in_its_hours(shift, moment, people):
    assert on_call(schedule(shift), local(moment), OFFICE) == people


def test_a_turn_may_be_shared_and_everyone_whose_shift_covers_the_moment_is_on_call():
    pair = Rotation(1, "day", at("2026-01-05T09:00"), (("sanne", "joris"), ("milan",)))
    both = schedule(Shift(rotation=pair), Shift(("milan",)))
    assert on_call(both, local("2026-01-05T10:00"), OFFICE) == ("joris", "milan", "sanne")
    assert on_call(both, local("2026-01-06T10:00"), OFFICE) == ("milan",)


FROM, TO = at("2026-12-24T18:00"), at("2026-12-26T09:00")
JORIS_FOR_SANNE = Override(FROM, TO, "sanne", "joris")


@pytest.mark.parametrize(
    ("people", "overrides", "after"),
    [
        (("sanne",), [JORIS_FOR_SANNE], ("joris",)),
        (("milan",), [JORIS_FOR_SANNE], ("milan",)),
        (("sanne",), [Override(FROM, TO, remove="sanne")], ()),
        (("sanne",), [Override(FROM, TO, add="joris")], ("joris", "sanne")),
        (("sanne",), [JORIS_FOR_SANNE, Override(FROM, TO, "sanne", "milan")], ("joris",)),
        (("sanne",), [JORIS_FOR_SANNE, Override(FROM, TO, "joris", "milan")], ("joris",)),
        (("sanne",), [Override(FROM, TO, "joris", "milan"), JORIS_FOR_SANNE], ("joris",)),
        (("sanne",), [Override(FROM, TO, remove="sanne"), JORIS_FOR_SANNE], ()),
    ],
)
def test_an_override_acts_on_the_shifts_and_on_nothing_else(people, overrides, after):
    rota = schedule(Shift(people), overrides=tuple(overrides))
    assert on_call(rota, local("2026-12-24T17:59:59"), OFFICE) == people
    assert on_call(rota, local("2026-12-24T18:00"), OFFICE) == after
    assert on_call(rota, local("2026-12-26T08:59:59"), OFFICE) == after
    assert on_call(rota, local("2026-12-26T09:00"), OFFICE) == people


def test_instead_replaces_shifts_and_overrides_and_may_leave_nobody():
    rota = schedule(
        Shift(("sanne",)),
        overrides=(JORIS_FOR_SANNE,),
        instead=(Replacement(at("2026-12-25T00:00"), at("2026-12-25T12:00"), ()),),
    )
    assert on_call(rota, local("2026-12-24T23:59"), OFFICE) == ("joris",)
    assert on_call(rota, local("2026-12-25T00:00"), OFFICE) == ()
    assert on_call(rota, local("2026-12-25T12:00"), OFFICE) == ("joris",)


def test_times_with_an_offset_hold_everywhere():
    noon_utc = Replacement(at("2026-12-24T12:00Z"), at("2026-12-24T13:00+00:00"), ("joris",))
    rota = schedule(Shift(("sanne",)), zone="Asia/Kolkata", instead=(noon_utc,))
    assert on_call(rota, local("2026-12-24T17:29", "Asia/Kolkata"), OFFICE) == ("sanne",)
    assert on_call(rota, local("2026-12-24T17:30", "Asia/Kolkata"), OFFICE) == ("joris",)


def test_segments_join_what_is_equal_and_show_gaps():
    rota = schedule(Shift(("sanne",), hours=hours("sat sun", "00:00", "00:00")))
    found = list(segments(rota, local("2026-11-20T12:00"), local("2026-11-24T00:00"), OFFICE))
    assert [(s.start, s.end, s.on_call) for s in found] == [
        (local("2026-11-20T12:00"), local("2026-11-21T00:00"), ()),
        (local("2026-11-21T00:00"), local("2026-11-23T00:00"), ("sanne",)),
        (local("2026-11-23T00:00"), local("2026-11-24T00:00"), ()),
    ]


def test_no_time_has_no_segments():
    noon = local("2026-11-20T12:00")
    assert list(segments(schedule(WEEKLY), noon, noon, OFFICE)) == []
