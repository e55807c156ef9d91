"""What customers and staff write to each other, and files: kept once, read a part at a time."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from routing.contracts import PremiumUse
from routing.correspondence import Author, CustomerMessage, FileUse, Upload
from routing.decision import Case, Decision, LostRaceError
from routing.incident import Incident
from routing.journal import JournalEntry, JournalEvent
from routing.message import IncidentNote, Via
from routing.ports import CallRepository, FileTooLargeError
from routing.recording import Purpose, Recording
from tests.store.cast import NOW, incident, leg

WROTE = CustomerMessage(
    id="a" * 32,
    incident="incident-1",
    at=NOW,
    author=Author.CUSTOMER,
    by="Jan de Vries",
    door=Via.EMAIL,
    words="Het staat weer stil.",
    mail_id="<1@molenaar.example>",
)
LOG = Upload(
    "main",
    "C:\\logs\\scan.log",
    "text/plain",
    Author.CUSTOMER,
    "Jan de Vries",
    Via.PORTAL,
    "4711",
)
MEGABYTE = 1024 * 1024


def keep(book: CallRepository, before: Case, *said: CustomerMessage) -> Case:
    files = tuple(file for one in said for file in one.files)
    decision = Decision(before, customer_messages=said, attached_files=files)
    return book.save(before, decision, NOW)[0]


@pytest.fixture
def known(book: CallRepository) -> Case:
    """An incident about which nobody has written."""
    return book.save(Case(), Decision(Case(incident=incident())), NOW)[0]


def test_messages_come_oldest_first_and_whole(book: CallRepository, known: Case) -> None:
    earlier = replace(WROTE, id="b" * 32, at=NOW - dt.timedelta(hours=1), mail_id=None)
    keep(book, known, WROTE)
    keep(book, known, earlier)
    assert list(book.correspondence.find_messages("incident-1")) == [earlier, WROTE]
    assert list(book.correspondence.find_messages("incident-2")) == []
    assert book.correspondence.find_message(WROTE.id) == WROTE
    assert book.correspondence.find_message("c" * 32) is None


def test_a_message_is_found_by_its_mail(book: CallRepository, known: Case) -> None:
    keep(book, known, WROTE)
    assert book.correspondence.find_by_mail_id("<1@molenaar.example>") == WROTE
    assert book.correspondence.find_by_mail_id("<2@molenaar.example>") is None


def test_a_message_of_the_same_id_is_a_lost_race(book: CallRepository, known: Case) -> None:
    keep(book, known, WROTE)
    with pytest.raises(LostRaceError):
        keep(book, known, replace(WROTE, words="something else"))
    assert list(book.correspondence.find_messages("incident-1")) == [WROTE]


def test_a_file_is_read_as_it_was_written(book: CallRepository) -> None:
    content = bytes(range(256)) * 10_000  # two rows and a half
    pieces = [content[i : i + 70_001] for i in range(0, len(content), 70_001)]
    file = book.correspondence.write_file(LOG, pieces, 3 * MEGABYTE, NOW)
    assert (file.name, file.size) == ("scan.log", len(content))
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert (file.incident, file.contract, file.door) == (None, "4711", Via.PORTAL)
    assert book.correspondence.find_file(file.id) == file
    assert b"".join(book.correspondence.read_file(file.id)) == content


def test_an_empty_file_is_a_file(book: CallRepository) -> None:
    file = book.correspondence.write_file(LOG, [], MEGABYTE, NOW)
    assert (file.size, file.sha256) == (0, hashlib.sha256(b"").hexdigest())
    assert list(book.correspondence.read_file(file.id)) == []


def test_nothing_is_left_of_a_file_that_is_too_large(book: CallRepository) -> None:
    with pytest.raises(FileTooLargeError):
        book.correspondence.write_file(LOG, [b"x" * MEGABYTE] * 3, 2 * MEGABYTE, NOW)
    assert book.correspondence.delete_unattached(NOW + dt.timedelta(days=1)) == 0


def test_nothing_is_left_of_a_file_that_broke_off(book: CallRepository) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"x" * MEGABYTE
        raise OSError("the browser is gone")

    with pytest.raises(OSError, match="gone"):
        book.correspondence.write_file(LOG, breaks_off(), 2 * MEGABYTE, NOW)
    assert book.correspondence.delete_unattached(NOW + dt.timedelta(days=1)) == 0


def test_a_file_is_attached_with_its_message(book: CallRepository, known: Case) -> None:
    file = book.correspondence.write_file(LOG, [b"log"], MEGABYTE, NOW)
    keep(book, known, replace(WROTE, files=(file.id,)))
    attached = replace(file, incident="incident-1")
    assert list(book.correspondence.find_files("incident-1")) == [attached]
    assert book.correspondence.find_file(file.id) == attached


def test_a_file_belongs_to_one_incident(book: CallRepository, known: Case) -> None:
    file = book.correspondence.write_file(LOG, [b"log"], MEGABYTE, NOW)
    keep(book, known, replace(WROTE, files=(file.id,)))
    with pytest.raises(LostRaceError):
        keep(book, known, replace(WROTE, id="b" * 32, files=(file.id,)))
    assert list(book.correspondence.find_messages("incident-1")) == [
        replace(WROTE, files=(file.id,))
    ]


def test_the_room_that_a_contract_takes_is_measured(book: CallRepository, known: Case) -> None:
    theirs = book.correspondence
    assert theirs.measure_files("main", "4711") == FileUse()
    first = theirs.write_file(LOG, [b"12345"], 100, NOW)
    theirs.write_file(LOG, [b"123"], 100, NOW)
    theirs.write_file(replace(LOG, contract="4712"), [b"1"], 100, NOW)
    theirs.write_file(replace(LOG, line="other"), [b"1"], 100, NOW)
    assert theirs.measure_files("main", "4711") == FileUse(8, 2)
    keep(book, known, replace(WROTE, files=(first.id,)))
    assert theirs.measure_files("main", "4711") == FileUse(8, 1)


def test_an_upload_that_belongs_to_nothing_is_deleted_after_its_day(
    book: CallRepository, known: Case
) -> None:
    old, new = NOW - dt.timedelta(days=2), NOW
    stale = book.correspondence.write_file(LOG, [b"stale"], MEGABYTE, old)
    fresh = book.correspondence.write_file(LOG, [b"fresh"], MEGABYTE, new)
    used = book.correspondence.write_file(LOG, [b"used"], MEGABYTE, old)
    keep(book, known, replace(WROTE, files=(used.id,)))
    assert book.correspondence.delete_unattached(NOW - dt.timedelta(days=1)) == 1
    assert book.correspondence.find_file(stale.id) is None
    assert list(book.correspondence.read_file(stale.id)) == []
    assert book.correspondence.find_file(fresh.id) == fresh
    assert b"".join(book.correspondence.read_file(used.id)) == b"used"


def test_what_was_merged_into_an_incident_is_seen_under_it(
    book: CallRepository, known: Case
) -> None:
    file = book.correspondence.write_file(LOG, [b"log"], MEGABYTE, NOW)
    keep(book, known, replace(WROTE, files=(file.id,)))
    survivor = replace(incident(), key="incident-2", merged=("incident-1",))
    book.save(Case(), Decision(Case(incident=survivor)), NOW)
    (message,) = book.correspondence.find_messages("incident-2")
    (found,) = book.correspondence.find_files("incident-2")
    assert (message.id, found.id) == (WROTE.id, file.id)


def merging(one: Incident, into: Incident) -> tuple[Case, Decision]:
    """The decision that merges one incident, with a live leg and a place, into another."""
    (ringing,) = one.pages
    merged = replace(one, pages=(), merged_into=into.key, premium=False, counted=None)
    survivor = replace(into, pages=(ringing,), merged=(one.key,), premium=True, counted=one.counted)
    other = Decision(Case(incident=survivor), (JournalEntry(JournalEvent.ABSORBED, "goes on"),))
    notes = (JournalEntry(JournalEvent.MERGED, "goes on as that one"),)
    before = Case(incident=one)
    return before, Decision(Case(incident=merged), notes, also=((Case(incident=into), other),))


@pytest.fixture
def two(book: CallRepository) -> tuple[Incident, Incident]:
    """Two incidents of one contract; the first rings and counts."""
    place = PremiumUse(NOW, dt.date(2026, 1, 1), 1)
    rings = incident(1, contract="100234", pages=(leg("leg-1"),), premium=True, counted=place)
    waits = incident(2, contract="100234")
    kept = [book.save(Case(), Decision(Case(incident=one)), NOW)[0] for one in (rings, waits)]
    found = [book.find_by_incident(case.incident.key) for case in kept if case.incident]
    first, second = (case.incident for case in found if case is not None)
    assert first is not None and second is not None
    return first, second


def test_two_incidents_are_merged_in_one_transaction(
    book: CallRepository, two: tuple[Incident, Incident]
) -> None:
    book.save(*merging(*two), NOW)
    case = book.find_by_page("leg-1")
    assert case is not None and case.incident is not None
    assert (case.incident.key, case.incident.merged) == ("incident-2", ("incident-1",))
    merged = book.find_by_incident("incident-1")
    assert merged is not None and merged.incident is not None
    assert (merged.incident.legs(), merged.incident.merged_into) == ((), "incident-2")
    assert book.count_premium("main", "100234", dt.date(2026, 1, 1)) == (1, 1)
    assert book.find_busy("main", "incident-2") == frozenset()


def test_a_merge_is_undone_when_the_survivor_has_changed(
    book: CallRepository, two: tuple[Incident, Incident]
) -> None:
    merge = merging(*two)
    changed = replace(two[1], urgency=2)
    book.save(Case(incident=two[1]), Decision(Case(incident=changed)), NOW)
    with pytest.raises(LostRaceError):
        book.save(*merge, NOW)
    case = book.find_by_page("leg-1")
    assert case is not None and case.incident is not None
    assert (case.incident.key, case.incident.merged_into) == ("incident-1", None)
    assert book.count_premium("main", "100234", dt.date(2026, 1, 1)) == (1, 1)


def test_notes_and_recordings_of_a_merged_incident_are_seen_under_the_survivor(
    book: CallRepository, two: tuple[Incident, Incident]
) -> None:
    before = Case(incident=two[0])
    note = IncidentNote("note", "incident-1", NOW, "sanne", Via.CONSOLE, "the till is down")
    spoken = Recording("rec-1", "main", "incident-1", NOW, Purpose.MESSAGE, "http://c/RE1")
    decision = Decision(before, recordings=(spoken,), incident_notes=(note,))
    book.save(before, decision, NOW)
    book.save(*merging(*two), NOW)
    assert list(book.notes.find_all("incident-2")) == [note]
    assert list(book.recordings.find_all("incident-2")) == [spoken]
    assert list(book.recordings.find_all("incident-3")) == []
