"""What must still be done, who is there to do it, and the wrong PINs that were counted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sqlalchemy import Column, Index, Integer, String, Table, Text

from routing.errands import Deed
from store.columns import Moment, Value
from store.tables.base import Counted, metadata, only

errands = Table(
    "errands",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("deed", Value(Annotated[Deed, Field(discriminator="kind")]), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", String, nullable=False),  # pending | queued | running | done | given_up
    Column("attempt", Integer, nullable=False),
    Column("wakes_at", Moment, nullable=False),  # due, tried again, or its lease runs out
    Column("created_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("last_error", Text),
    Index("ix_errands_wakes_at", "wakes_at", **only("done_at IS NULL")),
    Index("ix_errands_due_at", "due_at", **only("done_at IS NULL")),
    Index("ix_errands_done_at", "done_at"),
)

slips = Table(
    "slips",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("subject", String, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "subject", "at"),
    Index("ix_slips_at", "at"),
)

paces = Table(
    "paces",
    metadata,
    Column("account", String, primary_key=True),
    Column("free_at", Moment, nullable=False),  # when all calls asked for will be placed
)

beats = Table(
    "beats",
    metadata,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("at", Moment, nullable=False),
)
