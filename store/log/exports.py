"""Files of calls and incidents, as CSV for spreadsheets or as lines of JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from store.log.call_search import Numbered
from store.log.rows import Row, build_call_row

MEDIA_TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}
"""The types of a file, by the ending of its name."""

BYTE_ORDER_MARK = "\ufeff"
"""The first character of a CSV file, or spreadsheets read it in a wrong encoding."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that starts with one of these as a formula."""
CSV_WORDS = {None: "", True: "yes", False: "no"}

NOT_IN_CSV = ("pages", "request")
"""Columns of an incident that are lists of values with fields of their own."""


def format_csv_cell(value: object) -> str:
    """Return a value as a CSV cell that no spreadsheet runs as a formula."""
    if value is None or isinstance(value, bool):
        return CSV_WORDS[value]
    text = str(value)
    if isinstance(value, list):
        text = " ".join(str(each) for each in value)
    if text.startswith(FORMULA_STARTS):
        return f"'{text}"
    return text


def build_call_rows(calls: Iterable[Numbered]) -> Iterator[Row]:
    """The rows of these calls."""
    return (build_call_row(call, number) for call, number in calls)


def write_rows(form: str, rows: Iterable[Row]) -> Iterator[str]:
    """Yield the file of these rows, a piece for each row, and one before and after them."""
    return _WRITERS[form](rows)


def _write_csv(rows: Iterable[Row]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    first = True
    for row in rows:
        if first:
            writer.writerow(_flatten(row))
            first = False
        writer.writerow(format_csv_cell(value) for value in _flatten(row).values())
        yield _take_text(buffer)
    yield _take_text(buffer)


def _flatten(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if name not in NOT_IN_CSV}


def _write_jsonl(rows: Iterable[Row]) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _take_text(buffer: io.StringIO) -> str:
    """Return the text in a buffer, and empty the buffer."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


_WRITERS: dict[str, Callable[[Iterable[Row]], Iterator[str]]] = {
    "csv": _write_csv,
    "jsonl": _write_jsonl,
}
