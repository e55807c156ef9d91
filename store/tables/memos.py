"""What people wrote or said about incidents."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from routing.memo import Memo
from store.columns import Moment, Value
from store.tables.base import metadata

memos = Table(
    "memos",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, ForeignKey("incidents.key"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("value", Value(Memo), nullable=False),
    Index(None, "incident", "at"),
    Index(None, "at"),
)
