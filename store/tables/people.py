"""Lines, contracts and the people who may call on them."""

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
    column,
    false,
)

from routing.line import Line
from store.columns import Moment, Value
from store.inside import Folded, LastDay, Surname
from store.tables.base import Counted, metadata

lines = Table(
    "lines",
    metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False, unique=True),
    Column("texts_from", String, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("value", Value(Line), nullable=False),
)

contracts = Table(
    "contracts",
    metadata,
    Column("line", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("customer", String, nullable=False),
    Column("plan", String, nullable=False),
    Column("since", Date),
    Column("until", Date),
    Column("premium_incidents", Integer, nullable=False),
    Column("origin", String, nullable=False),  # file | import | console: who may change it
    Index("ix_contracts_line_company", "line", Folded(column("customer"))),
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
    ForeignKeyConstraint(
        ["line", "contract"], ["contracts.line", "contracts.number"], ondelete="CASCADE"
    ),
    Index(None, "line", "contract"),
    Index("ix_contacts_line_name", "line", Folded(column("name")), "id"),
    Index("ix_contacts_line_surname", "line", Surname(), "id"),
)

contact_phones = Table(
    "contact_phones",
    metadata,
    Column("contact", Counted, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("phone", String, nullable=False, index=True),
)

calendar_links = Table(
    "calendar_links",
    metadata,
    Column("subject", String, primary_key=True),  # a hash of line, kind and id
    Column("generation", Integer, nullable=False),  # how often the link was withdrawn
    Column("withdrawn_at", Moment, nullable=False),
)
