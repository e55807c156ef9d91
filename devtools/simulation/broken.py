"""Something that must hold did not."""

from __future__ import annotations


class BrokenError(BaseException):
    """What must hold, and the call about which it did not; nothing in the line may catch it."""

    def __init__(self, what: str, about: str) -> None:
        """``about`` is the carrier's id of a call, or the beginning of an incident's key."""
        super().__init__(f"{what} ({about})")
        self.what, self.about = what, about
