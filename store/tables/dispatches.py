"""What programs outside are told, and whether they have heard it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from store.columns import Moment
from store.tables.base import Counted, metadata, only

WAITING = "done_at IS NULL"

dispatches = Table(
    "dispatches",
    metadata,
    Column("place", Counted, primary_key=True),  # the order in which they are sent
    Column("id", String, nullable=False, unique=True),
    Column("line", String, nullable=False),
    Column("hook", String, nullable=False),
    Column("incident", String, nullable=False, index=True),
    Column("happening", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),  # byte for byte the same, however often it is sent
    Column("tries", Integer, nullable=False),
    Column("wakes_at", Moment, nullable=False),  # tried again, or its lease runs out
    Column("done_at", Moment),
    Column("result", String),  # delivered | given_up
    Column("answer", String),  # what came of the last try
    Index("ix_dispatches_wakes_at", "wakes_at", **only(WAITING)),
    Index("ix_dispatches_waiting", "line", "hook", "incident", "place", **only(WAITING)),
    Index(None, "done_at"),
)
