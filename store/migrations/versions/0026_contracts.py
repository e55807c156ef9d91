"""Contracts found by their last day, contacts by their name; what imports would change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import column

from store.db.sql_types import FoldedText, LastDay, Surname
from store.migrations.online import add_index

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the indexes."""
    op.create_table(
        "previews",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column(
            "account",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("accounts.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_index("ix_previews_made_at", "previews", ["made_at"])
    add_index("ix_contracts_line_until", "contracts", ["line", LastDay(), "number"])
    add_index("ix_contacts_line_name", "contacts", ["line", FoldedText(column("name")), "id"])
    add_index("ix_contacts_line_surname", "contacts", ["line", Surname(), "id"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_contacts_line_surname", "contacts")
    op.drop_index("ix_contacts_line_name", "contacts")
    op.drop_index("ix_contracts_line_until", "contracts")
    op.drop_table("previews")
