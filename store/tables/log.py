"""Calls, incidents, the pages of incidents, and the journal with its reasons."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from routing.call import Call
from routing.incident import Incident, Page
from store.columns import Moment, Value
from store.inside import CallLevel, CallTaker
from store.tables.base import Counted, metadata, only

UNCLOSED = "state <> 'closed'"
"""What a customer may call about again."""

UNDONE = "state IN ('open', 'acknowledged')"
"""What nobody has dealt with."""

HUNTED = "hunted"
"""For whom somebody is sought; spelled so, as SQLite takes "hunted = 1" for something else than its
index."""

RECENT_PAGES = 1024
"""Each event of an incident reads all its live legs, of which it changes one."""

calls = Table(
    "calls",
    metadata,
    Column("id", String, primary_key=True),
    Column("sid", String, nullable=False, unique=True),
    Column("line", String, nullable=False),
    Column("shown", String, nullable=False),
    Column("contract", String),
    Column("outcome", String),
    Column("incident", String, index=True),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("version", Integer, nullable=False),
    Column("value", Value(Call), nullable=False),
    Index(None, "started_at", "id"),
    Index(None, "line", "started_at", "id"),
    Index(None, "contract", "started_at"),
    Index("ix_calls_line_shown", "line", "shown", "started_at", "id"),
    Index("ix_calls_line_outcome", "line", "outcome", "started_at", "id"),
    Index("ix_calls_line_level", "line", CallLevel(), "started_at", "id"),
    Index("ix_calls_line_taker", "line", CallTaker(), "started_at", "id"),
    Index("ix_calls_alone", "line", "started_at", **only("incident IS NULL")),
    Index("ix_calls_live", "line", **only("ended_at IS NULL")),
)

incidents = Table(
    "incidents",
    metadata,
    Column("key", String, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("line", String, nullable=False),
    Column("contract", String),
    Column("caller", String),
    Column("kind", String, nullable=False, server_default="incident"),
    Column("urgency", Integer, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("state", String, nullable=False),
    Column("hunted", Boolean, nullable=False),  # somebody is being sought now
    Column("hunt_place", String),  # among those for whom somebody is sought
    Column("missed", String),  # people who are rung for it once they are free, a line each
    Column("row_place", String),  # in the row of those who wait for the desk
    Column("rung", Boolean, nullable=False),  # somebody has been sought at some time
    Column("opened_at", Moment, nullable=False),
    Column("premium", Boolean, nullable=False),
    Column("contract_year", Date),  # set once it was counted as premium
    Column("place", Integer),  # in that year, whatever it counts as now
    Column("version", Integer, nullable=False),
    Column("value", Value(Incident), nullable=False),
    Index(None, "line", "number"),
    Index(None, "opened_at", "line"),
    Index(None, "contract", "opened_at"),
    Index(None, "contract", "number"),
    Index(None, "state", "number"),
    Index("ix_incidents_place", "line", "contract", "contract_year", "place", unique=True),
    Index(None, "line", "verified", "opened_at"),
    Index("ix_incidents_hunted", "line", "hunt_place", **only(HUNTED)),
    Index("ix_incidents_row", "line", "row_place", **only("row_place IS NOT NULL")),
    Index("ix_incidents_unclosed", "line", "contract", **only(UNCLOSED)),
    Index("ix_incidents_open", "line", "opened_at", **only(UNDONE)),
)

pages = Table(
    "pages",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, ForeignKey("incidents.key"), nullable=False),
    Column("line", String, nullable=False),
    Column("engineer", String, nullable=False),
    Column("live_engineer", String),  # set while the leg lives: one live leg for each
    Column("channel", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("value", Value(Page, recent=RECENT_PAGES), nullable=False),
    UniqueConstraint("line", "live_engineer"),
    Index(None, "incident", "at"),
    Index(None, "line", "engineer", "at"),
    Index("ix_pages_live", "incident", **only("live")),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("call", String),
    Column("incident", String),
    Column("leg", String),
    Column("event", String, nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "call", "id"),
    Index(None, "incident", "id"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Integer, nullable=False),
)
