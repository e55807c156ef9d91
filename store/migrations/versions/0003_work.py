"""Errands, slips and beats."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _errands()
    _slips()
    _beats()


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("beats")
    op.drop_table("slips")
    op.drop_table("errands")


def _errands() -> None:
    op.create_table(
        "errands",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("deed", sa.Text, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("wakes_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("last_error", sa.Text),
        sa.Index("ix_errands_wakes_at", "wakes_at", **_only("done_at IS NULL")),
        sa.Index("ix_errands_due_at", "due_at", **_only("done_at IS NULL")),
        sa.Index("ix_errands_done_at", "done_at"),
    )


def _slips() -> None:
    op.create_table(
        "slips",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Index(None, "subject", "at"),
    )


def _beats() -> None:
    op.create_table(
        "beats",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
