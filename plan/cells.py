"""The cells of a file of rows, as spreadsheets save them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain

from plan.findings import Finding, PaperError
from routing.names import tidy


def cells_of(lines: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that has any, and the line on which it begins. Raises PaperError."""
    text = (line.decode("utf-8-sig") for line in lines)
    line = 1
    try:
        first = next(text, "")
        sheet = csv.reader(chain((first,), text), delimiter=_between(first), strict=True)
        for row in sheet:
            cells = [tidy(cell) for cell in row]
            if any(cells):
                yield line, cells
            line = sheet.line_num + 1
    except csv.Error:
        wrong = "is no CSV: a quote is not closed, or lines end in an odd way"
        raise PaperError([Finding(line, "file", wrong)]) from None
    except UnicodeDecodeError:
        raise PaperError([Finding(line, "file", "is not UTF-8; save it as CSV UTF-8")]) from None


def _between(first: str) -> str:
    """What stands between the cells: where a comma is a decimal sign, Excel saves semicolons."""
    return ";" if ";" in first and "," not in first else ","
