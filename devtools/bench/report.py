"""What a run found: printed while it runs, and put into the page between its marks.

The page is written by hand; a run replaces only the tables between ``<!-- NAME -->`` and
``<!-- end -->``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from devtools.bench.figures import Figure, Verdict

HEADING = ("", "median", "spread", "goal", "", "")


def render_figures(figures: Iterable[Figure]) -> str:
    """A table in Markdown: a row for each figure, its goal beside it."""
    return render_table(HEADING, (_row(figure) for figure in figures))


def render_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def fill_page(page: str, tables: Mapping[str, str]) -> str:
    """The page with new tables; what is not named stays as it is. Raises ValueError for a table
    that the page has no place for."""
    for name, table in tables.items():
        place = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not place.search(page):
            raise ValueError(f"the page has no place for {name}")
        page = place.sub(rf"\g<1>{_escape(table)}\g<2>", page)
    return page


def _escape(text: str) -> str:
    return text.replace("\\", r"\\")


def list_missed(figures: Iterable[Figure]) -> list[str]:
    """The figures that miss their goals by more than their spread, a line each."""
    return [
        f"{figure.what}: {_spell(figure, figure.middle)}, goal {_spell_goal(figure)}"
        for figure in figures
        if figure.verdict is Verdict.MISSED
    ]


def _row(figure: Figure) -> Sequence[str]:
    low, high = figure.spread
    spread = f"{_spell_number(figure, low)} – {_spell_number(figure, high)}"
    if len(figure.values) == 1:
        spread = ""
    middle = _spell(figure, figure.middle)
    return (figure.what, middle, spread, _spell_goal(figure), figure.verdict, figure.note)


def _spell_goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    sign = "≥" if figure.at_least else "≤"
    return f"{sign} {figure.goal:,g} {figure.unit}".strip()


def _spell(figure: Figure, value: float) -> str:
    if not math.isfinite(value):
        return "never"
    return f"{_spell_number(figure, value)} {figure.unit}".strip()


def _spell_number(figure: Figure, value: float) -> str:
    if not math.isfinite(value):
        return "never"
    digits = 0
    if figure.unit == "×" or (figure.unit and abs(value) < 10):
        digits = 2 if figure.unit == "×" else 1
    return f"{value:,.{digits}f}"
