"""Shared by all tables: names of constraints, a key that counts up, partial indexes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Counted = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only an INTEGER


def only(condition: str) -> dict[str, Any]:
    """The arguments of a partial index on the rows that fulfil this condition."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
