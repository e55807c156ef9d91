"""An index for a table that is in use: on PostgreSQL it is made without holding anybody up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alembic import op


def add_index(name: str, table: str, columns: Sequence[Any], **options: Any) -> None:
    """Make an index beside whoever reads and writes; one that a killed release began is redone.

    On SQLite whoever writes waits for it: some seconds for each million rows.
    """
    if op.get_bind().dialect.name != "postgresql":
        op.create_index(name, table, columns, **options)
        return
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # it waits for others, and nobody waits for it
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        op.execute("SET lock_timeout = '2s'")
