"""What an import of contracts would change, until somebody says that it shall."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table

from store.columns import Moment, Value
from store.preview import Preview
from store.tables.base import Counted, metadata

previews = Table(
    "previews",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", Counted, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("line", String, nullable=False),
    Column("made_at", Moment, nullable=False, index=True),
    Column("value", Value(Preview), nullable=False),
)
