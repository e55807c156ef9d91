"""Who may look at the console, where they are signed in, and what they changed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from store.columns import Moment
from store.tables.base import Counted, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("line", String),  # the engineer whose page is theirs
    Column("engineer", String),
    Column("language", String),
    Column("zone", String),
    Column("password_hash", String),  # none: signs in elsewhere
    Column("password_once", Boolean, nullable=False, server_default=false()),
    Column("totp_sealed", String),  # the key of the second step, readable with SECRET_KEY alone
    Column("totp_step", Integer),  # the last one used: a code opens once
    Column("subject", String, unique=True),  # as the OpenID provider knows them
    Column("made_at", Moment, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account", Counted, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String, primary_key=True),
)

sittings = Table(
    "sittings",
    metadata,
    Column("id", String, primary_key=True),  # a hash: the cookie alone has the key
    Column("account", Counted, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index(None, "account"),
    Index(None, "seen_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", String, nullable=False),
    Column("way", String, nullable=False),  # console | api | cli
    Column("deed", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("thing", String, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index(None, "who", "id"),
    Index(None, "kind", "thing", "id"),
)
