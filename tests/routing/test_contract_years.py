"""Contract years: every day belongs to exactly one, whatever day the contract began on."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.contracts import PremiumBundle, contract_year

A_DAY = dt.timedelta(days=1)
DAYS = st.dates(dt.date(1980, 1, 1), dt.date(2080, 12, 31))
STARTS = st.one_of(st.none(), DAYS, st.sampled_from([dt.date(2024, 2, 29), dt.date(2000, 2, 29)]))


@given(STARTS, DAYS)
def test_every_day_lies_in_the_year_that_begins_on_or_before_it(start, day):
    year = contract_year(start, day)
    assert year <= day < dt.date(year.year + 1, year.month, 1) + 31 * A_DAY
    assert contract_year(start, year) == year


@given(STARTS, DAYS)
def test_the_next_day_lies_in_the_same_year_or_begins_the_next(start, day):
    today, tomorrow = contract_year(start, day), contract_year(start, day + A_DAY)
    assert tomorrow in (today, day + A_DAY)
    assert tomorrow == today or 365 <= (tomorrow - today).days <= 366


@given(DAYS)
def test_the_day_a_contract_starts_begins_its_first_year(start):
    assert contract_year(start, start) == start


@pytest.mark.parametrize(
    ("start", "day", "year"),
    [
        ("2026-01-01", "2026-12-31", "2026-01-01"),
        ("2025-03-02", "2026-03-01", "2025-03-02"),
        ("2025-03-02", "2026-03-02", "2026-03-02"),
        ("2024-02-29", "2025-02-28", "2024-02-29"),
        ("2024-02-29", "2025-03-01", "2025-03-01"),
        ("2024-02-29", "2028-02-28", "2027-03-01"),
        ("2024-02-29", "2028-02-29", "2028-02-29"),
        ("2026-06-01", "2026-03-02", "2025-06-01"),
    ],
)
def test_a_contract_year_runs_from_the_start_day(start, day, year):
    first, when = dt.date.fromisoformat(start), dt.date.fromisoformat(day)
    assert contract_year(first, when) == dt.date.fromisoformat(year)


def test_a_contract_without_a_start_day_runs_by_calendar_years():
    assert contract_year(None, dt.date(2026, 12, 31)) == dt.date(2026, 1, 1)


@given(st.integers(0, 40), st.integers(0, 40))
def test_what_is_left_and_what_is_over_never_are_both(sold, used):
    bundle = PremiumBundle(dt.date(2026, 1, 1), sold, used)
    assert bundle.left - bundle.over == sold - used
    assert 0 in (bundle.left, bundle.over)
