"""Which incidents count as premium, and their places in a contract year."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PLACE = ["line", "contract", "contract_year", "place"]


def upgrade() -> None:
    """Add the columns; no incident before this one has been counted."""
    premium = sa.Column("premium", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("incidents", premium)
    op.add_column("incidents", sa.Column("contract_year", sa.Date))
    op.add_column("incidents", sa.Column("place", sa.Integer))
    op.create_index("ix_incidents_place", "incidents", PLACE, unique=True)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_incidents_place", "incidents")
    for column in ("place", "contract_year", "premium"):
        op.drop_column("incidents", column)
