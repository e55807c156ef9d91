"""Letters: written once, sent by an errand, and never less finished than they were."""

from __future__ import annotations

import datetime as dt

import pytest

from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import Job, SendMessage
from routing.line import Channel
from routing.message import Message
from routing.page import PageResult
from routing.ports import CallRepository

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def letter(name: str = "one", at: dt.datetime = NOW) -> Message:
    return Message(name, "main", at, "sanne", Channel.SMS, "+31612345601", "nl", "swap_given")


def test_a_letter_comes_with_the_decision_that_wanted_it(book: CallRepository) -> None:
    call = Call("c", "CA1", "main", "", None, "nl", NOW)
    errand = Job(NOW, SendMessage("one", Channel.SMS))
    _, due = book.save(Case(), Decision(Case(call), (), (errand,), (letter(),)), NOW)
    assert len(due) == 1
    assert book.messages.find("one") == letter()


def test_a_letter_of_its_own_brings_its_errand(book: CallRepository) -> None:
    assert len(book.messages.send([letter(), letter("later", NOW + HOUR)], NOW)) == 1
    assert book.messages.find("later") == letter("later", NOW + HOUR)


def test_a_letter_is_written_once(book: CallRepository) -> None:
    book.messages.send([letter()], NOW)
    book.messages.record_result("one", PageResult.SENT, "SM1")
    assert not book.messages.send([letter()], NOW)
    kept = book.messages.find("one")
    assert kept is not None
    assert (kept.result, kept.sid) == (PageResult.SENT, "SM1")


@pytest.mark.parametrize("end", [PageResult.DELIVERED, PageResult.UNDELIVERED, PageResult.FAILED])
def test_a_word_that_comes_late_does_not_undo_the_last_one(
    book: CallRepository, end: PageResult
) -> None:
    book.messages.send([letter()], NOW)
    book.messages.record_result("one", end, "SM1")
    book.messages.record_result("one", PageResult.SENT, "SM2")
    kept = book.messages.find("one")
    assert kept is not None
    assert (kept.result, kept.sid) == (end, "SM1")


def test_what_is_said_of_an_unknown_letter_changes_nothing(book: CallRepository) -> None:
    book.messages.record_result("none", PageResult.SENT)
    assert book.messages.find("none") is None
