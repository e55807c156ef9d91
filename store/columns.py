"""Column types of the line's own: a moment in UTC, and a whole value kept as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[dt.datetime]):
    """An aware moment, kept and given back in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """To UTC, and without its zone where the database keeps none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(dt.UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        """Aware again, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Value(TypeDecorator[Any]):
    """A frozen value of ``routing``, whole, as JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any, recent: int = 0) -> None:
        """``kind`` is the class, or the union of classes, that the JSON is read back into. The
        ``recent`` values that were read last are not read again while their JSON is the same."""
        super().__init__()
        self.kind, self.recent = kind, recent
        self._adapter: TypeAdapter[Any] = TypeAdapter(kind)
        self._read: Callable[[str], Any] = self._adapter.validate_json
        if recent:
            self._read = lru_cache(recent)(self._read)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The value as JSON."""
        return None if value is None else self._adapter.dump_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value as it was."""
        return None if value is None else self._read(value)
