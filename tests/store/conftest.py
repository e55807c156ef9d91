"""Every implementation of a promise, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.ports import CallRepository
from store.db import schema
from store.db.engine import open_engine
from store.log.call_repository import SqlCallRepository
from store.memory.call_repository import MemoryCallRepository
from tests.conftest import DATABASES, fresh_database

REVISION = "0002_next"
"""A migration of a release after this one: it adds a column to a table in use."""
SOURCE = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002_next", "0001_initial"
branch_labels = depends_on = None


def upgrade():
    op.add_column("incidents", sa.Column("next", sa.String))
"""


@pytest.fixture(params=["memory", *DATABASES])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CallRepository]:
    """A book with nothing in it."""
    if request.param == "memory":
        yield MemoryCallRepository()
        return
    engine = open_engine(fresh_database(request.param, request, tmp_path))
    yield SqlCallRepository(engine)
    engine.dispose()


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give this release a second migration; gives back its revision."""
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / f"{REVISION}.py").write_text(SOURCE)
    monkeypatch.setattr(schema, "_FOLDERS", (*schema._FOLDERS, folder))
    return REVISION
