"""Words are data: every sentence of the console stands in the ``words.toml`` of its page."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("nl", "en")
"""The first is spoken where nothing else is known."""
ROOM = Path(__file__).parent
COMMON = "console"
"""What words of no one page are called by."""

Words = str | list[str]
"""A sentence; or a list: of one and several, or of names that are picked by number."""


@cache
def catalogue() -> Mapping[str, Mapping[str, Words]]:
    """Every sentence by its key, ``page.name``, in each language."""
    return dict(entry for file in files() for entry in _entries(_section(file), _read(file)))


def files() -> list[Path]:
    """The files of sentences, the common one first."""
    return [ROOM / "words.toml", *sorted(ROOM.glob("*/words.toml"))]


def say(language: str, key: str, **values: object) -> str:
    """The sentence of this key; with ``n``, the one for one or for several. Raises KeyError."""
    words = catalogue()[key][language]
    if isinstance(words, list):
        words = words[0 if values["n"] == 1 else 1]
    return words.format_map(values) if values else words


def names(language: str, key: str) -> list[str]:
    """A list of names, such as those of the months."""
    words = catalogue()[key][language]
    return words if isinstance(words, list) else [words]


def has(key: str) -> bool:
    """True when there are words for this key: not everything kept has a name."""
    return key in catalogue()


def _section(file: Path) -> str:
    return COMMON if file.parent == ROOM else file.parent.name


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _entries(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Words]]]:
    for name, inner in table.items():
        if isinstance(inner.get(LANGUAGES[0]), str | list):
            yield f"{prefix}.{name}", inner
        else:
            yield from _entries(f"{prefix}.{name}", inner)
