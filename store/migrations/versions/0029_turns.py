"""Those who are free are offered by level, plan and age, and to whoever misses them first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.online import add_index

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_HUNTED = sa.text("hunted")
_ONLY = {"sqlite_where": _HUNTED, "postgresql_where": _HUNTED}
_INDEX = "ix_incidents_hunted"


def upgrade() -> None:
    """Add the columns; hunts under way fill them with their next decision."""
    op.add_column("incidents", sa.Column("hunt_place", sa.String))
    op.add_column("incidents", sa.Column("missed", sa.String))
    op.drop_index(_INDEX, table_name="incidents")
    add_index(_INDEX, "incidents", ["line", "hunt_place"], **_ONLY)


def downgrade() -> None:
    """Undo it again."""
    op.drop_index(_INDEX, table_name="incidents")
    add_index(_INDEX, "incidents", ["line", "urgency", "opened_at"], **_ONLY)
    op.drop_column("incidents", "missed")
    op.drop_column("incidents", "hunt_place")
