"""Create every table, index and trigger of the first release."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db.sql_types import FoldedText, LastDay, Surname
from store.migrations.stale_days import create_stale_day_triggers, drop_stale_day_triggers

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
    counted = "line, started_at, ended_at, level, answered_at, outcome, engineer"
    create_stale_day_triggers("calls", "started_at", counted)
    counted = "line, opened_at, urgency, promised, breached, premium, merged_into"
    create_stale_day_triggers("incidents", "opened_at", counted)


def downgrade() -> None:
    """Drop the tables, each before those that it refers to."""
    drop_stale_day_triggers("incidents")
    drop_stale_day_triggers("calls")
    for table in TABLES:
        op.drop_table(table)


TABLES = (
    "import_previews",
    "task_chunks",
    "tasks",
    "webhook_deliveries",
    "idempotency_keys",
    "api_tokens",
    "processes",
    "heartbeats",
    "carrier_paces",
    "failed_pins",
    "jobs",
    "premium_archive",
    "file_chunks",
    "files",
    "customer_messages",
    "notes",
    "received_texts",
    "messages",
    "stale_days",
    "daily_rollups",
    "sounds",
    "recordings",
    "counters",
    "journal",
    "pages",
    "incidents",
    "calls",
    "added_phones",
    "overrides",
    "handovers",
    "audit_log",
    "portal_codes",
    "portal_sessions",
    "sessions",
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
        sa.Column("premium_incidents", sa.Integer),
        sa.Column("openid", sa.String),
        sa.Column("email_level_1", sa.String, nullable=False, server_default="answer"),
        sa.Column("origin", sa.String, nullable=False),
        sa.Index("ix_contracts_line_company", "line", FoldedText(sa.column("customer")), "number"),
        sa.Index("ix_contracts_line_plan", "line", "plan", LastDay(), "number"),
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
        sa.Column("admin", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(
            ["line", "contract"], ["contracts.line", "contracts.number"], ondelete="CASCADE"
        ),
        sa.Index("ix_contacts_line_contract", "line", "contract"),
        sa.Index("ix_contacts_line_name", "line", FoldedText(sa.column("name")), "id"),
        sa.Index("ix_contacts_line_surname", "line", Surname(), "id"),
        sa.Index("ix_contacts_line_email", "line", FoldedText(sa.column("email"))),
    )
    _create_table(
        "contact_phones",
        sa.Column(
            "contact", COUNTED, sa.ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("position", sa.Integer, primary_key=True),
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
        sa.Column("created_at", MOMENT, nullable=False),
    )
    _create_table(
        "recovery_codes",
        sa.Column(
            "account", COUNTED, sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("code_hash", sa.String, primary_key=True),
    )
    _create_table(
        "sessions",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column(
            "account", COUNTED, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Index("ix_sessions_account", "account"),
        sa.Index("ix_sessions_seen_at", "seen_at"),
    )
    _create_table(
        "portal_sessions",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("contract", sa.String, nullable=False),
        sa.Column("contact", sa.String, nullable=False),
        sa.Column("way_in", sa.String, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("draft", sa.String),
        sa.Index("ix_portal_sessions_line_contract", "line", "contract"),
        sa.Index("ix_portal_sessions_seen_at", "seen_at"),
    )
    _create_table(
        "portal_codes",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("language", sa.String),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("proof_hash", sa.String),
        sa.Index("ix_portal_codes_asked_at", "asked_at"),
    )
    _create_table(
        "audit_log",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("object_type", sa.String, nullable=False),
        sa.Column("object_id", sa.String, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Index("ix_audit_log_object_type_object_id_id", "object_type", "object_id", "id"),
        sa.Index("ix_audit_log_actor_id", "actor", "id"),
    )
    _create_table(
        "handovers",
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
        sa.Index("ix_handovers_line_at", "line", "at"),
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
        sa.Column("caller_id", sa.String, nullable=False),
        sa.Column("contract", sa.String),
        sa.Column("outcome", sa.String),
        sa.Column("incident", sa.String),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("level", sa.Integer),
        sa.Column("taker", sa.String),
        sa.Column("answered_at", MOMENT),
        sa.Column("engineer", sa.String),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index(
            "ix_calls_alone",
            "line",
            "started_at",
            **_only("incident IS NULL AND ended_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_calls_contract", "contract", "started_at", "id", **_only("contract IS NOT NULL")
        ),
        sa.Index("ix_calls_incident", "incident", **_only("incident IS NOT NULL")),
        *(
            sa.Index(
                f"ix_calls_line_{column}",
                "line",
                column,
                "started_at",
                "id",
                **_only("ended_at IS NOT NULL"),
            )
            for column in ("level", "outcome", "taker")
        ),
        sa.Index("ix_calls_line_caller_id", "line", "caller_id", "started_at", "id"),
        sa.Index("ix_calls_line_started_at_id", "line", "started_at", "id"),
        sa.Index("ix_calls_live", "line", "started_at", "id", **_only("ended_at IS NULL")),
        sa.Index("ix_calls_started_at_id", "started_at", "id"),
    )
    _create_table(
        "incidents",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False, unique=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("contract", sa.String),
        sa.Column("caller", sa.String),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False, server_default="incident"),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("escalating", sa.Boolean, nullable=False),
        sa.Column("escalation_key", sa.String),
        sa.Column("missed_engineers", sa.String),
        sa.Column("queue_key", sa.String),
        sa.Column("rung", sa.Boolean, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("taker", sa.String),
        sa.Column("promised", sa.Boolean, nullable=False),
        sa.Column("breached", sa.Boolean, nullable=False),
        sa.Column("premium", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("contract_year", sa.Date),
        sa.Column("premium_place", sa.Integer),
        sa.Column("merged_into", sa.String),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_incidents_line_number", "line", "number"),
        *(
            sa.Index(
                f"ix_incidents_contract_{column}",
                "contract",
                column,
                **_only("contract IS NOT NULL"),
            )
            for column in ("number", "opened_at")
        ),
        sa.Index("ix_incidents_taker", "line", "taker", "opened_at", **_only("taker IS NOT NULL")),
        sa.Index(
            "ix_incidents_place", "line", "premium_place", **_only("contract_year IS NOT NULL")
        ),
        sa.Index("ix_incidents_line_verified_opened_at", "line", "verified", "opened_at"),
        sa.Index(
            "ix_incidents_open", "line", "opened_at", **_only("state IN ('open', 'acknowledged')")
        ),
        sa.Index("ix_incidents_opened_at_line", "opened_at", "line"),
        sa.Index(
            "ix_incidents_premium_place",
            "line",
            "contract",
            "contract_year",
            "premium_place",
            unique=True,
            **_only("contract_year IS NOT NULL"),
        ),
        sa.Index("ix_incidents_queue", "line", "queue_key", **_only("queue_key IS NOT NULL")),
        sa.Index("ix_incidents_kind_number", "kind", "number"),
        sa.Index("ix_incidents_source_number", "source", "number"),
        sa.Index("ix_incidents_state_number", "state", "number"),
        sa.Index("ix_incidents_unclosed", "line", "contract", **_only("state <> 'closed'")),
        sa.Index("ix_incidents_escalating", "line", "escalation_key", **_only("escalating")),
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
        sa.Index(
            "uq_pages_live_engineer",
            "line",
            "live_engineer",
            unique=True,
            **_only("live_engineer IS NOT NULL"),
        ),
        sa.Index("ix_pages_incident_at", "incident", "at"),
        sa.Index("ix_pages_line_engineer_at", "line", "engineer", "at"),
        sa.Index("ix_pages_live", "incident", **_only("live")),
        sa.Index("ix_pages_notices", "line", "at", **_only("channel <> 'call'")),
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
        sa.Index("ix_journal_call", "call", "id", **_only("call IS NOT NULL")),
        sa.Index("ix_journal_incident", "incident", "id", **_only("incident IS NOT NULL")),
    )
    _create_table(
        "counters",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
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
        sa.Index("ix_recordings_sound", "line", "made_at", **_only("state IN ('waiting', 'kept')")),
        sa.Index("ix_recordings_incident_made_at", "incident", "made_at"),
        sa.Index("ix_recordings_unsettled", "made_at", **_only("deleted_at IS NULL")),
    )
    _create_table(
        "sounds",
        sa.Column("recording", sa.String, sa.ForeignKey("recordings.id"), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    _create_table(
        "daily_rollups",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("until", MOMENT, primary_key=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("timezone", sa.String, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text),
    )
    _create_table(
        "stale_days",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Index("ix_stale_days_line_at", "line", "at"),
    )
    _create_table(
        "messages",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("incident", sa.String),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("result", sa.String),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_messages_incident_at", "incident", "at"),
        sa.Index("ix_messages_line_at", "line", "at"),
        sa.Index("ix_messages_line_recipient_at", "line", "recipient", "at"),
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
        "notes",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("incident", sa.String, sa.ForeignKey("incidents.key"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_notes_at", "at"),
        sa.Index("ix_notes_incident_at", "incident", "at"),
    )
    _create_table(
        "customer_messages",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("incident", sa.String, sa.ForeignKey("incidents.key"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("mail_id", sa.String),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_customer_messages_at", "at"),
        sa.Index("ix_customer_messages_incident_at", "incident", "at"),
        sa.Index("ix_customer_messages_mail_id", "mail_id", **_only("mail_id IS NOT NULL")),
    )
    _create_table(
        "files",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("contract", sa.String),
        sa.Column("incident", sa.String, sa.ForeignKey("incidents.key")),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("door", sa.String, nullable=False),
        sa.Index("ix_files_incident_at", "incident", "at"),
        sa.Index("ix_files_line_contract", "line", "contract"),
        sa.Index("ix_files_unattached", "at", **_only("incident IS NULL")),
    )
    _create_table(
        "file_chunks",
        sa.Column("file", sa.String, sa.ForeignKey("files.id"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    _create_table(
        "received_mails",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("identity", sa.String, unique=True),
        sa.Column("door", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("wakes_at", MOMENT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("file", sa.String),
        sa.Column("level", sa.Integer),
        sa.Column("forced", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("line", sa.String),
        sa.Column("incident", sa.String),
        sa.Column("sender", sa.String),
        sa.Column("subject", sa.Text),
        sa.Column("why", sa.Text),
        sa.Column("answered_at", MOMENT),
        sa.Column("unproven", sa.BigInteger),
        sa.Index("ix_received_mails_at_id", "at", "id"),
        sa.Index("ix_received_mails_state_at_id", "state", "at", "id"),
        sa.Index("ix_received_mails_incident", "incident"),
        sa.Index("ix_received_mails_sender_at", "sender", "at"),
        sa.Index("ix_received_mails_wakes_at", "wakes_at", **_only("wakes_at IS NOT NULL")),
    )
    _create_table(
        "premium_archive",
        sa.Column("line", sa.String, primary_key=True),
        sa.Column("contract", sa.String, primary_key=True),
        sa.Column("contract_year", sa.Date, primary_key=True),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("highest_place", sa.Integer, nullable=False),
        sa.Index("ix_premium_archive_line_contract_year", "line", "contract_year"),
    )


def _create_work() -> None:
    """Jobs, heartbeats, limits, tokens and webhook deliveries."""
    _create_table(
        "jobs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("lane", sa.String, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("wakes_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("result", sa.Text),
        sa.Column("receiver", sa.String),
        sa.Column("progress", sa.Integer),
        sa.Index("ix_jobs_done_at", "done_at", **_only("done_at IS NOT NULL")),
        sa.Index("ix_jobs_due_at", "due_at", **_only("done_at IS NULL")),
        sa.Index("ix_jobs_wakes_at", "lane", "wakes_at", **_only("done_at IS NULL")),
    )
    _create_table(
        "failed_pins",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Index("ix_failed_pins_at", "at"),
        sa.Index("ix_failed_pins_subject_at", "subject", "at"),
    )
    _create_table(
        "carrier_paces",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("free_at", MOMENT, nullable=False),
    )
    _create_table(
        "heartbeats",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )
    _create_table(
        "processes",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("host", sa.String, primary_key=True),
        sa.Column("pid", sa.Integer, primary_key=True),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("python", sa.String, nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    _create_table(
        "api_tokens",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Index("uq_api_tokens_live", "name", unique=True, **_only("revoked_at IS NULL")),
    )
    _create_table(
        "idempotency_keys",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("request_hash", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("response", sa.Text),
        sa.Column("location", sa.String),
        sa.Index("ix_idempotency_keys_at", "at"),
    )
    _create_table(
        "webhook_deliveries",
        sa.Column("position", COUNTED, primary_key=True),
        sa.Column(
            "id",
            sa.String,
            sa.ForeignKey("jobs.id", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("webhook", sa.String, nullable=False),
        sa.Column("incident", sa.String, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Index("ix_webhook_deliveries_incident", "incident"),
    )
    _create_table(
        "tasks",
        sa.Column("id", sa.String, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "account", COUNTED, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("wanted", sa.Text, nullable=False),
        sa.Column("file_name", sa.String, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Index("ix_tasks_account", "account"),
    )
    _create_table(
        "task_chunks",
        sa.Column(
            "task", sa.String, sa.ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    _create_table(
        "import_previews",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column(
            "account", COUNTED, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Index("ix_import_previews_created_at", "created_at"),
    )
