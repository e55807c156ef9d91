"""What customers and staff write to each other, and files: kept once, read a part at a time."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from routing.correspondence import Author, CustomerMessage, Upload
from routing.decision import Case, Decision, LostRaceError
from routing.message import Via
from routing.ports import CallRepository, FileTooLargeError
from tests.store.cast import NOW, incident

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
