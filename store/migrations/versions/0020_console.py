"""Who may look at the console, where they are signed in, and what they changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0015"
branch_labels = None
depends_on = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("line", sa.String),
        sa.Column("engineer", sa.String),
        sa.Column("language", sa.String),
        sa.Column("zone", sa.String),
        sa.Column("password_hash", sa.String),
        sa.Column("password_once", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("totp_sealed", sa.String),
        sa.Column("totp_step", sa.Integer),
        sa.Column("subject", sa.String),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
        sa.UniqueConstraint("subject", name="uq_accounts_subject"),
    )
    _make_what_hangs_on_accounts()
    _make_audit()


def _make_what_hangs_on_accounts() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("account", _COUNTED, nullable=False),
        sa.Column("code_hash", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("account", "code_hash", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name="fk_recovery_codes_account", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "sittings",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("account", _COUNTED, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sittings"),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name="fk_sittings_account", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sittings_account", "sittings", ["account"])
    op.create_index("ix_sittings_seen_at", "sittings", ["seen_at"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("way", sa.String, nullable=False),
        sa.Column("deed", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("thing", sa.String, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_who_id", "audit", ["who", "id"])
    op.create_index("ix_audit_kind_thing_id", "audit", ["kind", "thing", "id"])


def downgrade() -> None:
    """Drop them again."""
    for table in ("audit", "sittings", "recovery_codes", "accounts"):
        op.drop_table(table)
