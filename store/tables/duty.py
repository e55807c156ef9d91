"""What was changed in the schedules beside the file."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from store.columns import Moment
from store.tables.base import Counted, metadata

overrides = Table(
    "overrides",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("line", String, nullable=False),
    Column("schedule", String, nullable=False),
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
    Column("remove", String),
    Column("add", String),
    Column("origin", String, nullable=False),  # swap | override | calendar
    Column("uid", String, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index(None, "line", "schedule", "id"),
)
