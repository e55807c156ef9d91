"""What holds strangers back, in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from routing.incident import Incident
from routing.line import Channel
from store.memory.rows import Rows


class MemoryStrangers:
    """The part of the book that limits are read from."""

    rows: Rows

    def unverified_rung(self, line: str, caller: str | None, since: dt.datetime) -> tuple[int, int]:
        """How many unverified level-1 incidents were rung since: of this caller, of the line."""
        rung = [i for i in self._unproven(line) if i.key in self.rows.rung and i.opened_at >= since]
        return sum(i.caller == caller for i in rung), len(rung)

    def quiet_notice_since(self, line: str, since: dt.datetime) -> bool:
        """True when a text for an unverified call that was not rung went out since."""
        quiet = {i.key for i in self._unproven(line)} - self.rows.rung
        pages = [page for i, page in self.rows.pages.values() if i.key in quiet]
        return any(page.channel is Channel.SMS and page.at >= since for page in pages)

    def slips(self, subject: str, since: dt.datetime) -> int:
        """How many wrong PINs were counted against this subject since."""
        return sum(slip == subject and at >= since for slip, at in self.rows.slips)

    def count_slip(self, subjects: Sequence[str], at: dt.datetime) -> None:
        """Count a wrong PIN against these subjects."""
        self.rows.slips += [(subject, at) for subject in subjects]

    def _unproven(self, line: str) -> list[Incident]:
        incidents = [i for i in self.rows.incidents.values() if i.line == line and i.urgency == 1]
        return [incident for incident in incidents if not incident.standing.verified]
