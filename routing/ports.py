"""What the desk needs of the world: a book to write in, people to look up, a bell to ring.

``store`` keeps these promises with a database; the tests run the same contract against every
implementation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from routing.contract import Contact, Contract
from routing.inbox import Inbox
from routing.incident import Incident, Page
from routing.letterbook import LetterBook
from routing.line import Line
from routing.matter import Decision, LostRaceError, Matter, Note, Notices
from routing.memo import Memos
from routing.recording import Recordings
from routing.roster import Roster
from routing.rowbook import RowBook
from routing.subscribers import Subscribers
from routing.unclosed import Unclosed

__all__ = [
    "Bell",
    "Book",
    "Decision",
    "Locksmith",
    "LostRaceError",
    "Matter",
    "Note",
    "Notices",
    "People",
    "Recordings",
    "Roster",
]


class Book(LetterBook, Inbox, Unclosed, Recordings, Memos, Roster, RowBook, Protocol):
    """Calls, incidents, pages, journal, errands and reliefs. Every read is of committed state."""

    def moment(self) -> AbstractContextManager[None]:
        """Until its end, all that is read is of one moment; nothing is saved in it."""

    def matter_of_call(self, call_id: str) -> Matter | None:
        """The call of our id, with its incident if it has one."""

    def matter_of_sid(self, sid: str) -> Matter | None:
        """The same, found by the carrier's id of the inbound call."""

    def matter_of_leg(self, page_id: str) -> Matter | None:
        """The incident that this page belongs to (that page included, even when ended), and the
        incident's latest call."""

    def matter_of_incident(self, key: str) -> Matter | None:
        """The incident with its live pages, and its latest call."""

    def matter_of_number(self, number: int) -> Matter | None:
        """The same, found by the number that people say."""

    def save(
        self, before: Matter, decision: Decision, at: dt.datetime
    ) -> tuple[Matter, Sequence[str]]:
        """Write values, journal and errands in one transaction; give back the values as saved
        (versions counted up, a new incident numbered) and the ids of errands due by ``at``.

        Raises LostRaceError when a value changed since it was read, when a call of this sid exists
        already, a note of this id, when an engineer would get a second live leg, or when two
        incidents would have the same place in a contract year.
        """

    def busy(self, line: str, but: str = "") -> frozenset[str]:
        """What live legs for other incidents than ``but`` hold: engineers, and numbers of the last
        resort."""

    def notices(self, line: str, engineer: str, since: dt.datetime) -> Notices:
        """The texts and mails to this engineer since, newest first, whatever became of them."""

    def hunted(self, line: str) -> Sequence[str]:
        """Keys of incidents still being hunted for, by level, plan and age."""

    def wanted(self, line: str, turn: str) -> frozenset[str]:
        """The engineers who are missed by a hunt whose turn comes before this one."""

    def last_leg(self, line: str, engineer: str) -> Page | None:
        """The latest leg of this engineer, live or ended."""

    def open_incidents(self, line: str) -> Sequence[Incident]:
        """Incidents of the line that nobody has dealt with (open or acknowledged), oldest first."""

    def unverified_rung(self, line: str, caller: str | None, since: dt.datetime) -> tuple[int, int]:
        """How many unverified level-1 incidents were rung since: of this caller, of the line."""

    def quiet_notice_at(self, line: str, since: dt.datetime) -> dt.datetime | None:
        """When the latest text or mail about a level 1 that rang nobody was written, if since."""

    def premium_used(self, line: str, contract: str, year: dt.date) -> tuple[int, int]:
        """How many incidents count as premium in the contract year that began on this day, and
        the highest place that was given in it."""

    def slips(self, subject: str, since: dt.datetime) -> int:
        """How many wrong PINs were counted against this subject: a contract, a caller, a line."""

    def count_slip(self, subjects: Sequence[str], at: dt.datetime) -> None:
        """Count a wrong PIN against these subjects."""


class People(Subscribers, Protocol):
    """Lines and contracts as the duty managers keep them."""

    def line(self, line_id: str) -> Line | None:
        """The line of this id."""

    def line_of_number(self, number: str) -> Line | None:
        """The line that this number reaches, in whatever way the carrier writes it."""

    def lines_of_texts(self, number: str) -> Sequence[Line]:
        """The lines whose texts come from this number, or that ring at it, by id; written in any
        way."""

    def contract(self, line_id: str, number: str) -> Contract | None:
        """The contract of this number with all its contacts, those that have ended included."""

    def contracts_of_phone(self, line_id: str, phone: str) -> Sequence[Contract]:
        """The contracts with a contact who has this phone."""

    def phone_of_file(self, line_id: str, phone: str) -> bool:
        """True when a contact has this phone whose contract the file of the line holds."""


class Locksmith(Protocol):
    """Compares a keyed PIN with what is kept of the right ones."""

    def find(self, pin: str, contacts: Sequence[Contact]) -> Contact | None:
        """The contact of one contract whose PIN this is. It takes as long for thirty contacts as
        for none, so that time does not tell whether a contract exists."""

    def mark(self, digits: str) -> str:
        """A name for keyed digits that says nothing of them; the same digits have the same."""


class Bell(Protocol):
    """Tells the workers that errands are due; allowed to fail, because the clock sweeps."""

    def ring(self, errand_ids: Sequence[str]) -> None:
        """Wake a worker for each of these errands; never raises, never blocks for long."""
