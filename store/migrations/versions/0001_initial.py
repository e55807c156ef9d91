"""Create every table, index and trigger of the first release."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db.sql_types import CallLevel, CallTaker, FoldedText, LastDay, Surname
from store.migrations.late import note_late, note_no_more

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up only an INTEGER


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _create_table(name: str, *items: Any) -> None:
    """Create a table, and then its indexes one by one: of two that fit, SQLite takes the newer."""
    op.create_table(name, *(item for item in items if not isinstance(item, sa.Index)))
    for index in (item for item in items if isinstance(item, sa.Index)):
        conditions = index.dialect_options
        op.create_index(
            index.name,
            name,
            list(index.expressions),
            unique=index.unique,
            sqlite_where=conditions["sqlite"]["where"],
            postgresql_where=conditions["postgresql"]["where"],
        )


def upgrade() -> None:
    """Create the tables. Incident numbers begin at 1001."""
    _create_people()
    _create_log()
    _create_work()
    op.execute("INSERT INTO counters (name, value) VALUES ('incident', 1000)")
    note_late("calls", "started_at")
    note_late("incidents", "opened_at")


def downgrade() -> None:
    """Drop the tables, each before those that it refers to."""
    note_no_more("incidents")
    note_no_more("calls")
    for table in TABLES:
        op.drop_table(table)


TABLES = (
    "previews",
    "dispatches",
    "replays",
    "tokens",
    "beats",
    "paces",
    "slips",
    "errands",
    "spent",
    "memos",
    "received_texts",
    "letters",
    "late",
    "sums",
    "sounds",
    "recordings",
    "counters",
    "journal",
    "pages",
    "incidents",
    "calls",
    "added_phones",
    "overrides",
    "reliefs",
    "audit",
    "sittings",
    "recovery_codes",
    "accounts",
    "calendar_links",
    "contact_phones",
    "contacts",
    "contracts",
    "lines",
)


def _create_people() -> None:
    """Lines, contracts, contacts, and what people keep about themselves."""
    _create_table(
        "lines",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("number", sa.String, nullable=False, unique=True),
        sa.Column("texts_from", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_lines_texts_from", "texts_from"),
    )
    _create_table(
        "contracts",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("customer", sa.String, nullable=False),
        sa.Column("plan", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
        sa.Column("premium_incidents", sa.Integer, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Index("ix_contracts_line_company", "line", FoldedText(sa.column("customer"))),
        sa.Index("ix_contracts_line_until", "line", LastDay(), "number"),
    )
    _create_table(
        "contacts",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("contract", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("pin_hash", sa.String, nullable=False),
        sa.Column("language", sa.String),
        sa.Column("email", sa.String),
        sa.Column("ends", sa.Date),
        sa.Column("hears_of_releases", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(
            ["line", "contract"], ["contracts.line", "contracts.number"], ondelete="CASCADE"
        ),
        sa.Index("ix_contacts_line_contract", "line", "contract"),
        sa.Index("ix_contacts_line_name", "line", FoldedText(sa.column("name")), "id"),
        sa.Index("ix_contacts_line_surname", "line", Surname(), "id"),
    )
    _create_table(
        "contact_phones",
        sa.Column(
            "contact", COUNTED, sa.ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("phone", sa.String, nullable=False),
        sa.Index("ix_contact_phones_phone", "phone"),
    )
    _create_table(
        "calendar_links",
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=False),
    )
    _create_table(
        "accounts",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("line", sa.String),
        sa.Column("engineer", sa.String),
        sa.Column("language", sa.String),
        sa.Column("zone", sa.String),
        sa.Column("password_hash", sa.String),
        sa.Column("password_once", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("totp_sealed", sa.String),
        sa.Column("totp_step", sa.Integer),
        sa.Column("subject", sa.String, unique=True),
        sa.Column("made_at", MOMENT, nullable=False),
    )
    _create_table(
        "recovery_codes",
        sa.Column(
            "account", COUNTED, sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("code_hash", sa.String, primary_key=True),
    )
    _create_table(
        "sittings",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column(
            "account", COUNTED, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Index("ix_sittings_account", "account"),
        sa.Index("ix_sittings_seen_at", "seen_at"),
    )
    _create_table(
        "audit",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("way", sa.String, nullable=False),
        sa.Column("deed", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("thing", sa.String, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Index("ix_audit_kind_thing_id", "kind", "thing", "id"),
        sa.Index("ix_audit_who_id", "who", "id"),
    )
    _create_table(
        "reliefs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("schedule", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("engineer", sa.String, nullable=False),
        sa.Column("ends_at", MOMENT),
        sa.Column("open_code", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.UniqueConstraint("line", "schedule", "at", "engineer"),
        sa.UniqueConstraint("line", "engineer", "open_code"),
        sa.Index("ix_reliefs_line_at", "line", "at"),
    )
    _create_table(
        "overrides",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("schedule", sa.String, nullable=False),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("end", MOMENT, nullable=False),
        sa.Column("remove", sa.String),
        sa.Column("add", sa.String),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("uid", sa.String, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Index("ix_overrides_line_schedule_id", "line", "schedule", "id"),
    )
    _create_table(
        "added_phones",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("engineer", sa.String, primary_key=True),
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("verified_at", MOMENT),
        sa.Column("code_hash", sa.String),
        sa.Column("code_at", MOMENT),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Index("ix_added_phones_line_number", "line", "number"),
    )


def _create_log() -> None:
    """Calls, incidents, and what is recorded about them."""
    _create_table(
        "calls",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("sid", sa.String, nullable=False, unique=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("shown", sa.String, nullable=False),
        sa.Column("contract", sa.String),
        sa.Column("outcome", sa.String),
        sa.Column("incident", sa.String),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_calls_alone", "line", "started_at", **_only("incident IS NULL")),
        sa.Index("ix_calls_contract_started_at", "contract", "started_at"),
        sa.Index("ix_calls_incident", "incident"),
        sa.Index("ix_calls_line_level", "line", CallLevel(), "started_at", "id"),
        sa.Index("ix_calls_line_outcome", "line", "outcome", "started_at", "id"),
        sa.Index("ix_calls_line_shown", "line", "shown", "started_at", "id"),
        sa.Index("ix_calls_line_started_at_id", "line", "started_at", "id"),
        sa.Index("ix_calls_line_taker", "line", CallTaker(), "started_at", "id"),
        sa.Index("ix_calls_live", "line", **_only("ended_at IS NULL")),
        sa.Index("ix_calls_started_at_id", "started_at", "id"),
    )
    _create_table(
        "incidents",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False, unique=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("contract", sa.String),
        sa.Column("caller", sa.String),
        sa.Column("kind", sa.String, nullable=False, server_default="incident"),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("hunted", sa.Boolean, nullable=False),
        sa.Column("hunt_place", sa.String),
        sa.Column("missed", sa.String),
        sa.Column("row_place", sa.String),
        sa.Column("rung", sa.Boolean, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("premium", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("contract_year", sa.Date),
        sa.Column("place", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_incidents_line_number", "line", "number"),
        sa.Index("ix_incidents_contract_number", "contract", "number"),
        sa.Index("ix_incidents_contract_opened_at", "contract", "opened_at"),
        sa.Index("ix_incidents_line_verified_opened_at", "line", "verified", "opened_at"),
        sa.Index(
            "ix_incidents_open", "line", "opened_at", **_only("state IN ('open', 'acknowledged')")
        ),
        sa.Index("ix_incidents_opened_at_line", "opened_at", "line"),
        sa.Index("ix_incidents_place", "line", "contract", "contract_year", "place", unique=True),
        sa.Index("ix_incidents_row", "line", "row_place", **_only("row_place IS NOT NULL")),
        sa.Index("ix_incidents_state_number", "state", "number"),
        sa.Index("ix_incidents_unclosed", "line", "contract", **_only("state <> 'closed'")),
        sa.Index("ix_incidents_hunted", "line", "hunt_place", **_only("hunted")),
    )
    _create_table(
        "pages",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("incident", sa.String, sa.ForeignKey("incidents.key"), nullable=False),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("engineer", sa.String, nullable=False),
        sa.Column("live_engineer", sa.String),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.UniqueConstraint("line", "live_engineer"),
        sa.Index("ix_pages_incident_at", "incident", "at"),
        sa.Index("ix_pages_line_engineer_at", "line", "engineer", "at"),
        sa.Index("ix_pages_live", "incident", **_only("live")),
    )
    _create_table(
        "journal",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("call", sa.String),
        sa.Column("incident", sa.String),
        sa.Column("leg", sa.String),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Index("ix_journal_call_id", "call", "id"),
        sa.Index("ix_journal_incident_id", "incident", "id"),
    )
    _create_table(
        "counters",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )
    _create_table(
        "recordings",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("incident", sa.String, nullable=False),
        sa.Column("call", sa.String),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_recordings_heard", "line", "made_at", **_only("state IN ('waiting', 'kept')")),
        sa.Index("ix_recordings_incident_made_at", "incident", "made_at"),
        sa.Index("ix_recordings_unsettled", "made_at", **_only("deleted_at IS NULL")),
    )
    _create_table(
        "sounds",
        sa.Column("recording", sa.String, sa.ForeignKey("recordings.id"), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    _create_table(
        "sums",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("until", MOMENT, primary_key=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("laid_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text),
    )
    _create_table(
        "late",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Index("ix_late_line_at", "line", "at"),
    )
    _create_table(
        "letters",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("incident", sa.String),
        sa.Column("reader", sa.String, nullable=False),
        sa.Column("result", sa.String),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_letters_incident_at", "incident", "at"),
        sa.Index("ix_letters_line_at", "line", "at"),
        sa.Index("ix_letters_line_reader_at", "line", "reader", "at"),
    )
    _create_table(
        "received_texts",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("engineer", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("verb", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("incident", sa.String),
        sa.Index("ix_received_texts_at", "at"),
        sa.Index("ix_received_texts_incident", "incident"),
        sa.Index("ix_received_texts_line_engineer_at", "line", "engineer", "at"),
    )
    _create_table(
        "memos",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("incident", sa.String, sa.ForeignKey("incidents.key"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_memos_at", "at"),
        sa.Index("ix_memos_incident_at", "incident", "at"),
    )
    _create_table(
        "spent",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("contract", sa.String, primary_key=True),
        sa.Column("contract_year", sa.Date, primary_key=True),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("places", sa.Integer, nullable=False),
    )


def _create_work() -> None:
    """Jobs, heartbeats, limits, tokens and webhook deliveries."""
    _create_table(
        "errands",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("deed", sa.Text, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("wakes_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("last_error", sa.Text),
        sa.Index("ix_errands_done_at", "done_at"),
        sa.Index("ix_errands_due_at", "due_at", **_only("done_at IS NULL")),
        sa.Index("ix_errands_wakes_at", "wakes_at", **_only("done_at IS NULL")),
    )
    _create_table(
        "slips",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Index("ix_slips_at", "at"),
        sa.Index("ix_slips_subject_at", "subject", "at"),
    )
    _create_table(
        "paces",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("free_at", MOMENT, nullable=False),
    )
    _create_table(
        "beats",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )
    _create_table(
        "tokens",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("may", sa.String, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Index("uq_tokens_live", "name", unique=True, **_only("ended_at IS NULL")),
    )
    _create_table(
        "replays",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("asked", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.Text),
        sa.Column("location", sa.String),
        sa.Index("ix_replays_at", "at"),
    )
    _create_table(
        "dispatches",
        sa.Column("place", COUNTED, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("hook", sa.String, nullable=False),
        sa.Column("incident", sa.String, nullable=False),
        sa.Column("happening", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("wakes_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("result", sa.String),
        sa.Column("answer", sa.String),
        sa.Index("ix_dispatches_done_at", "done_at"),
        sa.Index("ix_dispatches_incident", "incident"),
        sa.Index(
            "ix_dispatches_waiting", "line", "hook", "incident", "place", **_only("done_at IS NULL")
        ),
        sa.Index("ix_dispatches_wakes_at", "wakes_at", **_only("done_at IS NULL")),
    )
    _create_table(
        "previews",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column(
            "account", COUNTED, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_previews_made_at", "made_at"),
    )
