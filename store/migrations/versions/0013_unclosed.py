"""What a contract may call about again, found without its history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    unclosed = sa.text("state <> 'closed'")
    op.create_index(
        "ix_incidents_unclosed",
        "incidents",
        ["line", "contract"],
        sqlite_where=unclosed,
        postgresql_where=unclosed,
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_index("ix_incidents_unclosed", "incidents")
