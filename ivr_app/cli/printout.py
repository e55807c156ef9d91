"""How answers are printed: JSON objects for programs, aligned columns for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import click

Row = Mapping[str, Any]

json_wanted = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per line and nothing else."
)

AT_ONCE = 200
"""Rows that are aligned with each other; a long log is not held in memory for its looks."""


def objects(rows: Iterable[Row]) -> None:
    """One JSON object per line."""
    for row in rows:
        click.echo(json.dumps(row))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Aligned columns under their names."""
    waiting, widths = iter(rows), [len(name) for name in head]
    batch: list[Sequence[str]] = [head, *islice(waiting, AT_ONCE)]
    while batch:
        longest = (max(map(len, column)) for column in zip(*batch, strict=True))
        widths = [max(pair) for pair in zip(widths, longest, strict=True)]
        for row in batch:
            padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            click.echo("  ".join(padded).rstrip())
        batch = list(islice(waiting, AT_ONCE))


def plain(value: object) -> str:
    """A value as a cell: yes or no, and nothing where nothing is known."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
