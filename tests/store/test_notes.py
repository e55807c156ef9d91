"""Notes on incidents: kept with the decision that made them, once, and read oldest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from routing.decision import Case, Decision, LostRaceError
from routing.journal import JournalEntry, JournalEvent
from routing.message import IncidentNote, Via
from routing.ports import CallRepository
from tests.store.cast import NOW, incident

MEMO = IncidentNote("SM1", "incident-1", NOW, "sanne", Via.TEXT, "de klant mailt liever")


def keep(book: CallRepository, before: Case, *memos: IncidentNote) -> Case:
    decision = Decision(
        before, (JournalEntry(JournalEvent.NOTED, "sanne by text"),), incident_notes=memos
    )
    return book.save(before, decision, NOW)[0]


@pytest.fixture
def known(book: CallRepository) -> Case:
    """An incident without notes."""
    return book.save(Case(), Decision(Case(incident=incident())), NOW)[0]


def test_notes_come_oldest_first_and_whole(book: CallRepository, known: Case) -> None:
    earlier = replace(MEMO, id="SM0", at=NOW - dt.timedelta(hours=1), words="bel na tien uur")
    keep(book, known, MEMO)
    keep(book, known, earlier)
    assert list(book.notes.find_all("incident-1")) == [earlier, MEMO]
    assert list(book.notes.find_all("incident-2")) == []
    assert (book.notes.exists("SM0"), book.notes.exists("SM2")) == (True, False)


def test_a_note_of_the_same_id_is_a_lost_race(book: CallRepository, known: Case) -> None:
    keep(book, known, MEMO)
    with pytest.raises(LostRaceError):
        keep(book, known, replace(MEMO, words="something else"))
    assert list(book.notes.find_all("incident-1")) == [MEMO]
