"""Days that are over are added up; the database itself notes what changes in them afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.late import note_late, note_no_more

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and have late changes noted."""
    op.create_table(
        "sums",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("until", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("laid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text),
    )
    op.create_table(
        "late",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_late_line_at", "late", ["line", "at"])
    note_late("calls", "started_at")
    note_late("incidents", "opened_at")


def downgrade() -> None:
    """Undo it again."""
    note_no_more("incidents")
    note_no_more("calls")
    op.drop_table("late")
    op.drop_table("sums")
