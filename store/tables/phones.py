"""Numbers that people added themselves, beside those of the file."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from store.columns import Moment
from store.tables.base import metadata

added_phones = Table(
    "added_phones",
    metadata,
    Column("line", String, primary_key=True),
    Column("engineer", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("added_at", Moment, nullable=False),
    Column("verified_at", Moment),
    Column("code_hash", String),  # of the last code sent; none once it is used or worn out
    Column("code_at", Moment),
    Column("tries", Integer, nullable=False),
    Index(None, "line", "number"),
)
