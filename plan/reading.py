"""How a file is read: every field by its own reader, everything wrong kept on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from plan.findings import Finding
from plan.sheet import Entry, Mark, Word
from routing.names import tidy

T = TypeVar("T")
S = TypeVar("S")
T_co = TypeVar("T_co", covariant=True)

Hasher = Callable[[str, str], str]
"""Turns a PIN into what may be kept of it; the second word names line, contract and contact, so
that two who chose the same PIN cannot be told by what is kept."""

SPOKEN = ("nl", "en")
"""The languages a line can speak, unless the reader of a file knows of more prompts."""


class Wrong(Exception):  # noqa: N818 - it is an answer about one field, not a failure
    """What is wrong with one field, as a sentence that says what would be right."""


class Unread(Exception):  # noqa: N818 - the same
    """Something inside could not be read, and has been noted."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a reader must know besides the field before it."""

    hasher: Hasher
    owner: tuple[str, ...] = ("main",)
    spoken: tuple[str, ...] = SPOKEN
    country: str = "NL"
    number: str = ""
    timezone: str = "UTC"
    pin_length: int = 6
    engineers: frozenset[str] = frozenset()
    schedules: frozenset[str] = frozenset()
    dialled: tuple[str, ...] = ()  # where numbers must be; the file of the line may have any


@dataclass(frozen=True, slots=True)
class Reading:
    """One pass over a file: its terms, and what was found wrong so far."""

    terms: Terms
    findings: list[Finding] = field(default_factory=list)

    def inside(self, **terms: Any) -> Reading:
        """The same pass, on other terms: those of a part of the file."""
        return Reading(replace(self.terms, **terms), self.findings)

    def note(self, mark: Mark, message: str) -> None:
        """Keep something that is wrong, and read on."""
        self.findings.append(Finding(mark.line, mark.field or "file", message))

    def attempt(self, reader: Reader[T], entry: Entry) -> T | None:
        """Read one entry; None where it was wrong, which is then noted."""
        try:
            return reader(entry, self)
        except Wrong as wrong:
            self.note(entry.mark, str(wrong))
        except Unread:
            pass
        return None


class Reader(Protocol[T_co]):
    """Makes a value of an entry; raises Wrong, or Unread when it has noted what is wrong."""

    def __call__(self, entry: Entry, reading: Reading, /) -> T_co:
        """Read one entry."""


def word(entry: Entry, reading: Reading) -> str:
    """The text of a scalar in one spelling, without the blanks around it; never empty."""
    if not isinstance(entry, Word):
        raise Wrong("must be one value, not a list or fields")
    text = tidy(entry.text)
    if not text:
        raise Wrong("is empty")
    return text


def then(reader: Reader[S], make: Callable[[S], T]) -> Reader[T]:
    """A reader whose value is made from another reader's value."""

    def read(entry: Entry, reading: Reading) -> T:
        return make(reader(entry, reading))

    return read
