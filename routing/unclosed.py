"""What is not over yet, so that its customer may call about it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from routing.incident import Incident
from routing.matter import Matter


class Unclosed(Protocol):
    """What the book promises."""

    def unclosed(self, line: str, contract: str, most: int) -> Sequence[Incident]:
        """At most so many incidents of the contract that are not closed, without their pages:
        those responded to last, and each sort newest first."""


class CalledAbout(Protocol):
    """What a decision may know of it."""

    def open_incidents(self) -> Sequence[Incident]:
        """The incidents that nobody has dealt with, oldest first."""

    def unclosed(self, contract: str) -> Sequence[Incident]:
        """What this contract may call about again, what nobody has answered first, newest first."""

    def matter(self, incident: str) -> Matter | None:
        """The incident of this key with its latest call, as they are now."""
