"""Texts that engineers sent: remembered for a while, so that a text brought twice is known again
and an automatic answer is told from a person. Their words are kept nowhere but in notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReceivedText:
    """A text that was read. ``id`` is the carrier's, ``verb`` what it asked for, ``incident`` (a
    key) what it was about, ``digest`` a fingerprint of its words."""

    id: str
    line: str
    engineer: str
    at: dt.datetime
    verb: str
    digest: str
    incident: str | None = None


class Inbox(Protocol):
    """The texts of the last days."""

    def received(self, text_id: str) -> ReceivedText | None:
        """The text of this id of the carrier's, if it was read before."""

    def texts_since(self, line: str, engineer: str, since: dt.datetime) -> Sequence[ReceivedText]:
        """The texts of this engineer's numbers since, newest first."""

    def keep_text(self, text: ReceivedText) -> None:
        """Remember a text; one of an id that is kept stays as it is."""
