"""What is found wrong, or only odd, in a file: always with its line, its field and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One remark about a file; ``line`` counts from 1, ``field`` reads ``engineers[0].phones[1]``.

    A message tells what would be right and repeats no value that might be a PIN.
    """

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        """The finding as a sentence of the command line."""
        return f"line {self.line}: {self.field}: {self.message}"


class PaperError(Exception):
    """A file cannot be used; ``findings`` holds everything that is wrong, in order of lines."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Sort the findings, each once."""
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))
