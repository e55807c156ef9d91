"""Lines, contracts, contacts, accounts, the audit log, handovers and overrides."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    column,
    false,
)

from routing.line import Handover, Line
from store.db.sql_types import FoldedText, JsonValue, LastDay, Surname, UtcDateTime
from store.tables.base import Counted, metadata

lines = Table(
    "lines",
    metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False, unique=True),
    Column("texts_from", String, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("value", JsonValue(Line), nullable=False),
)

contracts = Table(
    "contracts",
    metadata,
    Column("line", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("customer", String, nullable=False),
    Column("plan", String, nullable=False),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("premium_incidents", Integer),  # NULL: those of the plan
    Column("openid", String),
    Column("email_level_1", String, nullable=False, server_default="answer"),  # page | answer
    Column("origin", String, nullable=False),  # file | import | console: who may change it
    Index("ix_contracts_line_company", "line", FoldedText(column("customer")), "number"),
    Index("ix_contracts_line_plan", "line", "plan", LastDay(), "number"),
    Index("ix_contracts_line_until", "line", LastDay(), "number"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("line", String, nullable=False),
    Column("contract", String, nullable=False),
    Column("name", String, nullable=False),
    Column("pin_hash", String, nullable=False),
    Column("language", String),
    Column("email", String),
    Column("ends", Date),
    Column("hears_of_releases", Boolean, nullable=False, server_default=false()),
    Column("admin", Boolean, nullable=False, server_default=false()),
    ForeignKeyConstraint(
        ["line", "contract"], ["contracts.line", "contracts.number"], ondelete="CASCADE"
    ),
    Index(None, "line", "contract"),
    Index("ix_contacts_line_name", "line", FoldedText(column("name")), "id"),
    Index("ix_contacts_line_surname", "line", Surname(), "id"),
    Index("ix_contacts_line_email", "line", FoldedText(column("email"))),
)

contact_phones = Table(
    "contact_phones",
    metadata,
    Column("contact", Counted, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("phone", String, nullable=False, index=True),
)

calendar_links = Table(
    "calendar_links",
    metadata,
    Column("subject", String, primary_key=True),  # a hash of line, kind and id
    Column("generation", Integer, nullable=False),  # how often the link was withdrawn
    Column("withdrawn_at", UtcDateTime, nullable=False),
)


accounts = Table(
    "accounts",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("line", String),  # with engineer: who the account is in the schedules
    Column("engineer", String),
    Column("language", String),
    Column("zone", String),
    Column("password_hash", String),  # NULL: signs in with OpenID Connect
    Column("password_once", Boolean, nullable=False, server_default=false()),
    Column("totp_sealed", String),  # key of the second factor, encrypted with SECRET_KEY
    Column("totp_step", Integer),  # last one used: a code is accepted once
    Column("subject", String, unique=True),  # at the OpenID provider
    Column("created_at", UtcDateTime, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account", Counted, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String, primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),  # a hash; only the cookie has the key
    Column("account", Counted, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Index(None, "account"),
    Index(None, "seen_at"),
)

portal_sessions = Table(
    "portal_sessions",
    metadata,
    Column("id", String, primary_key=True),  # a hash; only the cookie has the key
    Column("line", String, nullable=False),
    Column("contract", String, nullable=False),
    Column("contact", String, nullable=False),  # the key of the name: rows of contacts change
    Column("way_in", String, nullable=False),  # a hash of the address that proved them
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("draft", String),  # JSON: the report that they write
    Index(None, "line", "contract"),
    Index(None, "seen_at"),
)

portal_codes = Table(
    "portal_codes",
    metadata,
    Column("id", String, primary_key=True),  # code and link derive from it and from SECRET_KEY
    Column("address", String, nullable=False),  # encrypted with SECRET_KEY
    Column("language", String),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("proof_hash", String),  # of the browser that proved itself and chooses a contract
    Index(None, "asked_at"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String, nullable=False),
    Column("source", String, nullable=False),  # console | portal | api | cli
    Column("action", String, nullable=False),
    Column("object_type", String, nullable=False),
    Column("object_id", String, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index(None, "actor", "id"),
    Index(None, "object_type", "object_id", "id"),
)


handovers = Table(
    "handovers",
    metadata,
    Column("id", String, primary_key=True),
    Column("line", String, nullable=False),
    Column("schedule", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("engineer", String, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("open_code", Integer),  # the code, while it may be texted back
    Column("version", Integer, nullable=False),
    Column("value", JsonValue(Handover), nullable=False),
    UniqueConstraint("line", "schedule", "at", "engineer"),
    UniqueConstraint("line", "engineer", "open_code"),
    Index(None, "line", "at"),
)


overrides = Table(
    "overrides",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("line", String, nullable=False),
    Column("schedule", String, nullable=False),
    Column("start", UtcDateTime, nullable=False),
    Column("end", UtcDateTime, nullable=False),
    Column("remove", String),
    Column("add", String),
    Column("origin", String, nullable=False),  # swap | override | calendar
    Column("uid", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "line", "schedule", "id"),
)


added_phones = Table(
    "added_phones",
    metadata,
    Column("line", String, primary_key=True),
    Column("engineer", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("added_at", UtcDateTime, nullable=False),
    Column("verified_at", UtcDateTime),
    Column("code_hash", String),  # of the last code sent; NULL once it is used
    Column("code_at", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Index(None, "line", "number"),
)
