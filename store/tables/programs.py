"""Programs that come in by the API: their tokens, and what they were answered before."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from store.columns import Moment
from store.tables.base import metadata, only

tokens = Table(
    "tokens",
    metadata,
    Column("hash", String, primary_key=True),  # the program alone has the token
    Column("name", String, nullable=False),
    Column("may", String, nullable=False),  # read | change
    Column("made_at", Moment, nullable=False),
    Column("made_by", String, nullable=False),
    Column("used_at", Moment),
    Column("ended_at", Moment),
    Index("uq_tokens_live", "name", unique=True, **only("ended_at IS NULL")),
)

replays = Table(
    "replays",
    metadata,
    Column("id", String, primary_key=True),  # of the token, address and key
    Column("asked", String, nullable=False),  # a hash of the body
    Column("at", Moment, nullable=False),
    Column("status", Integer),  # none while it is being done
    Column("answer", Text),
    Column("location", String),
    Index(None, "at"),
)
