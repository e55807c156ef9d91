"""Recordings: written with their decision, kept once, and forgotten for good."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import Job, TranscribeRecording
from routing.ports import CallRepository
from routing.recording import (
    Purpose,
    Recording,
    RecordingState,
    Sound,
    lacks_words,
    list_customer_words,
)

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)
SOUND = Sound(4, "9f86d081", "audio/x-wav", 2.5)


def recording(name: str = "one", **changes: object) -> Recording:
    plain = Recording(name, "main", "incident-1", NOW, Purpose.MESSAGE, f"http://c/RE-{name}", "c")
    return replace(plain, **changes)  # type: ignore[arg-type]


def heard_of(book: CallRepository, *heard: Recording) -> CallRepository:
    """The book once a decision has heard of these recordings."""
    name = heard[0].id
    matter = Case(Call(name, f"CA{name}", "main", "", None, "nl", NOW))
    book.save(Case(), Decision(matter, recordings=heard), NOW)
    return book


def of(book: CallRepository, name: str = "one") -> Recording:
    found = book.recordings.find(name)
    assert found is not None
    return found


def test_a_recording_comes_with_the_decision_that_heard_of_it(book: CallRepository) -> None:
    heard_of(book, recording())
    assert of(book) == recording()
    assert book.recordings.find("none") is None


def test_recordings_are_listed_oldest_first_and_by_their_incident(book: CallRepository) -> None:
    other = recording("b", incident="incident-2", made_at=NOW)
    heard_of(book, recording("late", made_at=LATER), other, recording("a"))
    assert [r.id for r in book.recordings.find_all()] == ["a", "b", "late"]
    assert [r.id for r in book.recordings.find_all("incident-1")] == ["a", "late"]


def test_what_is_kept_is_kept_once_and_brings_the_errand_that_deletes_it(
    book: CallRepository,
) -> None:
    heard_of(book, recording())
    assert len(book.recordings.keep("one", SOUND, b"RIFF", LATER)) == 1
    assert not book.recordings.keep("one", SOUND, b"else", LATER)
    assert of(book) == recording(state=RecordingState.KEPT, sound=SOUND, kept_at=LATER)
    assert book.recordings.read_sound("one") == b"RIFF"


def test_what_is_unsettled_is_named_until_the_carrier_has_nothing_more(
    book: CallRepository,
) -> None:
    heard_of(book, recording(), recording("late", made_at=LATER), recording("gone"))
    book.recordings.mark_missing("gone")
    assert [r.id for r in book.recordings.find_unsettled(NOW)] == ["one"]
    book.recordings.keep("one", SOUND, b"RIFF", LATER)
    assert [r.id for r in book.recordings.find_unsettled(NOW)] == ["one"]
    book.recordings.mark_deleted("one", LATER)
    book.recordings.mark_deleted("one", LATER + dt.timedelta(hours=1))
    assert of(book).deleted_at == LATER
    assert [r.id for r in book.recordings.find_unsettled(LATER)] == ["late"]


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_forgotten_is_gone_here_and_an_errand_deletes_it_there(
    book: CallRepository, kept: bool
) -> None:
    heard_of(book, recording())
    if kept:
        book.recordings.keep("one", SOUND, b"RIFF", NOW)
    assert len(book.recordings.forget("one", LATER)) == 1
    assert not book.recordings.forget("one", LATER)
    assert (of(book).state, of(book).forgotten_at) == (RecordingState.FORGOTTEN, LATER)
    assert book.recordings.read_sound("one") is None
    assert not book.recordings.keep("one", SOUND, b"RIFF", LATER)
    assert book.recordings.read_sound("one") is None


def test_what_the_carrier_has_deleted_already_is_not_deleted_again(book: CallRepository) -> None:
    heard_of(book, recording())
    book.recordings.keep("one", SOUND, b"RIFF", NOW)
    book.recordings.mark_deleted("one", NOW)
    assert not book.recordings.forget("one", LATER)
    assert of(book).state is RecordingState.FORGOTTEN


def test_what_is_kept_does_not_go_missing(book: CallRepository) -> None:
    heard_of(book, recording())
    book.recordings.keep("one", SOUND, b"RIFF", NOW)
    book.recordings.mark_missing("one")
    assert of(book).state is RecordingState.KEPT


def test_what_is_told_of_an_unknown_recording_changes_nothing(book: CallRepository) -> None:
    assert not book.recordings.keep("none", SOUND, b"RIFF", NOW)
    book.recordings.mark_missing("none")
    book.recordings.mark_deleted("none", NOW)
    assert not book.recordings.forget("none", NOW)
    assert book.recordings.find("none") is None


def test_words_come_later_and_with_the_jobs_of_the_sound(book: CallRepository) -> None:
    heard_of(book, recording())
    words = Job(LATER, TranscribeRecording("one"))
    assert len(book.recordings.keep("one", SOUND, b"RIFF", LATER, [words])) == 2
    book.recordings.write_words("one", "the till is down")
    kept = recording(state=RecordingState.KEPT, sound=SOUND, kept_at=LATER)
    assert of(book) == replace(kept, words="the till is down")


def test_words_of_the_carrier_may_come_before_the_sound(book: CallRepository) -> None:
    heard_of(book, recording())
    book.recordings.write_words("one", "")
    book.recordings.keep("one", SOUND, b"RIFF", LATER)
    assert of(book).words == ""


def test_words_are_forgotten_with_the_sound_and_do_not_come_back(book: CallRepository) -> None:
    heard_of(book, recording(), recording("gone"))
    for name in ("one", "gone"):
        book.recordings.write_words(name, "the till is down")
    book.recordings.forget("one", LATER)
    book.recordings.mark_missing("gone")
    assert (of(book).words, of(book, "gone").words) == (None, None)
    for name in ("one", "gone", "none"):
        book.recordings.write_words(name, "too late")
    assert (of(book).words, of(book, "gone").words) == (None, None)


def test_words_of_the_customer_are_those_of_no_engineer() -> None:
    said, noted = recording(words="the till is down"), recording(by="sanne", words="plugged in")
    assert list_customer_words([said, noted, recording(words=""), recording()]) == [said.words]


def test_what_may_still_get_words_is_a_sound_of_the_customer_without_any() -> None:
    assert lacks_words(recording())
    assert lacks_words(recording(state=RecordingState.KEPT))
    for settled in (
        recording(words=""),
        recording(by="sanne"),
        recording(state=RecordingState.MISSING),
        recording(state=RecordingState.FORGOTTEN),
    ):
        assert not lacks_words(settled)
