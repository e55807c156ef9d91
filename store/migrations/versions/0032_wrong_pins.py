"""Wrong PINs are found by when they were keyed, for a figure of the last hour."""

from __future__ import annotations

from alembic import op

from store.migrations.online import add_index

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    add_index("ix_slips_at", "slips", ["at"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_index("ix_slips_at", "slips")
