"""Tokens of programs, what they were answered, and the log by state and contract."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.online import add_index

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the indexes."""
    op.create_table(
        "tokens",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("may", sa.String, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    live = sa.text("ended_at IS NULL")
    only = {"sqlite_where": live, "postgresql_where": live}
    op.create_index("uq_tokens_live", "tokens", ["name"], unique=True, **only)
    op.create_table(
        "replays",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("asked", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.Text),
        sa.Column("location", sa.String),
    )
    op.create_index("ix_replays_at", "replays", ["at"])
    add_index("ix_incidents_state_number", "incidents", ["state", "number"])
    add_index("ix_incidents_contract_number", "incidents", ["contract", "number"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_incidents_contract_number", "incidents")
    op.drop_index("ix_incidents_state_number", "incidents")
    op.drop_table("replays")
    op.drop_table("tokens")
