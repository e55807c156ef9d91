"""Adds an index to a table that is in use; PostgreSQL builds it without blocking writers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alembic import op


def add_index(name: str, table: str, columns: Sequence[Any], **options: Any) -> None:
    """Create an index concurrently; an index that a killed release left invalid is built again.

    On SQLite writers wait for it: some seconds for each million rows.
    """
    if op.get_bind().dialect.name != "postgresql":
        op.create_index(name, table, columns, **options)
        return
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # the build waits for others; no statement waits for it
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        op.execute("SET lock_timeout = '2s'")
