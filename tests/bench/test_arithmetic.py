"""The arithmetic of the benchmarks."""

from __future__ import annotations

import pytest

from devtools.bench.capacity import Try, _reach
from devtools.bench.figures import Figure, Verdict, divide, percentile, weigh
from devtools.bench.report import fill_page, list_missed, render_figures

GOALS = [
    ([1.5, 1.6, 1.4], Verdict.MET),
    ([1.5, 1.7, 1.9], Verdict.UNCLEAR),
    ([1.7, 1.8, 1.9], Verdict.MISSED),
    ([float("inf")], Verdict.MISSED),
]


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, share) for share in (0, 0.5, 0.8, 0.81, 1)] == [1, 3, 4, 5, 5]
    assert percentile([7.0], 0.99) == 7


def test_a_ratio_is_of_what_was_measured_side_by_side() -> None:
    ratios = Figure("all of one against all of the other is 0.61", divide([1, 10, 3], [2, 20, 1]))
    assert ratios.middle == 0.5
    assert ratios.spread == (0.5, 1.75)


def test_a_mean_counts_each_figure_as_often_as_it_comes() -> None:
    ratios = {"wait": [1.0, 2.0], "status": [4.0, 8.0], "not in the mean": [100.0, 100.0]}
    assert weigh(ratios, {"wait": 2, "status": 1}) == [2.0, 4.0]


@pytest.mark.parametrize(("values", "verdict"), GOALS)
def test_a_goal_is_missed_when_the_whole_spread_is_beyond_it(
    values: list[float], verdict: Verdict
) -> None:
    assert Figure("at most", values, goal=1.6).verdict is verdict
    turned = [-value for value in values]
    assert Figure("at least", turned, goal=-1.6, at_least=True).verdict is verdict


def test_a_pace_counts_if_every_try_held_it() -> None:
    pace = Figure("a minute", [2100, 1500, 2100], "", 1800, at_least=True, every=True)
    assert (pace.middle, pace.spread, pace.verdict) == (1500, (1500, 2100), Verdict.UNCLEAR)


def test_a_figure_stands_beside_its_goal() -> None:
    figures = [
        Figure("wait", [1.5, 1.7, 1.6, 1.5, 1.5], goal=1.6, note="5 a call"),
        Figure("calls a minute", [1500.0], "", 1800, at_least=True),
        Figure("p50", [4.25], "ms"),
    ]
    assert render_figures(figures).splitlines()[2:] == [
        "| wait | 1.50 × | 1.50 – 1.60 | ≤ 1.6 × | met | 5 a call |",
        "| calls a minute | 1,500 |  | ≥ 1,800 | **missed** |  |",
        "| p50 | 4.2 ms |  |  |  |  |",
    ]
    assert list_missed(figures) == ["calls a minute: 1,500, goal ≥ 1,800"]


def test_a_run_replaces_the_tables_of_the_page_and_nothing_else() -> None:
    page = "# By hand\n<!-- idle -->\nold\n<!-- end -->\nWhy.\n<!-- steps -->\nold\n<!-- end -->\n"
    filled = fill_page(page, {"idle": "| \\1 |\n"})
    assert filled == page.replace("old", "| \\1 |", 1)
    with pytest.raises(ValueError, match="no place for rings"):
        fill_page(page, {"rings": ""})


def test_a_pace_is_reached_if_the_try_held_it_and_all_below() -> None:
    held, late = (Try(0.01, p99, 0.02, {}) for p99 in (0.05, 0.2))
    tried = {1800: [held, late, held], 1500: [held, held, held], 2100: [late]}
    assert [_reach(tried, number) for number in range(3)] == [1800, 1500, 1800]
