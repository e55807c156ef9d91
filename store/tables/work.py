"""Jobs, heartbeats, limits, API tokens, webhook deliveries, tasks and import previews."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from routing.jobs import Command
from store.db.sql_types import JsonValue, UtcDateTime
from store.people.import_preview import ImportPreview
from store.tables.base import Counted, metadata, only

COMMAND = JsonValue(Annotated[Command, Field(discriminator="kind")])

jobs = Table(
    "jobs",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("command", COMMAND, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String, nullable=False),  # pending | running | done | given_up
    Column("attempt", Integer, nullable=False),
    Column("wakes_at", UtcDateTime, nullable=False),  # due, next attempt, or end of the lease
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("result", Text),  # of the last attempt: an error, or what was answered
    Column("receiver", String),  # of a webhook
    Column("progress", Integer),  # of a task, 0 to 100; NULL while nobody knows
    Index("ix_jobs_wakes_at", "lane", "wakes_at", **only("done_at IS NULL")),
    Index("ix_jobs_due_at", "due_at", **only("done_at IS NULL")),
    Index("ix_jobs_done_at", "done_at", **only("done_at IS NOT NULL")),
)

failed_pins = Table(
    "failed_pins",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("subject", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "subject", "at"),
    Index("ix_failed_pins_at", "at"),
)

carrier_paces = Table(
    "carrier_paces",
    metadata,
    Column("account", String, primary_key=True),
    Column(
        "free_at", UtcDateTime, nullable=False
    ),  # when the calls placed so far have had their turns
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

processes = Table(
    "processes",
    metadata,
    Column("kind", String, primary_key=True),
    Column("host", String, primary_key=True),
    Column("pid", Integer, primary_key=True),
    Column("version", String, nullable=False),
    Column("python", String, nullable=False),
    Column("figures", JsonValue(dict[str, float]), nullable=False),  # by the name of the metric
    Column("at", UtcDateTime, nullable=False),
)


api_tokens = Table(
    "api_tokens",
    metadata,
    Column("hash", String, primary_key=True),  # only the program has the token
    Column("name", String, nullable=False),
    Column("scope", String, nullable=False),  # read | change
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Index("uq_api_tokens_live", "name", unique=True, **only("revoked_at IS NULL")),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("id", String, primary_key=True),  # of the token, address and key
    Column("request_hash", String, nullable=False),  # a hash of the body
    Column("at", UtcDateTime, nullable=False),
    Column("status", Integer),  # NULL while the request is handled
    Column("response", Text),
    Column("location", String),
    Index(None, "at"),
)


# What is sent, in the order in which it is sent. When, how often and with what result is in the job
# of the same id.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("position", Counted, primary_key=True),
    Column("id", String, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("line", String, nullable=False),
    Column("webhook", String, nullable=False),
    Column("incident", String, nullable=False, index=True),
    Column("event", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body", Text, nullable=False),  # the same bytes at every attempt
)


# What a person asked for, with the file that is its result. The rest is in the job of the same id.
tasks = Table(
    "tasks",
    metadata,
    Column("id", String, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("account", Counted, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("asked_by", String, nullable=False),
    Column("wanted", Text, nullable=False),
    Column("file_name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("rows", Integer, nullable=False),  # written so far
    Column("size", BigInteger, nullable=False),
    Index(None, "account"),
)

task_chunks = Table(
    "task_chunks",
    metadata,
    Column("task", String, ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),  # compressed
)


import_previews = Table(
    "import_previews",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", Counted, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("line", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("value", JsonValue(ImportPreview), nullable=False),
)
