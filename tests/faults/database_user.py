"""A user of the tests' PostgreSQL, to whom things can happen that happen to nobody else there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from store.db.engine import open_engine, writing
from tests.conftest import emptied

NAME = f"tenant_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


class Tenant:
    """Reads and writes the tables of this test process, as anybody may."""

    def __init__(self, owner: str) -> None:
        self._engine = open_engine(emptied(owner))
        try:
            self._drop_leftover()
            self.do(f"CREATE ROLE {NAME} LOGIN PASSWORD 'tenant'")
        except ProgrammingError:
            pytest.skip("this user of PostgreSQL may not make another")
        with writing(self._engine) as connection:
            schema = connection.scalar(text("SELECT current_schema()"))
        every = (f"{what} IN SCHEMA {schema}" for what in ("TABLES", "SEQUENCES"))
        self.do(
            f"GRANT USAGE ON SCHEMA {schema} TO {NAME}",
            *(f"GRANT ALL ON ALL {what} TO {NAME}" for what in every),
        )
        url = make_url(owner).set(username=NAME, password="tenant")
        self.url = url.render_as_string(hide_password=False)

    def _drop_leftover(self) -> None:
        """A run that was interrupted left the role, and what it owns."""
        with writing(self._engine) as connection:
            asked = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
            known = connection.scalar(asked, {"name": NAME})
        if known:
            self.do(f"DROP OWNED BY {NAME}", f"DROP ROLE {NAME}")

    def do(self, *statements: str) -> None:
        """As the owner."""
        with writing(self._engine) as connection:
            for statement in statements:
                connection.execute(text(statement))

    def reads_only(self, how: str) -> None:
        """``on`` or ``off``, for connections made from now on: as if led to a standby, or back."""
        self.do(f"ALTER ROLE {NAME} SET default_transaction_read_only = {how}")

    def may_connect(self, often: int) -> None:
        """So many connections at the same time; -1 for any number."""
        self.do(f"ALTER ROLE {NAME} CONNECTION LIMIT {often}")

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Whoever asks this table waits for as long as this lasts."""
        with writing(self._engine) as connection:
            connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
            yield

    def close(self) -> None:
        self.do(f"DROP OWNED BY {NAME}", f"DROP ROLE {NAME}")
        self._engine.dispose()
