"""Overrides and replacements that do nothing are found, and the one to change is named."""

import datetime as dt
from dataclasses import replace

import pytest

from config.checks import check_overrides
from config.holidays import build_office_hours
from routing.line import EVERY_DAY, Hours, Override, Replacement, Schedule, Shift

DAYTIME = Shift(("sanne",), hours=Hours(EVERY_DAY, dt.time(9), dt.time(18)))


def at(text):
    return dt.datetime.fromisoformat(f"2026-12-{text}")


def override(remove=None, add=None, start="24T09:00", end="26T09:00"):
    return Override(at(start), at(end), remove, add)


def instead(*people):
    return Replacement(at("24T00:00"), at("27T00:00"), people)


@pytest.fixture
def told(example, read):
    """The field and the reason of what does nothing in a schedule that sanne has by day."""

    def find(*overrides, instead=()):
        schedule = Schedule("primary", "Europe/Amsterdam", (DAYTIME,), overrides, instead)
        line = replace(read(example).line, schedules=(schedule,))
        return [
            (f.removeprefix("schedules[0]."), why)
            for f, why in check_overrides(line, build_office_hours(line))
        ]

    return find


JORIS_FOR_SANNE = override("sanne", "joris")


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (override("milan", "sanne"), "milan is not on call then"),
        (override("sanne", "milan"), "overrides[0] already removes sanne; change that one"),
        (override("joris"), "joris is on call then only through overrides[0]; change that one"),
        (override(add="joris", start="25T10:00", end="25T12:00"), "joris is on call then anyway"),
    ],
)
def test_an_override_that_does_nothing_names_the_one_to_change(told, second, why):
    assert told(JORIS_FOR_SANNE, second) == [("overrides[1]", f"does nothing: {why}")]


def test_what_a_later_override_brings_is_no_ground_either(told):
    ((field, why),) = told(override("joris"), JORIS_FOR_SANNE)
    assert (field, why.endswith("only through overrides[1]; change that one")) == (
        "overrides[0]",
        True,
    )


def test_an_override_while_nobody_is_to_be_removed_does_nothing(told):
    assert told(override("sanne", start="24T18:00", end="25T09:00")) != []
    assert told(override("sanne", start="24T17:00", end="25T09:00")) == []


def test_an_override_under_a_replacement_does_nothing(told):
    ((field, why),) = told(JORIS_FOR_SANNE, instead=(instead("milan"),))
    assert field == "overrides[0]"
    assert why == "does nothing: instead[0] counts for that time; change that one"


def test_a_replacement_by_the_same_people_does_nothing(told):
    same = Replacement(at("24T10:00"), at("24T12:00"), ("sanne",))
    assert told(instead=(same,)) == [
        ("instead[0]", "does nothing: the same people are on call without it")
    ]
