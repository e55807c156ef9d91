"""What is kept of those who wait for a desk: the part of the book from which the rows are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from routing.incident import Kind


class RowBook(Protocol):
    """A row for each kind of incident, and how long it takes to be served in it."""

    def row(self, line: str, kind: Kind | None = Kind.INCIDENT) -> Sequence[str]:
        """Keys of the incidents of this kind, or of any, that wait for their desk, in the order of
        service."""

    def desk_talks(
        self, line: str, since: dt.datetime, kind: Kind = Kind.INCIDENT
    ) -> Sequence[dt.timedelta]:
        """How long the latest talks of this kind, level 1 apart, took since; twenty at most."""
