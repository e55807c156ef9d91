"""Incidents of a month are found by when they were opened, whoever they are of."""

from __future__ import annotations

from alembic import op

from store.migrations.online import add_index

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    add_index("ix_incidents_opened_at_line", "incidents", ["opened_at", "line"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_index("ix_incidents_opened_at_line", "incidents")
