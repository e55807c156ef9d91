"""Texts and mails that tell and ask for no key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "letters",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("incident", sa.String),
        sa.Column("reader", sa.String, nullable=False),
        sa.Column("result", sa.String),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_index("ix_letters_incident_at", "letters", ["incident", "at"])
    op.create_index("ix_letters_line_reader_at", "letters", ["line", "reader", "at"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("letters")
