"""Days of a line that are over, added up, and what changed in them afterwards."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from routing.service import Service
from store.columns import Moment, Value
from store.tables.base import Counted, metadata

Levels = tuple[tuple[int | None, Service], ...]
"""By level; None is what ended before one was chosen."""

sums = Table(
    "sums",
    metadata,
    Column("line", String, primary_key=True),
    Column("until", Moment, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("zone", String, nullable=False),  # by whose clock it is a day
    Column("laid_at", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    Column("value", Value(Levels)),  # empty until it is added up
)

late = Table(
    "late",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("line", String, nullable=False),
    Column("at", Moment, nullable=False),  # when what changed had begun
    Index(None, "line", "at"),
)
"""Written by the database itself, whoever changes a call or an incident of a day in ``sums``."""
