"""Calls, incidents, pages and the journal."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _calls()
    _incidents()
    _pages()
    _journal()
    _counters()
    op.execute("INSERT INTO counters (name, value) VALUES ('incident', 1000)")


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("counters")
    op.drop_table("journal")
    op.drop_table("pages")
    op.drop_table("incidents")
    op.drop_table("calls")


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("sid", sa.String, nullable=False, unique=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("shown", sa.String, nullable=False),
        sa.Column("contract", sa.String),
        sa.Column("outcome", sa.String),
        sa.Column("incident", sa.String, index=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index(None, "started_at", "id"),
        sa.Index(None, "line", "started_at", "id"),
        sa.Index(None, "contract", "started_at"),
        sa.Index("ix_calls_live", "line", **_only("ended_at IS NULL")),
    )


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False, unique=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("contract", sa.String),
        sa.Column("caller", sa.String),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("hunted", sa.Boolean, nullable=False),
        sa.Column("rung", sa.Boolean, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index(None, "line", "number"),
        sa.Index(None, "contract", "opened_at"),
        sa.Index(None, "line", "verified", "opened_at"),
        sa.Index("ix_incidents_hunted", "line", "urgency", "opened_at", **_only("hunted")),
        sa.Index(
            "ix_incidents_open", "line", "opened_at", **_only("state IN ('open', 'acknowledged')")
        ),
    )


def _pages() -> None:
    op.create_table(
        "pages",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("incident", sa.String, sa.ForeignKey("incidents.key"), nullable=False),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("engineer", sa.String, nullable=False),
        sa.Column("live_engineer", sa.String),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.UniqueConstraint("line", "live_engineer"),
        sa.Index(None, "incident", "at"),
        sa.Index(None, "line", "engineer", "at"),
        sa.Index("ix_pages_live", "incident", **_only("live")),
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("call", sa.String),
        sa.Column("incident", sa.String),
        sa.Column("leg", sa.String),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Index(None, "call", "id"),
        sa.Index(None, "incident", "id"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
