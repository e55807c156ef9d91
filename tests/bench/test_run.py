"""One very small run of everything that `make bench` measures, but PostgreSQL."""

from __future__ import annotations

import re
from pathlib import Path

from devtools.bench.__main__ import PAGE, Run, Scale, measure
from devtools.bench.report import fill_page, render_figures

TINY = Scale(
    log=(100, 100),
    rounds=1,
    waves=1,
    steps=0.1,
    crowd=2,
    rates=(60,),
    goals=(60, 60),
    keeps=0.1,
    long_rounds=1,
    idle=0.01,
)


def test_each_part_of_a_run_has_its_place_in_the_page(
    redis_url: str, tmp_path: Path, capsys
) -> None:
    run = Run(TINY, redis_url, tmp_path)
    measure(run)
    tables = {name: render_figures(found) for name, found in run.figures.items()}
    page = fill_page((Path(__file__).parents[2] / PAGE).read_text(), tables)
    assert all(table in page for table in tables.values())
    assert set(re.findall(r"<!-- (\w+) -->", page)) == {*tables, "machine", "queries", "end"}
    judged = [figure.what for found in run.figures.values() for figure in found if figure.goal]
    assert {"incoming", "PIN", "confirmation", "wait", "leg key"} <= set(judged)
    assert "## capacity" in capsys.readouterr().out
