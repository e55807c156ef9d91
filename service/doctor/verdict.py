"""What one check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    """How it is: as it should be, worth a look, or so that the line does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the doctor: what was looked at, and a sentence that says what to do."""

    check: str
    state: CheckState
    message: str


def ok(check: str, message: str) -> CheckResult:
    """As it should be."""
    return CheckResult(check, CheckState.OK, message)


def warn(check: str, message: str) -> CheckResult:
    """The line works, but something is missing."""
    return CheckResult(check, CheckState.WARN, message)


def fail(check: str, message: str) -> CheckResult:
    """The line does not work."""
    return CheckResult(check, CheckState.FAIL, message)
