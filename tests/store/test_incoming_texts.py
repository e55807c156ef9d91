"""Texts of engineers are remembered once each, without their words, and forgotten after days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import Engine

from routing.message import ReceivedText
from routing.ports import CallRepository
from store.log.call_repository import SqlCallRepository
from store.log.retention import delete_traces
from tests.store.cast import NOW

TEXT = ReceivedText("SM1", "main", "sanne", NOW, "note", "a digest", "incident-1")
DAY = dt.timedelta(days=1)


def test_a_text_is_kept_once_and_found_by_its_id(book: CallRepository) -> None:
    book.received_texts.add(TEXT)
    book.received_texts.add(replace(TEXT, verb="take"))
    assert book.received_texts.find("SM1") == TEXT
    assert book.received_texts.find("SM2") is None


def test_the_texts_of_one_engineer_come_newest_first(book: CallRepository) -> None:
    older = replace(TEXT, id="SM0", at=NOW - DAY, incident=None)
    others = [
        replace(TEXT, id="SM3", engineer="joris"),
        replace(TEXT, id="SM4", line="other"),
        replace(TEXT, id="SM5", at=NOW - 2 * DAY),
    ]
    for text in (older, TEXT, *others):
        book.received_texts.add(text)
    assert list(book.received_texts.find_since("main", "sanne", NOW - DAY)) == [TEXT, older]


def test_texts_are_forgotten_after_three_days(engine: Engine) -> None:
    book = SqlCallRepository(engine)
    book.received_texts.add(TEXT)
    delete_traces(engine, NOW + 2 * DAY)
    assert book.received_texts.find("SM1") is not None
    delete_traces(engine, NOW + 4 * DAY)
    assert book.received_texts.find("SM1") is None
