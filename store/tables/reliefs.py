"""Whoever came on at a handover, and whether they said so."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

from routing.relief import Relief
from store.columns import Moment, Value
from store.tables.base import metadata

reliefs = Table(
    "reliefs",
    metadata,
    Column("id", String, primary_key=True),
    Column("line", String, nullable=False),
    Column("schedule", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("engineer", String, nullable=False),
    Column("ends_at", Moment),
    Column("open_code", Integer),  # the code for as long as it may be texted back
    Column("version", Integer, nullable=False),
    Column("value", Value(Relief), nullable=False),
    UniqueConstraint("line", "schedule", "at", "engineer"),
    UniqueConstraint("line", "engineer", "open_code"),
    Index(None, "line", "at"),
)
