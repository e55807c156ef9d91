"""Numbers that people added themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "added_phones",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("engineer", sa.String, primary_key=True),
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True)),
        sa.Column("code_hash", sa.String),
        sa.Column("code_at", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    op.create_index("ix_added_phones_line_number", "added_phones", ["line", "number"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("added_phones")
