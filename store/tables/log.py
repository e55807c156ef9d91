"""The log: calls, incidents, pages, journal, recordings, rollups, messages, notes and files."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
)

from routing.call import Call
from routing.correspondence import CustomerMessage
from routing.incident import Incident
from routing.message import IncidentNote, Message
from routing.page import Page
from routing.recording import Recording
from routing.service_levels import ServiceFigures
from store.db.sql_types import JsonValue, UtcDateTime
from store.tables.base import Counted, metadata, only

UNCLOSED = "state <> 'closed'"
"""A customer may call about these again."""

UNRESOLVED = "state IN ('open', 'acknowledged')"
"""Open or acknowledged."""

ESCALATING = "escalating"
"""Whose escalation is under way; SQLite would not match "escalating = 1" with its index."""

OF_CONTRACT = "contract IS NOT NULL"

ENDED = "ended_at IS NOT NULL"
"""Calls that change no more. What they are searched by is indexed when they end, so that an update
of a live call touches no index of the searches; the few live calls are in ``ix_calls_live``."""

NOTICE = "channel <> 'call'"
"""A page by text or mail, which rings nobody."""

RECENT_PAGES = 1024
"""Page values that are cached: each event reads all live legs of an incident and changes one."""

calls = Table(
    "calls",
    metadata,
    Column("id", String, primary_key=True),
    Column("sid", String, nullable=False, unique=True),
    Column("line", String, nullable=False),
    Column("caller_id", String, nullable=False),
    Column("contract", String),
    Column("outcome", String),
    Column("incident", String),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("level", Integer),  # once it is chosen
    Column("taker", String),  # an engineer's id, or the last resort
    Column("answered_at", UtcDateTime),  # when a person took the call
    Column("engineer", String),  # who calls, if it is an engineer
    Column("version", Integer, nullable=False),
    Column("value", JsonValue(Call), nullable=False),
    Index(None, "started_at", "id"),
    Index(None, "line", "started_at", "id"),
    Index("ix_calls_contract", "contract", "started_at", "id", **only(OF_CONTRACT)),
    Index("ix_calls_incident", "incident", **only("incident IS NOT NULL")),
    Index("ix_calls_line_caller_id", "line", "caller_id", "started_at", "id"),
    Index("ix_calls_line_outcome", "line", "outcome", "started_at", "id", **only(ENDED)),
    Index("ix_calls_line_level", "line", "level", "started_at", "id", **only(ENDED)),
    Index("ix_calls_line_taker", "line", "taker", "started_at", "id", **only(ENDED)),
    Index("ix_calls_alone", "line", "started_at", **only(f"incident IS NULL AND {ENDED}")),
    Index("ix_calls_live", "line", "started_at", "id", **only("ended_at IS NULL")),
)

incidents = Table(
    "incidents",
    metadata,
    Column("key", String, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("line", String, nullable=False),
    Column("contract", String),
    Column("caller", String),
    Column("source", String, nullable=False),
    Column("kind", String, nullable=False, server_default="incident"),
    Column("urgency", Integer, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("state", String, nullable=False),
    Column("escalating", Boolean, nullable=False),  # its escalation is under way
    Column("escalation_key", String),  # among those that escalate: level, plan, age
    Column("missed_engineers", String),  # to be rung once they are free, a line each
    Column("queue_key", String),  # in the desk queue: level, plan, time
    Column("rung", Boolean, nullable=False),  # it has escalated at some time
    Column("opened_at", UtcDateTime, nullable=False),
    Column("taker", String),  # the engineer who took it
    Column("promised", Boolean, nullable=False),  # a time to respond
    Column("breached", Boolean, nullable=False),  # that time ran out
    Column("premium", Boolean, nullable=False),
    Column("contract_year", Date),  # set once it was counted as premium
    Column("premium_place", Integer),  # in that contract year, whatever it counts as now
    Column("merged_into", String),  # the key of the incident that goes on for this one
    Column("version", Integer, nullable=False),
    Column("value", JsonValue(Incident), nullable=False),
    Index(None, "line", "number"),
    Index(None, "opened_at", "line"),
    Index("ix_incidents_contract_opened_at", "contract", "opened_at", **only(OF_CONTRACT)),
    Index("ix_incidents_contract_number", "contract", "number", **only(OF_CONTRACT)),
    Index(None, "state", "number"),
    Index(None, "source", "number"),
    Index(None, "kind", "number"),
    Index(
        "ix_incidents_premium_place",
        "line",
        "contract",
        "contract_year",
        "premium_place",
        unique=True,
        **only("contract_year IS NOT NULL"),
    ),
    Index("ix_incidents_taker", "line", "taker", "opened_at", **only("taker IS NOT NULL")),
    Index("ix_incidents_place", "line", "premium_place", **only("contract_year IS NOT NULL")),
    Index(None, "line", "verified", "opened_at"),
    Index("ix_incidents_escalating", "line", "escalation_key", **only(ESCALATING)),
    Index("ix_incidents_queue", "line", "queue_key", **only("queue_key IS NOT NULL")),
    Index("ix_incidents_unclosed", "line", "contract", **only(UNCLOSED)),
    Index("ix_incidents_open", "line", "opened_at", **only(UNRESOLVED)),
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
    Column("at", UtcDateTime, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("value", JsonValue(Page, recent=RECENT_PAGES), nullable=False),
    Index(
        "uq_pages_live_engineer",
        "line",
        "live_engineer",
        unique=True,
        **only("live_engineer IS NOT NULL"),
    ),
    Index(None, "incident", "at"),
    Index(None, "line", "engineer", "at"),
    Index("ix_pages_live", "incident", **only("live")),
    Index("ix_pages_notices", "line", "at", **only(NOTICE)),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("call", String),
    Column("incident", String),
    Column("leg", String),
    Column("event", String, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_journal_call", "call", "id", **only("call IS NOT NULL")),
    Index("ix_journal_incident", "incident", "id", **only("incident IS NOT NULL")),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),  # sums of durations are in microseconds
)


HAS_SOUND = "state IN ('waiting', 'kept')"
"""The sound is still here or at the carrier."""

recordings = Table(
    "recordings",
    metadata,
    Column("id", String, primary_key=True),
    Column("line", String, nullable=False),
    Column("incident", String, nullable=False),
    Column("call", String),
    Column("purpose", String, nullable=False),  # introduction | matter | message | note
    Column("state", String, nullable=False),  # waiting | kept | missing | forgotten
    Column("made_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),  # at the carrier
    Column("value", JsonValue(Recording), nullable=False),
    Index(None, "incident", "made_at"),
    Index("ix_recordings_sound", "line", "made_at", **only(HAS_SOUND)),
    Index("ix_recordings_unsettled", "made_at", **only("deleted_at IS NULL")),
)

sounds = Table(
    "sounds",
    metadata,
    Column("recording", String, ForeignKey("recordings.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)


Levels = tuple[tuple[int | None, ServiceFigures], ...]
"""By level; None is a call that ended before a level was chosen."""

daily_rollups = Table(
    "daily_rollups",
    metadata,
    Column("line", String, primary_key=True),
    Column("until", UtcDateTime, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("timezone", String, nullable=False),  # of the line when the day was computed
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("value", JsonValue(Levels)),  # empty until it is computed
)

stale_days = Table(
    "stale_days",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("line", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),  # when the changed call or incident began
    Index(None, "line", "at"),
)
"""Written by triggers when a call or an incident of a day in ``daily_rollups`` changes."""


messages = Table(
    "messages",
    metadata,
    Column("id", String, primary_key=True),
    Column("line", String, nullable=False),
    Column("incident", String),
    Column("recipient", String, nullable=False),
    Column("result", String),
    Column("at", UtcDateTime, nullable=False),
    Column("value", JsonValue(Message), nullable=False),
    Index(None, "incident", "at"),
    Index(None, "line", "recipient", "at"),
    Index(None, "line", "at"),
)


received_texts = Table(
    "received_texts",
    metadata,
    Column("id", String, primary_key=True),  # the carrier's
    Column("line", String, nullable=False),
    Column("engineer", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("verb", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("incident", String, index=True),
    Index(None, "line", "engineer", "at"),
    Index(None, "at"),
)


notes = Table(
    "notes",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, ForeignKey("incidents.key"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("value", JsonValue(IncidentNote), nullable=False),
    Index(None, "incident", "at"),
    Index(None, "at"),
)


customer_messages = Table(
    "customer_messages",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, ForeignKey("incidents.key"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("mail_id", String),  # the Message-ID of the mail that brought it, or took it
    Column("value", JsonValue(CustomerMessage), nullable=False),
    Index(None, "incident", "at"),
    Index(None, "at"),
    Index("ix_customer_messages_mail_id", "mail_id", **only("mail_id IS NOT NULL")),
)

files = Table(
    "files",
    metadata,
    Column("id", String, primary_key=True),
    Column("line", String, nullable=False),
    Column("contract", String),  # whose upload it is
    Column("incident", String, ForeignKey("incidents.key")),  # none until it is attached
    Column("at", UtcDateTime, nullable=False),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String),  # none until the file is complete
    Column("author", String, nullable=False),
    Column("by", String, nullable=False),
    Column("door", String, nullable=False),
    Index(None, "incident", "at"),
    Index(None, "line", "contract"),
    Index("ix_files_unattached", "at", **only("incident IS NULL")),
)

file_chunks = Table(
    "file_chunks",
    metadata,
    Column("file", String, ForeignKey("files.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)


received_mails = Table(
    "received_mails",
    metadata,
    Column("id", String, primary_key=True),  # a hash of its bytes
    Column("identity", String, unique=True),  # of each copy of a mail; none until it is read
    Column("door", String, nullable=False),  # mailbox | form
    Column("at", UtcDateTime, nullable=False),
    Column("state", String, nullable=False),
    Column("wakes_at", UtcDateTime),  # the next attempt to read it, or the end of the lease
    Column("attempts", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("file", String),  # the mail itself, while it is kept
    Column("level", Integer),  # as the form said
    Column("forced", Boolean, nullable=False, server_default=false()),
    Column("line", String),
    Column("incident", String, index=True),
    Column("sender", String),
    Column("subject", Text),
    Column("why", Text),
    Column("answered_at", UtcDateTime),
    Column("unproven", BigInteger),  # bytes kept of one whose writer is not proven
    Index(None, "at", "id"),
    Index(None, "state", "at", "id"),
    Index(None, "sender", "at"),
    Index("ix_received_mails_wakes_at", "wakes_at", **only("wakes_at IS NOT NULL")),
)


premium_archive = Table(
    "premium_archive",
    metadata,
    Column("line", String, primary_key=True),
    Column("contract", String, primary_key=True),
    Column("contract_year", Date, primary_key=True),
    Column("used", Integer, nullable=False),
    Column("highest_place", Integer, nullable=False),
    Index(None, "line", "contract_year"),
)
