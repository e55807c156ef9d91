"""Calls found by number, outcome, level and who took them; companies by how their name begins."""

from __future__ import annotations

from alembic import op
from sqlalchemy import column

from store.db.sql_types import CallLevel, CallTaker, FoldedText
from store.migrations.online import add_index

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    add_index("ix_calls_line_shown", "calls", ["line", "shown", "started_at", "id"])
    add_index("ix_calls_line_outcome", "calls", ["line", "outcome", "started_at", "id"])
    add_index("ix_calls_line_level", "calls", ["line", CallLevel(), "started_at", "id"])
    add_index("ix_calls_line_taker", "calls", ["line", CallTaker(), "started_at", "id"])
    add_index("ix_contracts_line_company", "contracts", ["line", FoldedText(column("customer"))])


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_contracts_line_company", "contracts")
    for name in ("taker", "level", "outcome", "shown"):
        op.drop_index(f"ix_calls_line_{name}", "calls")
