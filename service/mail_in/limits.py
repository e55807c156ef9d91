"""How much is taken of senders who are not proven: messages, incidents, answers, and room.

A From line may be anybody's, and one person may write as thousands. What is beyond a limit waits
for a person; the mail is kept, at least its beginning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace

from routing.correspondence import Author, Upload
from routing.message import Via
from routing.ports import CorrespondenceRepository
from store.log.received_mails import KEPT_STATES, MailResult, ReceivedMail, ReceivedMails

LARGEST = 64 * 1024 * 1024
"""Bytes of a mail that are stored; mail servers rarely accept more."""

ANSWERS_PER_HOUR = 5
"""Automatic answers to one sender."""

ANSWERS_IN_ALL = 200
"""Automatic answers to all senders within an hour: a forger names many."""

INCIDENTS_PER_HOUR = 20
"""Incidents that one sender opens by mail; further mails wait for a person."""

UNVERIFIED_INCIDENTS = 60
"""Incidents that all senders who are not proven open by mail within an hour."""

UNVERIFIED_MESSAGES = 10
"""Messages about one incident within an hour by senders who are not proven."""

BUDGET = 256 * 1024 * 1024
"""Bytes of mail by senders who are not proven that are kept of a day."""

HEAD = 64 * 1024
"""Bytes that are kept of such a mail beyond the budget; its attachments are not stored."""

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MAIL = Upload("", "mail.eml", "message/rfc822", Author.CUSTOMER, "", Via.EMAIL)
"""The mail itself, as a file."""


class MailLimits:
    """The limits at one moment, for one mail."""

    def __init__(
        self,
        mails: ReceivedMails,
        files: CorrespondenceRepository,
        stored: ReceivedMail,
        now: dt.datetime,
    ) -> None:
        """Counts nothing yet."""
        self._mails, self._files, self._stored, self._now = mails, files, stored, now

    def why_not_lodged(self, sender: str, *, verified: bool) -> str:
        """Why this sender opens no incident now; empty if they may. What others write in the name
        of a contact does not count against them."""
        since = self._now - HOUR
        if self._stored.forced:
            return ""
        if self._mails.count_lodged(sender, since, verified=verified) >= INCIDENTS_PER_HOUR:
            return "too many from this sender within an hour"
        if not verified and self._mails.count_unproven(since) >= UNVERIFIED_INCIDENTS:
            return "too many from senders who are not proven within an hour"
        return ""

    def why_not_added(self, incident: str) -> str:
        """Why a sender who is not proven adds nothing to this incident now; empty if they may."""
        count = self._mails.count_unproven(self._now - HOUR, incident)
        if count >= UNVERIFIED_MESSAGES and not self._stored.forced:
            return "too many about this incident from senders who are not proven within an hour"
        return ""

    def may_answer(self, sender: str) -> bool:
        """True if the line may answer this sender once more."""
        answered, in_all = self._mails.count_answers(sender, self._now - HOUR)
        return bool(sender) and answered < ANSWERS_PER_HOUR and in_all < ANSWERS_IN_ALL

    def has_room(self) -> bool:
        """True if all of this mail may be kept although its sender is not proven."""
        used = self._mails.measure_unproven(self._now - DAY)
        return self._stored.forced or used + self._measure() <= BUDGET

    def limit_kept(self, result: MailResult, kept: int = 0) -> MailResult:
        """The result of a mail whose writer is not proven, of which ``kept`` bytes are stored as
        files of a message. Of one that became none, all is kept or its head."""
        if result.state not in KEPT_STATES:
            return replace(result, unproven=kept)
        size = self._measure()
        if size <= HEAD or self.has_room():
            return replace(result, unproven=size)
        head = self._files.write_file(MAIL, self.read_head(), HEAD, self._now)
        return replace(result, unproven=head.size, head=head.id)

    def read_head(self) -> Iterator[bytes]:
        """The beginning of the mail."""
        return cut(self._files.read_file(self._stored.file or ""), HEAD)

    def _measure(self) -> int:
        """The bytes that are stored of the mail."""
        file = self._files.find_file(self._stored.file or "")
        return 0 if file is None else file.size


def cut(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The first bytes, at most so many."""
    left = most
    for chunk in chunks:
        yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            return
