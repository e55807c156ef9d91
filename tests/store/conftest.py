"""Every implementation of a promise, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.ports import CallRepository
from store.db.engine import open_engine
from store.log.call_repository import SqlCallRepository
from store.memory.book import MemoryCallRepository
from tests.conftest import DATABASES, fresh_database


@pytest.fixture(params=["memory", *DATABASES])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CallRepository]:
    """A book with nothing in it."""
    if request.param == "memory":
        yield MemoryCallRepository()
        return
    engine = open_engine(fresh_database(request.param, request, tmp_path))
    yield SqlCallRepository(engine)
    engine.dispose()
