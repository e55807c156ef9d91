"""Texts and mails that tell and ask for no key."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from routing.letter import Letter
from store.columns import Moment, Value
from store.tables.base import metadata

letters = Table(
    "letters",
    metadata,
    Column("id", String, primary_key=True),
    Column("line", String, nullable=False),
    Column("incident", String),
    Column("reader", String, nullable=False),
    Column("result", String),
    Column("at", Moment, nullable=False),
    Column("value", Value(Letter), nullable=False),
    Index(None, "incident", "at"),
    Index(None, "line", "reader", "at"),
    Index(None, "line", "at"),
)
