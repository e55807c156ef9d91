"""The row of those who wait for the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WAITING = sa.text("row_place IS NOT NULL")


def upgrade() -> None:
    """Add the place and an index of those who have one."""
    op.add_column("incidents", sa.Column("row_place", sa.String))
    op.create_index(
        "ix_incidents_row",
        "incidents",
        ["line", "row_place"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    """Drop both again."""
    op.drop_index("ix_incidents_row", "incidents")
    op.drop_column("incidents", "row_place")
