"""Cells of a table that a spreadsheet opens as they were meant."""

from __future__ import annotations

MARK = "\ufeff"
"""Stands first in a table, or spreadsheets take its letters for those of another alphabet."""

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What begins with one of these is worked out by a spreadsheet instead of shown."""


def shown(value: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text
