"""What was spoken: a row for each recording, and the sound beside it for as long as it is kept."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table

from routing.recording import Recording
from store.columns import Moment, Value
from store.tables.base import metadata, only

HEARD = "state IN ('waiting', 'kept')"
"""Whose sound is still somewhere."""

recordings = Table(
    "recordings",
    metadata,
    Column("id", String, primary_key=True),
    Column("line", String, nullable=False),
    Column("incident", String, nullable=False),
    Column("call", String),
    Column("purpose", String, nullable=False),  # introduction | message | note
    Column("state", String, nullable=False),  # waiting | kept | missing | forgotten
    Column("made_at", Moment, nullable=False),
    Column("deleted_at", Moment),  # at the carrier
    Column("value", Value(Recording), nullable=False),
    Index(None, "incident", "made_at"),
    Index("ix_recordings_heard", "line", "made_at", **only(HEARD)),
    Index("ix_recordings_unsettled", "made_at", **only("deleted_at IS NULL")),
)

sounds = Table(
    "sounds",
    metadata,
    Column("recording", String, ForeignKey("recordings.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
