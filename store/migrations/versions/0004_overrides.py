"""Overrides that do not come from the file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "overrides",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("schedule", sa.String, nullable=False),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("end", MOMENT, nullable=False),
        sa.Column("remove", sa.String),
        sa.Column("add", sa.String),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("uid", sa.String, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Index(None, "line", "schedule", "id"),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("overrides")
