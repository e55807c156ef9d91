"""What is given to commands: files, moments, and which line is meant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from routing.schedule.wallclock import instant

YEARS = range(1970, 3000)
"""The same years that a file may name; every zone can count with them."""


class Moment(click.ParamType[dt.datetime]):
    """A date and time in ISO 8601; without an offset it is local to the line."""

    name = "ISO"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> dt.datetime:
        """Read one."""
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail("must be a date and time such as 2026-12-24T18:00 or 2026-12-24T17:00Z")
        if moment.year not in YEARS:
            self.fail(f"must lie between {YEARS.start} and {YEARS[-1]}")
        return moment


class Month(click.ParamType[dt.date]):
    """A month such as 2026-11, as its first day."""

    name = "MONTH"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> dt.date:
        """Read one."""
        if isinstance(value, dt.date):
            return value
        try:
            month = dt.date.fromisoformat(f"{value}-01")
        except ValueError:
            self.fail("must be a month such as 2026-11")
        if month.year not in YEARS:
            self.fail(f"must lie between {YEARS.start} and {YEARS[-1]}")
        return month


EXISTING = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)

file_argument = click.argument("file", type=EXISTING)
file_option = click.option("--file", type=EXISTING, help="A line.yaml, in place of the database.")
line_option = click.option("--line", "line_id", help="Default: the only line, or main.")
at_option = click.option("--at", type=Moment(), help="Default: now.")


def moment(at: dt.datetime | None, now: dt.datetime, zone: str) -> dt.datetime:
    """The instant that was given, in UTC, or now."""
    return now if at is None else instant(at, zone)
