"""Calls as a file: a table for a spreadsheet, or a line of JSON each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator

from ivr_app.console.cells import MARK, shown
from store.rows import Row, call_row
from store.search import Numbered

KINDS = {"csv": "text/csv", "jsonl": "application/jsonl"}
"""What a file may be, by the ending of its name."""


def pieces(kind: str, calls: Iterable[Numbered]) -> Iterator[str]:
    """The file piece by piece, each of some calls."""
    rows = (call_row(call, number) for call, number in calls)
    return _WRITERS[kind](rows)


def _table(rows: Iterator[Row]) -> Iterator[str]:
    page = io.StringIO()
    writer = csv.writer(page)
    page.write(MARK)
    first = True
    for row in rows:
        if first:
            writer.writerow(row)
            first = False
        writer.writerow(shown(value) for value in row.values())
        yield _taken(page)
    yield _taken(page)


def _lines(rows: Iterator[Row]) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _taken(page: io.StringIO) -> str:
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text


_WRITERS: dict[str, Callable[[Iterator[Row]], Iterator[str]]] = {"csv": _table, "jsonl": _lines}
