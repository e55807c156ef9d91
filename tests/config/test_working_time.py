"""Dutch working-time rules for standby: counted by hand, warned of by name."""

import datetime as dt

import pytest

from config.checks import find_warnings
from config.staffing import count_free_days, find_longest_work

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
SPRING = dt.datetime(2026, 3, 16, tzinfo=dt.UTC)
START = dt.datetime.fromisoformat("2026-11-02T09:00")


def days(*spans):
    return [(START + dt.timedelta(days=a), START + dt.timedelta(days=b)) for a, b in spans]


@pytest.mark.parametrize(
    ("held", "free"),
    [
        (days((0, 7), (14, 21)), 14),  # week on, week off
        (days((0, 7), (7, 14)), 14),
        (days((0, 15)), 13),
        (days((0, 28)), 0),
        (days((0, 0.5), (27.5, 30)), 27),
        (days(*((n, n + 0.5) for n in range(28))), 0),  # every night: no 24 hours are free
        (days(*((n, n + 0.5) for n in range(0, 28, 2))), 14),
    ],
)
def test_a_free_day_is_24_hours_on_end(held, free):
    assert count_free_days(held, START) == free


PAPER = """
line:
  name: Line
  number: "+31201234567"
  timezone: Europe/Amsterdam
  languages: [nl]
  office_hours: {days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}
  labour_rules: NL
  last_resort: "+31207654321"
engineers:
  - {id: sanne, name: Sanne de Vries, phones: "+31612345601"}
  - {id: joris, name: Joris Bakker, phones: "+31612345602"}
schedules:
  - {id: primary, shifts: [{SHIFT}]}
escalation: {steps: [{ring: [primary]}]}
"""


@pytest.fixture
def warned(read):
    """What is said of people with this shift in the only schedule that is rung."""

    def find(shift, now=NOW, paper=PAPER):
        found = find_warnings(read(paper.replace("SHIFT", shift)), now)
        return [(f.field, f.message) for f in found if "free of standby" in f.message]

    return find


TURNS = 'rotation: {every: 1 week, from: "2026-01-05T09:00", people: '


def test_week_on_week_off_is_allowed_also_when_clocks_are_changed(warned):
    assert warned(f"{TURNS}[sanne, joris]}}") == []
    assert warned(f"{TURNS}[sanne, joris]}}", SPRING) == []


def test_who_is_always_on_standby_is_named_with_window_and_rule(warned):
    ((field, message),) = warned(f"{TURNS}[sanne, [sanne, joris]]}}")
    assert field == "engineers[0]"
    assert message == (
        "sanne has 0 days free of standby in the 28 days from 2026-11-23 01:00 to 2026-12-21 01:00;"
        " the law requires at least 14 (labour_rules: NL, Arbeidstijdenwet art. 5:9)"
    )


def test_office_hours_are_no_standby(warned):
    assert warned("people: [sanne], when: office") == []
    assert warned("people: [sanne], when: outside_office") != []


def test_somebody_rung_by_name_is_always_on_standby(warned):
    named = PAPER.replace("ring: [primary]", "ring: [primary, joris]")
    assert [field for field, _ in warned("people: [sanne], when: office", paper=named)] == [
        "engineers[1]"
    ]


def test_without_the_rules_nothing_is_said(warned):
    without = PAPER.replace("  labour_rules: NL\n", "")
    assert warned(f"{TURNS}[sanne, [sanne, joris]]}}", paper=without) == []


HOUR = dt.timedelta(hours=1)


def hours(start, end):
    return START + dt.timedelta(hours=start), START + dt.timedelta(hours=end)


@pytest.mark.parametrize(
    ("call_outs", "found"),
    [
        ([hours(10, 14)], None),  # nine hours in the office, and four
        ([hours(10, 14.5)], (0, 13.5)),
        ([hours(10, 12), hours(20, 22)], None),
        ([hours(16, 21)], (0, 14)),
        ([hours(23, 24), hours(33, 36.5)], (23, 13.5)),  # the night and the day after it
    ],
)
def test_at_most_thirteen_hours_of_work_in_any_24(call_outs, found):
    begins, lasts = found or (None, None)
    expected = found and (START + begins * HOUR, lasts * HOUR)
    assert find_longest_work([hours(0, 9), hours(24, 33)], call_outs) == expected


def test_long_work_without_a_call_out_is_not_ours_to_judge():
    assert find_longest_work([hours(0, 14)], []) is None
    assert find_longest_work([hours(0, 14)], [hours(60, 61)]) is None
