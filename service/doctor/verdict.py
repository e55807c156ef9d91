"""What one check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it is: as it should be, worth a look, or so that the line does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the doctor: what was looked at, and a sentence that says what to do."""

    check: str
    state: State
    message: str


def ok(check: str, message: str) -> Verdict:
    """As it should be."""
    return Verdict(check, State.OK, message)


def warn(check: str, message: str) -> Verdict:
    """The line works, but something is missing."""
    return Verdict(check, State.WARN, message)


def fail(check: str, message: str) -> Verdict:
    """The line does not work."""
    return Verdict(check, State.FAIL, message)
