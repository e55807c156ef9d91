"""The result of one check of ``doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    """Ok, a warning, or a failure that stops the line."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of ``doctor``: the name of the check, and a sentence that says what to do."""

    check: str
    state: CheckState
    message: str


def ok(check: str, message: str) -> CheckResult:
    """A passed check."""
    return CheckResult(check, CheckState.OK, message)


def warn(check: str, message: str) -> CheckResult:
    """A warning: the line works, but needs attention."""
    return CheckResult(check, CheckState.WARN, message)


def fail(check: str, message: str) -> CheckResult:
    """A failure: the line does not work."""
    return CheckResult(check, CheckState.FAIL, message)
