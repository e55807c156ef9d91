"""The file that answers when nothing else can: people on call and the last resort, by number."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FallbackLine:
    """One line as the file knows it: whom to dial in which order, and in which language."""

    number: str
    name: str
    language: str
    phones: tuple[str, ...]


UNKNOWN = FallbackLine("", "", "nl", ())
"""Stands in when there is no file: all that is left is a sentence."""


def read_fallback(path: Path) -> Sequence[FallbackLine]:
    """The lines of the file, at least one: a missing or broken file has the unknown one."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["lines"]
        lines = [
            FallbackLine(row["number"], row["name"], row["language"], tuple(row["phones"]))
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return [UNKNOWN]
    return lines or [UNKNOWN]


def _for_nobody_else(path: str, flags: int) -> int:
    return os.open(path, flags, 0o660)


def write_fallback(path: Path, lines: Sequence[FallbackLine]) -> None:
    """Put a new file in place of the old one at once, so that no reader sees half of it.

    Raises OSError, on a full disk for one; the old file is as it was then, and nothing is left.
    """
    path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    text = json.dumps({"lines": [asdict(line) for line in lines]}, indent=1)
    try:
        with open(fresh, "w", encoding="utf-8", opener=_for_nobody_else) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # or a power cut may leave the new name with nothing in it
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
