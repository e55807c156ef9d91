"""Recurrence rules, beside those of a library that everybody uses."""

from __future__ import annotations

import datetime as dt
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from config.reader import WrongField
from config.recurrence import WorkBudget, find_occurrences, has_occurrence, read_rule

START = dt.datetime.fromisoformat("2026-01-05T09:30")  # a Monday
DAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
FREQS = st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
PARTS = {
    "BYMONTH": st.integers(1, 12).map(str),
    "BYMONTHDAY": st.integers(-31, 31).filter(bool).map(str),
    "BYYEARDAY": st.integers(-366, 366).filter(bool).map(str),
    "BYHOUR": st.integers(0, 23).map(str),
    "BYMINUTE": st.integers(0, 59).map(str),
}


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules on which all readers of the standard agree."""
    freq = draw(FREQS)
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}"]
    allowed = {*PARTS} - ({"BYYEARDAY"} if freq != "YEARLY" else set())
    allowed -= {"BYMONTHDAY"} if freq == "WEEKLY" else set()
    for name in draw(st.sets(st.sampled_from(sorted(allowed)), max_size=2)):
        values = draw(st.lists(PARTS[name], min_size=1, max_size=3))
        parts += [f"{name}={','.join(values)}"]
    if draw(st.booleans()):
        nth = draw(st.sampled_from(["", "1", "2", "-1"])) if freq in ("MONTHLY", "YEARLY") else ""
        days = draw(st.sets(DAYS, min_size=1, max_size=3))
        parts.append("BYDAY=" + ",".join(f"{nth}{day}" for day in sorted(days)))
    if freq == "WEEKLY":
        parts.append(f"WKST={draw(DAYS)}")
    elif len(parts) > 2 and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from(['1', '-1', '1,2']))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 20))}")
    return ";".join(parts)


@given(rules(), st.integers(0, 3000))
def test_a_rule_gives_the_times_that_dateutil_gives(text: str, later: int) -> None:
    assume(
        has_occurrence(read_rule(text), START, WorkBudget(10**6))
    )  # theirs would look until year 9999
    theirs = rrulestr(text, dtstart=START)
    first = next(
        iter(islice(theirs.between(START, dt.datetime.fromisoformat("2046-01-01"), inc=True), 1)),
        None,
    )
    # They leave out a first time that the rule does not name, and so count one more.
    assume(first == START or "COUNT" not in text)
    since = START.date() + dt.timedelta(days=later)
    until = since + dt.timedelta(days=400)
    span = (dt.datetime.combine(day, dt.time()) for day in (since, until + dt.timedelta(days=1)))
    wanted = {at for at in theirs.between(*span, inc=True) if at.date() <= until}
    ours = list(find_occurrences(read_rule(text), START, since, until, WorkBudget(10**6)))
    assert ours == sorted(wanted | ({START} if since == START.date() else set()))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", ["2026-01-05", "2027-01-04", "2028-01-03"]),
        ("FREQ=YEARLY;BYWEEKNO=-1", ["2026-01-05", "2026-12-28", "2027-12-27"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2026-01-05", "2028-02-29"]),
        ("FREQ=MONTHLY;BYDAY=MO,1TU;COUNT=4", ["2026-01-05", "2026-01-06", "2026-01-12"]),
    ],
)
def test_what_others_read_otherwise(text: str, days: list[str]) -> None:
    found = find_occurrences(
        read_rule(text), START, START.date(), dt.date(2029, 1, 1), WorkBudget(10**6)
    )
    assert [str(at.date()) for at in islice(found, len(days))] == days


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31;COUNT=3",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",  # never a leap year
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=6",
    ],
)
def test_a_rule_that_never_comes_true_is_known(text: str) -> None:
    assert not has_occurrence(read_rule(text), START, WorkBudget(10**6))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot be read"),
        ("INTERVAL=2", "how often"),
        ("FREQ=NEVER", "cannot be read: FREQ=NEVER"),
        ("FREQ=DAILY;INTERVAL=0", "cannot be read: INTERVAL=0"),
        ("FREQ=DAILY;COUNT=-1", "cannot be read: COUNT=-1"),
        ("FREQ=DAILY;COUNT=2;COUNT=3", "cannot be read: COUNT=3"),
        ("FREQ=DAILY;BYMONTH=13", "cannot be read"),
        ("FREQ=DAILY;BYMONTHDAY=0", "cannot be read"),
        ("FREQ=DAILY;BYDAY=XX", "cannot be read"),
        ("FREQ=DAILY;UNTIL=tomorrow", "not a date or time"),
        ("RSCALE=CHINESE;FREQ=YEARLY", "cannot be read: RSCALE"),
        ("FREQ=HOURLY", "more often than daily"),
        ("FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5", "more often than daily"),
        ("FREQ=YEARLY;BYWEEKNO=1;WKST=SU", "another day than Monday"),
    ],
)
def test_what_is_no_rule_says_why(text: str, why: str) -> None:
    with pytest.raises(WrongField, match=why):
        read_rule(text)


def test_one_rule_may_not_use_up_what_the_others_need() -> None:
    work = WorkBudget(100_000)
    daily = read_rule("FREQ=DAILY;COUNT=900000")
    start, since = dt.datetime.fromisoformat("1600-01-01"), dt.date(2026, 1, 1)
    with pytest.raises(WrongField, match="40000 days"):
        list(find_occurrences(daily, start, since, since, work.share(40_000)))
    weekly = read_rule("FREQ=WEEKLY")
    assert list(find_occurrences(weekly, START, since, since, work.share(40_000))) == []
    with pytest.raises(WrongField, match="too long to calculate"):
        work.spend(60_000)
