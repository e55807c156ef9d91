"""What must still be done, who is there to do it, and the wrong PINs that were counted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from routing.jobs import Command
from store.db.sql_types import JsonValue, UtcDateTime
from store.people.import_preview import ImportPreview
from store.tables.base import Counted, metadata, only

errands = Table(
    "errands",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("deed", JsonValue(Annotated[Command, Field(discriminator="kind")]), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String, nullable=False),  # pending | queued | running | done | given_up
    Column("attempt", Integer, nullable=False),
    Column("wakes_at", UtcDateTime, nullable=False),  # due, tried again, or its lease runs out
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
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
    Column("at", UtcDateTime, nullable=False),
    Index(None, "subject", "at"),
    Index("ix_slips_at", "at"),
)

paces = Table(
    "paces",
    metadata,
    Column("account", String, primary_key=True),
    Column("free_at", UtcDateTime, nullable=False),  # when all calls asked for will be placed
)

beats = Table(
    "beats",
    metadata,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)


# Programs that come in by the API: their tokens, and what they were answered before.


tokens = Table(
    "tokens",
    metadata,
    Column("hash", String, primary_key=True),  # the program alone has the token
    Column("name", String, nullable=False),
    Column("may", String, nullable=False),  # read | change
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String, nullable=False),
    Column("used_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Index("uq_tokens_live", "name", unique=True, **only("ended_at IS NULL")),
)

replays = Table(
    "replays",
    metadata,
    Column("id", String, primary_key=True),  # of the token, address and key
    Column("asked", String, nullable=False),  # a hash of the body
    Column("at", UtcDateTime, nullable=False),
    Column("status", Integer),  # none while it is being done
    Column("answer", Text),
    Column("location", String),
    Index(None, "at"),
)


# What programs outside are told, and whether they have heard it.


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
    Column("at", UtcDateTime, nullable=False),
    Column("body", Text, nullable=False),  # byte for byte the same, however often it is sent
    Column("tries", Integer, nullable=False),
    Column("wakes_at", UtcDateTime, nullable=False),  # tried again, or its lease runs out
    Column("done_at", UtcDateTime),
    Column("result", String),  # delivered | given_up
    Column("answer", String),  # what came of the last try
    Index("ix_dispatches_wakes_at", "wakes_at", **only(WAITING)),
    Index("ix_dispatches_waiting", "line", "hook", "incident", "place", **only(WAITING)),
    Index(None, "done_at"),
)


# What an import of contracts would change, until somebody says that it shall.


previews = Table(
    "previews",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", Counted, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("line", String, nullable=False),
    Column("made_at", UtcDateTime, nullable=False, index=True),
    Column("value", JsonValue(ImportPreview), nullable=False),
)
