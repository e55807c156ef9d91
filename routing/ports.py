"""The ports of the call service: what it stores, whom it looks up, and how it wakes a worker.

``store`` implements them on a database and in memory; the same contract tests run on both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from routing.incident import IncidentKind

if TYPE_CHECKING:
    from routing.contracts import Contact, Contract, ReleaseSubscriber
    from routing.correspondence import CustomerMessage, FileUse, IncidentFile, Upload
    from routing.decision import Case, Decision, EngineerPages, HeldPeople
    from routing.incident import Incident
    from routing.jobs import Job, Lease
    from routing.line import Handover, Line
    from routing.message import IncidentNote, Message, ReceivedText
    from routing.page import PageResult
    from routing.recording import Recording, Sound


class CallRepository(Protocol):
    """Calls and incidents with their pages, journal and jobs, and a repository for each other
    record. Every read is of committed state."""

    messages: MessageRepository
    notes: NoteRepository
    correspondence: CorrespondenceRepository
    received_texts: ReceivedTextRepository
    recordings: RecordingRepository
    handovers: HandoverRepository
    desk_queue: DeskQueue
    unverified_limits: UnverifiedLimits

    def snapshot(self) -> AbstractContextManager[None]:
        """Within it, every read is of the same moment; nothing may be saved."""

    def find_by_call(self, call_id: str) -> Case | None:
        """The call of our id, with its incident if it has one."""

    def find_by_sid(self, sid: str) -> Case | None:
        """The same, by the carrier's id of the inbound call."""

    def find_by_page(self, page_id: str) -> Case | None:
        """The incident of this page (with that page, even when it has ended), and the incident's
        latest call."""

    def find_by_incident(self, key: str) -> Case | None:
        """The incident with its live pages, and its latest call."""

    def find_by_number(self, number: int) -> Case | None:
        """The same, by the number that people say."""

    def save(
        self, before: Case, decision: Decision, at: dt.datetime, finishes: Lease | None = None
    ) -> tuple[Case, Sequence[str]]:
        """Write values, journal and jobs in one transaction; return the values as saved (versions
        counted up, a new incident numbered) and the ids of the jobs due by ``at``. The job of the
        lease ``finishes`` is done in the same transaction; raises LeaseLostError when the lease
        was lost, and writes nothing.

        Raises LostRaceError when a value changed since it was read, when a call of this sid, or a
        note or a customer message of this id exists, when a file is gone or attached already, when
        an engineer would get a second live leg, or when two incidents would have the same place in
        a contract year.
        """

    def plan_jobs(self, jobs: Sequence[Job], at: dt.datetime) -> Sequence[str]:
        """Write jobs that have a name, each name once whichever process plans it; return the ids
        of those due."""

    def find_open(self, line: str) -> Sequence[Incident]:
        """The open and acknowledged incidents of the line, with live pages, oldest first."""

    def find_unclosed(self, line: str, contract: str, most: int) -> Sequence[Incident]:
        """At most so many incidents of the contract that are not closed, without their pages:
        responded ones last, and each group newest first."""

    def find_escalating(self, line: str) -> Sequence[str]:
        """Keys of the incidents whose escalation is under way, by level, plan and age."""

    def find_escalating_without(self, line: str, holder: str) -> Sequence[str]:
        """Those of them that missed this engineer, or number of the last resort, in that order."""

    def find_busy(self, line: str, but: str = "") -> frozenset[str]:
        """Engineers and numbers of the last resort with a live leg of another incident than
        ``but``."""

    def find_held(self, line: str, but: str, turn: str) -> HeldPeople:
        """Who is not rung for the incident ``but``: those with a live leg of another incident, and
        those whom an escalation with an earlier turn than ``turn`` waits for."""

    def find_pages_to(self, line: str, engineer: str, since: dt.datetime) -> EngineerPages:
        """The latest leg of this engineer, and the pages by text and mail since, with any
        result."""

    def count_premium(self, line: str, contract: str, year: dt.date) -> tuple[int, int]:
        """How many incidents count as premium in the contract year that began on this day, and
        the highest place given in it."""


class MessageRepository(Protocol):
    """Messages that ask for no key, and their results."""

    def send(self, messages: Sequence[Message], at: dt.datetime) -> Sequence[str]:
        """Write messages that belong to no decision, with the jobs that send them; a message whose
        id exists stays as it is. Returns the ids of the jobs due."""

    def find(self, message_id: str) -> Message | None:
        """The message of this id."""

    def find_general(self, line: str, words: str, since: dt.datetime) -> Sequence[Message]:
        """The messages of a line with these words since, oldest first, that are about no single
        incident."""

    def find_unsent_to_contact(self, incident: str) -> Sequence[Message]:
        """The messages to a contact about this incident (its key) that have no result, oldest
        first."""

    def record_result(
        self, message_id: str, result: PageResult, sid: str | None = None, reason: str | None = None
    ) -> None:
        """Store the result, and its reason if there is one. Delivered, undelivered and failed are
        final; an unknown id changes nothing."""


class NoteRepository(Protocol):
    """The notes on incidents. ``CallRepository.save`` writes them."""

    def find_all(self, incident: str) -> Sequence[IncidentNote]:
        """The notes on an incident (its key), and on those merged into it, oldest first."""

    def exists(self, note_id: str) -> bool:
        """True when there is a note of this id, on any incident."""


class CorrespondenceRepository(Protocol):
    """What customers and staff write to each other, and files. ``CallRepository.save`` writes the
    messages and attaches the files."""

    def find_messages(self, incident: str) -> Sequence[CustomerMessage]:
        """The messages about an incident (its key) and those merged into it, oldest first."""

    def find_message(self, message_id: str) -> CustomerMessage | None:
        """The message of this id, about any incident."""

    def find_by_mail_id(self, mail_id: str) -> CustomerMessage | None:
        """The message that this mail brought, or took to the customer."""

    def find_files(self, incident: str) -> Sequence[IncidentFile]:
        """The files of an incident (its key), and of those merged into it, oldest first."""

    def find_file(self, file_id: str) -> IncidentFile | None:
        """The file of this id, attached or not."""

    def write_file(
        self, upload: Upload, chunks: Iterable[bytes], limit: int, at: dt.datetime
    ) -> IncidentFile:
        """Write a file while it arrives; raises FileTooLargeError past ``limit`` bytes. Nothing is
        left of it then, nor after any other error."""

    def read_file(self, file_id: str) -> Iterator[bytes]:
        """The content of a file, a part at a time."""

    def measure_files(self, line: str, contract: str) -> FileUse:
        """The room that the files of a contract take."""

    def delete_unattached(self, before: dt.datetime) -> int:
        """Delete the uploads from before this moment that belong to no incident; return how
        many."""


class ReceivedTextRepository(Protocol):
    """The texts that engineers sent in the last days, without their words."""

    def find(self, text_id: str) -> ReceivedText | None:
        """The text of this id of the carrier's."""

    def find_since(self, line: str, engineer: str, since: dt.datetime) -> Sequence[ReceivedText]:
        """The texts of this engineer since, newest first."""

    def add(self, text: ReceivedText) -> None:
        """Store a text; a text whose id exists stays as it is."""


class RecordingRepository(Protocol):
    """The recordings and their sound. ``CallRepository.save`` writes new recordings."""

    def find(self, recording_id: str) -> Recording | None:
        """The recording of this id."""

    def find_all(self, incident: str | None = None) -> Sequence[Recording]:
        """Those of an incident (its key) and of those merged into it, or all, oldest first."""

    def find_unsettled(self, made_by: dt.datetime) -> Sequence[Recording]:
        """Those made by then whose sound we wait for, or that the carrier still has."""

    def read_sound(self, recording_id: str) -> bytes | None:
        """The sound, while it is kept."""

    def keep(
        self,
        recording_id: str,
        sound: Sound,
        data: bytes,
        at: dt.datetime,
        others: Sequence[Job] = (),
    ) -> Sequence[str]:
        """Store the sound of a waiting recording, with the job that deletes it at the carrier, and
        other jobs. Returns the ids of the jobs due."""

    def write_words(self, recording_id: str, words: str) -> None:
        """Store the words of a recording whose sound is here or at the carrier."""

    def mark_missing(self, recording_id: str) -> None:
        """Record that the carrier has no sound for a waiting recording."""

    def mark_deleted(self, recording_id: str, at: dt.datetime) -> None:
        """Record that the carrier has deleted it."""

    def forget(self, recording_id: str, at: dt.datetime) -> Sequence[str]:
        """Delete the sound, here and by a job at the carrier; the row stays. Returns the ids of the
        jobs due."""


class FileTooLargeError(Exception):
    """A file is larger than it may be."""


@dataclass(frozen=True, slots=True)
class HandoverDecision:
    """A handover as it becomes, the messages that follow from it, and the jobs."""

    handover: Handover
    messages: tuple[Message, ...] = ()
    jobs: tuple[Job, ...] = ()


class HandoverRepository(Protocol):
    """Handovers, each written in one transaction with its messages and jobs."""

    def add(self, decision: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a new handover with all that follows; one of the same line, schedule, instant and
        engineer that exists stays as it is. Returns the ids of the jobs due.

        Raises LostRaceError when the engineer was given this code a moment ago.
        """

    def update(self, decision: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a changed handover with all that follows; return the ids of the jobs due.

        Raises LostRaceError when it was changed since it was read.
        """

    def find(self, handover_id: str) -> Handover | None:
        """The handover of this id."""

    def find_current(self, line: str, engineer: str, now: dt.datetime) -> Sequence[Handover]:
        """The handovers of this engineer whose duty is not over, oldest first."""

    def find_between(self, line: str, start: dt.datetime, end: dt.datetime) -> Sequence[Handover]:
        """The handovers of the line from one moment to just before another, oldest first."""


class DeskQueue(Protocol):
    """Who waits for a desk, and how long its talks take."""

    def find_waiting(
        self, line: str, kind: IncidentKind | None = IncidentKind.INCIDENT
    ) -> Sequence[str]:
        """Keys of the incidents of this kind, or of any, that wait for their desk, in the order of
        service."""

    def find_talks(
        self, line: str, since: dt.datetime, kind: IncidentKind = IncidentKind.INCIDENT
    ) -> Sequence[dt.timedelta]:
        """How long the latest talks of this kind, level 1 apart, took since; twenty at most."""


class UnverifiedLimits(Protocol):
    """What the limits for unverified callers are computed from."""

    def count_rung(self, line: str, caller: str | None, since: dt.datetime) -> tuple[int, int]:
        """How many unverified level 1 incidents rang somebody since: this caller's, the line's."""

    def find_quiet_notice(self, line: str, since: dt.datetime) -> dt.datetime | None:
        """When the latest text or mail about a level 1 that rang nobody was written, if since."""

    def count_failed_pins(self, subject: str, since: dt.datetime) -> int:
        """How many wrong PINs counted against this subject: a contract, a caller, a line."""

    def record_failed_pin(self, subjects: Sequence[str], at: dt.datetime) -> None:
        """Count a wrong PIN against each of these subjects."""


class LineRepository(Protocol):
    """Lines, contracts and contacts."""

    def find_line(self, line_id: str) -> Line | None:
        """The line of this id."""

    def list_lines(self) -> Sequence[Line]:
        """Every line, by id."""

    def find_lines_by_text_number(self, number: str) -> Sequence[Line]:
        """The lines whose texts come from this number, or that it reaches, by id; it may be written
        in any way."""

    def find_contract(self, line_id: str, number: str) -> Contract | None:
        """The contract of this number with all its contacts, including those that have ended."""

    def find_contracts_by_phone(self, line_id: str, phone: str) -> Sequence[Contract]:
        """The contracts with a contact who has this phone, by number."""

    def find_contracts_by_email(self, line_id: str, email: str) -> Sequence[Contract]:
        """The contracts with a contact who has this mail address, by number; in capitals or
        not."""

    def is_file_phone(self, line_id: str, phone: str) -> bool:
        """True when a contact of a contract from the line's file has this phone."""

    def find_subscribers(
        self, line_id: str, plans: Sequence[str], today: dt.date, after: int = 0
    ) -> Sequence[ReleaseSubscriber]:
        """Some contacts who asked for release messages, with a contract of one of these plans that
        is valid today, from the one after this id on; empty when there are no more."""


class PinVerifier(Protocol):
    """Compares keyed PINs with stored hashes."""

    def find(self, pin: str, contacts: Sequence[Contact]) -> Contact | None:
        """The contact of one contract whose PIN this is. It takes as long for thirty contacts as
        for none, so that time does not tell whether a contract exists."""

    def mark(self, digits: str) -> str:
        """A name for keyed digits that does not reveal them; the same digits have the same."""


class JobNotifier(Protocol):
    """Tells the workers that jobs are due. It may fail, because the clock sweeps."""

    def notify(self, job_ids: Sequence[str]) -> None:
        """Wake a worker for each of these jobs; never raises, never blocks for long."""
