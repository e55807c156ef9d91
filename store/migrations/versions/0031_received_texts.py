"""Texts of engineers are remembered, so that a doubled or automatic one is known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "received_texts",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("engineer", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("incident", sa.String),
    )
    for columns in (["incident"], ["line", "engineer", "at"], ["at"]):
        name = f"ix_received_texts_{'_'.join(columns)}"
        op.create_index(name, "received_texts", columns)


def downgrade() -> None:
    """Undo it again."""
    op.drop_table("received_texts")
