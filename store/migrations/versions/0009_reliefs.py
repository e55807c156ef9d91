"""Whoever came on at a handover, and whether they said so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "reliefs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("schedule", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("engineer", sa.String, nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("open_code", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.UniqueConstraint(
            "line", "schedule", "at", "engineer", name="uq_reliefs_line_schedule_at_engineer"
        ),
        sa.UniqueConstraint(
            "line", "engineer", "open_code", name="uq_reliefs_line_engineer_open_code"
        ),
    )
    op.create_index("ix_reliefs_line_at", "reliefs", ["line", "at"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("reliefs")
