"""Forgetting a person: names and numbers go out of whatever was written down, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

FORGOTTEN = "(forgotten)"
NUMBERS = ("caller", "phone")
"""Fields that hold a number to call or nothing: what is forgotten is not called."""

SAID = ("waiting_for", "waived")
"""Free words about a matter, which may name anybody."""


@dataclass(frozen=True, slots=True)
class DataSubject:
    """Whom to forget. ``numbers`` (of telephones and mail) are theirs wherever they stand, and
    so is a ``handle``, an engineer's id; ``names`` are theirs only in their own matters."""

    numbers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    handle: str | None = None
    former: str = field(default="", repr=False)  # what stands for the handle, so that counts stay


def redact(text: str, person: DataSubject, *, own: bool) -> str:
    """A text without this person; ``own`` is true in a matter of theirs."""
    wanted = (*person.numbers, *(person.names if own else ()))
    if wanted:
        text = _whole(wanted).sub(FORGOTTEN, text)
    return _whole([person.handle]).sub(person.former, text) if person.handle else text


def redact_value(value: Any, person: DataSubject, *, own: bool) -> Any:
    """The same in a whole value, as plain lists and fields."""
    if isinstance(value, Mapping):
        return {name: _field(name, each, person, own=own) for name, each in value.items()}
    if isinstance(value, list):
        return [redact_value(each, person, own=own) for each in value]
    return redact(value, person, own=own) if isinstance(value, str) else value


def _field(name: str, value: Any, person: DataSubject, *, own: bool) -> Any:
    if name in NUMBERS and value in person.numbers:
        return None
    if own and name in SAID and value is not None:
        return FORGOTTEN
    return redact_value(value, person, own=own)


def _whole(words: Iterable[str]) -> re.Pattern[str]:
    """These as whole words, the longest first."""
    known = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w.-])(?:{known})(?![\w-])")
