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

    def quiet_notice_at(self, line: str, since: dt.datetime) -> dt.datetime | None:
        """When the latest text or mail about a level 1 that rang nobody was written, if since."""
        quiet = {i.key for i in self._critical(line)} - self.rows.rung
        pages = [page for i, page in self.rows.pages.values() if i.key in quiet]
        notices = [page.at for page in pages if page.channel in (Channel.SMS, Channel.EMAIL)]
        return max((at for at in notices if at >= since), default=None)

    def slips(self, subject: str, since: dt.datetime) -> int:
        """How many wrong PINs were counted against this subject since."""
        return sum(slip == subject and at >= since for slip, at in self.rows.slips)

    def count_slip(self, subjects: Sequence[str], at: dt.datetime) -> None:
        """Count a wrong PIN against these subjects."""
        self.rows.slips += [(subject, at) for subject in subjects]

    def _unproven(self, line: str) -> list[Incident]:
        return [incident for incident in self._critical(line) if not incident.standing.verified]

    def _critical(self, line: str) -> list[Incident]:
        return [i for i in self.rows.incidents.values() if i.line == line and i.urgency == 1]
