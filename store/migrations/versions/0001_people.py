"""Lines, contracts and contacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _lines()
    _contracts()
    _contacts()
    _contact_phones()


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("contact_phones")
    op.drop_table("contacts")
    op.drop_table("contracts")
    op.drop_table("lines")


def _lines() -> None:
    op.create_table(
        "lines",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("number", sa.String, nullable=False, unique=True),
        sa.Column("texts_from", sa.String, nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )


def _contracts() -> None:
    op.create_table(
        "contracts",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("customer", sa.String, nullable=False),
        sa.Column("plan", sa.String, nullable=False),
        sa.Column("since", sa.Date),
        sa.Column("until", sa.Date),
        sa.Column("premium_incidents", sa.Integer, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
    )


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("contract", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("pin_hash", sa.String, nullable=False),
        sa.Column("language", sa.String),
        sa.Column("email", sa.String),
        sa.Column("ends", sa.Date),
        sa.ForeignKeyConstraint(
            ["line", "contract"], ["contracts.line", "contracts.number"], ondelete="CASCADE"
        ),
        sa.Index(None, "line", "contract"),
    )


def _contact_phones() -> None:
    op.create_table(
        "contact_phones",
        sa.Column(
            "contact", COUNTED, sa.ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("phone", sa.String, nullable=False, index=True),
    )
