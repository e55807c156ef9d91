"""What is let go is found by its age, and what it counted stays."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Make the table and the indexes."""
    op.create_table(
        "spent",
        sa.Column("line", sa.String, nullable=False),
        sa.Column("contract", sa.String, nullable=False),
        sa.Column("contract_year", sa.Date, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("places", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("line", "contract", "contract_year", name="pk_spent"),
    )
    op.create_index("ix_letters_line_at", "letters", ["line", "at"])
    op.create_index("ix_memos_at", "memos", ["at"])
    alone, heard = _only("incident IS NULL"), _only("state IN ('waiting', 'kept')")
    op.create_index("ix_calls_alone", "calls", ["line", "started_at"], **alone)
    op.create_index("ix_recordings_heard", "recordings", ["line", "made_at"], **heard)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_recordings_heard", "recordings")
    op.drop_index("ix_calls_alone", "calls")
    op.drop_index("ix_memos_at", "memos")
    op.drop_index("ix_letters_line_at", "letters")
    op.drop_table("spent")
