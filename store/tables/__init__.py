"""The tables. A value is stored whole as JSON; the columns beside it are for searching."""

from __future__ import annotations

from sqlalchemy import MetaData


def all_tables() -> MetaData:
    """Every table; a module that imports only some of them does not wait for the others."""
    from store.tables import base, log, people, work  # noqa: F401 - each adds its tables

    return base.metadata
