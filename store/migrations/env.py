"""Runs the migrations on the connection that ``store.db.schema`` provides."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from store.db.sql_types import JsonValue, UtcDateTime
from store.tables import all_tables


def _plainly(kind: str, thing: Any, _: Any) -> str | Literal[False]:
    """Name the types of the database, because a migration outlives our classes."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, JsonValue):
        return "sa.Text()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=all_tables(),
    render_as_batch=True,
    render_item=_plainly,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
