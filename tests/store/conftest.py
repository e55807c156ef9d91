"""Every implementation of a promise, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.ports import Book
from store.db.engine import open_engine
from store.log.call_repository import SqlBook
from store.memory.book import MemoryBook
from tests.conftest import DATABASES, fresh_database


@pytest.fixture(params=["memory", *DATABASES])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Book]:
    """A book with nothing in it."""
    if request.param == "memory":
        yield MemoryBook()
        return
    engine = open_engine(fresh_database(request.param, request, tmp_path))
    yield SqlBook(engine)
    engine.dispose()
