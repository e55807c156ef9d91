"""Signature requests: a row of their own, and contacts who hear of releases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """All that there is so far are incidents, and nobody has asked to hear of anything."""
    kind = sa.Column("kind", sa.String, nullable=False, server_default="incident")
    hears = sa.Column("hears_of_releases", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("incidents", kind)
    op.add_column("contacts", hears)


def downgrade() -> None:
    """Drop both again."""
    op.drop_column("contacts", "hears_of_releases")
    op.drop_column("incidents", "kind")
