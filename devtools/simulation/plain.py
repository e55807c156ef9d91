"""Stand-ins for what costs time and files, and decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routing.contracts import Contact
from routing.recording import Sound


class PlainLocksmith:
    """Compares plain strings."""

    def find(self, pin: str, contacts: Sequence[Contact]) -> Contact | None:
        """The contact whose PIN this is."""
        return next((contact for contact in contacts if contact.pin_hash == pin), None)

    def mark(self, digits: str) -> str:
        """Reads backwards."""
        return digits[::-1]


class PlainShelf:
    """A shelf without files."""

    def put(self, recording_id: str, chunks: Iterable[bytes], content_type: str) -> Sound:
        """Count what was put there."""
        data = b"".join(chunks)
        return Sound(len(data), data.hex(), content_type, None)

    def get(self, recording_id: str) -> bytes | None:
        """Nothing is kept here."""
        return b""

    def drop(self, recording_id: str) -> None:
        """There is nothing to drop."""
