"""What callers and engineers said, and the sound of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "recordings",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("incident", sa.String, nullable=False),
        sa.Column("call", sa.String),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
    )
    op.create_index("ix_recordings_incident_made_at", "recordings", ["incident", "made_at"])
    undone = sa.text("deleted_at IS NULL")
    op.create_index(
        "ix_recordings_unsettled",
        "recordings",
        ["made_at"],
        sqlite_where=undone,
        postgresql_where=undone,
    )
    op.create_table(
        "sounds",
        sa.Column("recording", sa.String, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("recording", name="pk_sounds"),
        sa.ForeignKeyConstraint(["recording"], ["recordings.id"], name="fk_sounds_recording"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("sounds")
    op.drop_table("recordings")
