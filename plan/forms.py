"""Lists and fields: how readers of single values are put together to read a whole file."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

from plan.reading import Reader, Reading, Unread, Wrong, then
from plan.sheet import Entry, Fields, Items, Word
from routing.names import tidy

T = TypeVar("T")


def many(reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list, every item read by the same reader."""

    def read(entry: Entry, reading: Reading) -> tuple[T, ...]:
        if not isinstance(entry, Items):
            raise Wrong("must be a list")
        tried = [reading.attempt(reader, item) for item in entry.items]
        values = tuple(value for value in tried if value is not None)
        if len(values) < len(tried):
            raise Unread
        return values

    return read


def one_or_many(reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list, or one value that stands for a list of itself."""

    def read(entry: Entry, reading: Reading) -> tuple[T, ...]:
        items = entry if isinstance(entry, Items) else Items(entry.mark, (entry,))
        return many(reader)(items, reading)

    return read


def some(reader: Reader[tuple[T, ...]]) -> Reader[tuple[T, ...]]:
    """A list that names at least one."""

    def make(values: tuple[T, ...]) -> tuple[T, ...]:
        if not values:
            raise Wrong("must name at least one")
        return values

    return then(reader, make)


def distinct(key: str, reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list of things of which no two carry the same word in a field."""
    plain = many(reader)

    def read(entry: Entry, reading: Reading) -> tuple[T, ...]:
        note_repeats(entry, key, "is taken by an earlier one; take another", reading)
        return plain(entry, reading)

    return read


def note_repeats(entry: Entry, key: str, message: str, reading: Reading) -> None:
    """Note every word in a field that an earlier item of a list already carries."""
    seen: set[str] = set()
    for item in entry.items if isinstance(entry, Items) else ():
        found = item.get(key) if isinstance(item, Fields) else None
        if isinstance(found, Word):
            text = tidy(found.text)
            if text in seen:
                reading.note(found.mark, message)
            seen.add(text)


def fields(needed: frozenset[str], **readers: Reader[Any]) -> Reader[dict[str, Any]]:
    """Named fields, all known, those needed present; ``for_`` reads the field ``for``."""
    known = {into.removesuffix("_"): (into, reader) for into, reader in readers.items()}

    def read(entry: Entry, reading: Reading) -> dict[str, Any]:
        if not isinstance(entry, Fields):
            raise Wrong(f"must be fields: {', '.join(known)}")
        before = len(reading.findings)
        _note_names(entry, known, reading)
        values: dict[str, Any] = {}
        for name, (into, reader) in known.items():
            found = entry.get(name)
            if found is not None:
                values[into] = reading.attempt(reader, found)
            elif into in needed:
                left = "empty" if name in {key.text for key, _ in entry.fields} else "missing"
                reading.note(entry.where(name), f"is {left}")
        if len(reading.findings) > before:
            raise Unread
        return values

    return read


def record(make: Callable[..., T], **readers: Reader[Any]) -> Reader[T]:
    """Named fields that become the arguments of ``make``; those without a default are needed."""
    return then(fields(needed_by(make), **readers), lambda found: make(**found))


def needed_by(make: Callable[..., Any]) -> frozenset[str]:
    """The arguments that something cannot be made without."""
    parameters = inspect.signature(make).parameters.values()
    return frozenset(p.name for p in parameters if p.default is p.empty)


def closest(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that was probably meant, or at all of them."""
    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known)) or 'none'}"


def _note_names(entry: Fields, known: dict[str, Any], reading: Reading) -> None:
    seen: set[str] = set()
    for key, _ in entry.fields:
        if key.text in seen:
            reading.note(key.mark, "stands here a second time")
        elif key.text not in known:
            reading.note(key.mark, f"is not a field; {closest(key.text, known)}")
        seen.add(key.text)
