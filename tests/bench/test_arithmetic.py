"""The arithmetic of the benchmarks."""

from __future__ import annotations

from devtools.bench.figures import percentile, ratio
from devtools.bench.markdown import table


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, share) for share in (0, 0.5, 0.8, 0.81, 1)] == [1, 3, 4, 5, 5]
    assert percentile([7.0], 0.99) == 7


def test_a_ratio_is_of_what_was_measured_side_by_side() -> None:
    assert ratio([1, 10, 3], [2, 20, 1]) == 0.5, "all of one against all of the other is 0.61"


def test_a_table_has_a_line_for_each_row() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
