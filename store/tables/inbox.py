"""Texts that engineers sent."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from store.columns import Moment
from store.tables.base import metadata

received_texts = Table(
    "received_texts",
    metadata,
    Column("id", String, primary_key=True),  # the carrier's
    Column("line", String, nullable=False),
    Column("engineer", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("verb", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("incident", String, index=True),
    Index(None, "line", "engineer", "at"),
    Index(None, "at"),
)
