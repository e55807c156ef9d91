"""What programs outside are told of incidents."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "dispatches",
        sa.Column("place", _COUNTED, primary_key=True),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("hook", sa.String, nullable=False),
        sa.Column("incident", sa.String, nullable=False),
        sa.Column("happening", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("wakes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("result", sa.String),
        sa.Column("answer", sa.String),
        sa.UniqueConstraint("id", name="uq_dispatches_id"),
    )
    waiting, theirs = _only("done_at IS NULL"), ["line", "hook", "incident", "place"]
    op.create_index("ix_dispatches_wakes_at", "dispatches", ["wakes_at"], **waiting)
    op.create_index("ix_dispatches_waiting", "dispatches", theirs, **waiting)
    op.create_index("ix_dispatches_incident", "dispatches", ["incident"])
    op.create_index("ix_dispatches_done_at", "dispatches", ["done_at"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("dispatches")
