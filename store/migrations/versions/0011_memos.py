"""What people wrote or said about incidents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "memos",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("incident", sa.String, sa.ForeignKey("incidents.key"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_index("ix_memos_incident_at", "memos", ["incident", "at"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("memos")
