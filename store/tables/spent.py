"""What premium incidents counted that are not kept any more: numbers, and nobody's data."""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, String, Table

from store.tables.base import metadata

spent = Table(
    "spent",
    metadata,
    Column("line", String, primary_key=True),
    Column("contract", String, primary_key=True),
    Column("contract_year", Date, primary_key=True),
    Column("used", Integer, nullable=False),
    Column("places", Integer, nullable=False),  # the highest that was given
)
