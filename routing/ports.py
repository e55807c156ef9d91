"""What the desk needs of the world: a book to write in, people to look up, a bell to ring.

``store`` keeps these promises with a database; the tests run the same contract against every
implementation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from routing.contracts import Contact, Contract, SubscriberRepository
from routing.decision import Case, Decision, Notices
from routing.incident import Incident, IncidentKind
from routing.jobs import Job
from routing.line import Handover, Line
from routing.message import Inbox, Message, NoteRepository
from routing.page import Page, PageResult
from routing.recording import RecordingRepository

# What is kept of handovers: the part of the book in which reliefs stand.


@dataclass(frozen=True, slots=True)
class HandoverDecision:
    """What follows for a relief: its new self, who is written to, and what is looked at later."""

    relief: Handover
    letters: tuple[Message, ...] = ()
    errands: tuple[Job, ...] = ()


class HandoverRepository(Protocol):
    """Reliefs, each with its letters and errands in one transaction."""

    def plan(self, errands: Sequence[Job], at: dt.datetime) -> Sequence[str]:
        """Write errands that have a name, each name once whoever plans; gives back those due."""

    def relieve(self, telling: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a new relief with all that follows; one of the same line, schedule, instant and
        person that is there already stays as it is. Gives back the errands due.

        Raises LostRaceError when the person has been given this code a moment ago.
        """

    def relief(self, relief_id: str) -> Handover | None:
        """The relief of this id."""

    def reliefs_of(self, line: str, engineer: str, now: dt.datetime) -> Sequence[Handover]:
        """The reliefs of this person that are not over by now, oldest first."""

    def relief_became(self, telling: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a changed relief with all that follows; gives back the errands due.

        Raises LostRaceError when it was changed since it was read.
        """

    def reliefs(self, line: str, start: dt.datetime, end: dt.datetime) -> Sequence[Handover]:
        """The reliefs of the line from one moment to just before another, oldest first."""


# What is kept of letters: the part of the book in which they stand.


class MessageRepository(Protocol):
    """Letters, and what became of them."""

    def write(self, letters: Sequence[Message], at: dt.datetime) -> Sequence[str]:
        """Write letters that belong to no decision of the flow, and the errands that send them;
        one of an id that was written before is left as it is. Gives back the errands due."""

    def letter(self, letter_id: str) -> Message | None:
        """The letter of this id."""

    def letter_became(
        self, letter_id: str, result: PageResult, sid: str | None = None, reason: str | None = None
    ) -> None:
        """What became of it, and why, where somebody said so: delivered, undelivered and failed are
        final; unknown ids are none."""

    def letters_of(self, line: str, words: str, since: dt.datetime) -> Sequence[Message]:
        """The letters of a line in these words since, oldest first, that are about no one
        incident."""

    def letters_wait(self, incident: str) -> bool:
        """True while a letter to a contact about this incident (its key) has not gone out."""


# What is not over yet, so that its customer may call about it again.


class OpenIncidents(Protocol):
    """What the book promises."""

    def unclosed(self, line: str, contract: str, most: int) -> Sequence[Incident]:
        """At most so many incidents of the contract that are not closed, without their pages:
        those responded to last, and each sort newest first."""


# What is kept of those who wait for a desk: the part of the book from which the rows are read.


class QueueReader(Protocol):
    """A row for each kind of incident, and how long it takes to be served in it."""

    def row(self, line: str, kind: IncidentKind | None = IncidentKind.INCIDENT) -> Sequence[str]:
        """Keys of the incidents of this kind, or of any, that wait for their desk, in the order of
        service."""

    def desk_talks(
        self, line: str, since: dt.datetime, kind: IncidentKind = IncidentKind.INCIDENT
    ) -> Sequence[dt.timedelta]:
        """How long the latest talks of this kind, level 1 apart, took since; twenty at most."""


class CallRepository(
    MessageRepository,
    Inbox,
    OpenIncidents,
    RecordingRepository,
    NoteRepository,
    HandoverRepository,
    QueueReader,
    Protocol,
):
    """Calls, incidents, pages, journal, errands and reliefs. Every read is of committed state."""

    def moment(self) -> AbstractContextManager[None]:
        """Until its end, all that is read is of one moment; nothing is saved in it."""

    def matter_of_call(self, call_id: str) -> Case | None:
        """The call of our id, with its incident if it has one."""

    def matter_of_sid(self, sid: str) -> Case | None:
        """The same, found by the carrier's id of the inbound call."""

    def matter_of_leg(self, page_id: str) -> Case | None:
        """The incident that this page belongs to (that page included, even when ended), and the
        incident's latest call."""

    def matter_of_incident(self, key: str) -> Case | None:
        """The incident with its live pages, and its latest call."""

    def matter_of_number(self, number: int) -> Case | None:
        """The same, found by the number that people say."""

    def save(self, before: Case, decision: Decision, at: dt.datetime) -> tuple[Case, Sequence[str]]:
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


class LineRepository(SubscriberRepository, Protocol):
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


class PinVerifier(Protocol):
    """Compares a keyed PIN with what is kept of the right ones."""

    def find(self, pin: str, contacts: Sequence[Contact]) -> Contact | None:
        """The contact of one contract whose PIN this is. It takes as long for thirty contacts as
        for none, so that time does not tell whether a contract exists."""

    def mark(self, digits: str) -> str:
        """A name for keyed digits that says nothing of them; the same digits have the same."""


class JobNotifier(Protocol):
    """Tells the workers that errands are due; allowed to fail, because the clock sweeps."""

    def ring(self, errand_ids: Sequence[str]) -> None:
        """Wake a worker for each of these errands; never raises, never blocks for long."""
