"""Lines and contracts are found alike in memory and in each database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from routing.line import Voice
from routing.ports import LineRepository
from store.db.engine import open_engine
from store.memory.lines import MemoryLineRepository
from store.people.lines import SqlLineRepository, apply_line
from tests.conftest import DATABASES, fresh_database
from tests.store.cast import BAKERY, LINE, NOW, PIETER, STRANGER


@pytest.fixture(params=["memory", *DATABASES])
def people(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LineRepository]:
    """The people of one line with one contract."""
    if request.param == "memory":
        yield MemoryLineRepository(LINE, [BAKERY])
        return
    engine = open_engine(fresh_database(request.param, request, tmp_path))
    apply_line(engine, LINE, [BAKERY], NOW)
    yield SqlLineRepository(engine)
    engine.dispose()


def test_a_line_is_found_by_id_and_text_number(people: LineRepository) -> None:
    assert people.find_line("main") == LINE
    assert people.list_lines() == [LINE]
    assert people.find_lines_by_text_number("+31201234567") == [LINE]
    assert people.find_line("other") is None
    assert people.find_lines_by_text_number(STRANGER) == []


@pytest.mark.parametrize(
    "written", ["31201234567", "0031201234567", "0201234567", "sip:31201234567@example.org"]
)
def test_a_line_is_found_by_text_number_in_every_spelling(
    people: LineRepository, written: str
) -> None:
    assert people.find_lines_by_text_number(written) == [LINE]


def test_a_contract_comes_whole_with_contacts_in_their_order(people: LineRepository) -> None:
    assert people.find_contract("main", "100234") == BAKERY
    assert people.find_contract("main", "100235") is None
    assert people.find_contract("other", "100234") is None


def test_a_phone_finds_the_contracts_of_its_line(people: LineRepository) -> None:
    assert list(people.find_contracts_by_phone("main", PIETER)) == [BAKERY]
    assert list(people.find_contracts_by_phone("main", STRANGER)) == []
    assert list(people.find_contracts_by_phone("other", PIETER)) == []


def test_a_mail_address_finds_the_contracts_of_its_line(people: LineRepository) -> None:
    assert list(people.find_contracts_by_email("main", "pieter@bakkerij.example")) == [BAKERY]
    assert list(people.find_contracts_by_email("main", "Pieter@Bakkerij.Example")) == [BAKERY]
    assert list(people.find_contracts_by_email("main", "ieter@bakkerij.example")) == []
    assert list(people.find_contracts_by_email("other", "pieter@bakkerij.example")) == []


def test_a_phone_of_the_file_is_one_of_a_contract_of_the_file(people: LineRepository) -> None:
    assert people.is_file_phone("main", PIETER)
    assert not people.is_file_phone("main", STRANGER)
    assert not people.is_file_phone("other", PIETER)


@pytest.mark.parametrize("kind", DATABASES)
def test_a_changed_line_is_seen_at_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    engine = open_engine(fresh_database(kind, request, tmp_path))
    people = SqlLineRepository(engine)
    apply_line(engine, LINE, [], NOW)
    assert people.find_line("main") is people.find_line("main")
    changed = replace(
        LINE,
        names=(("nl", "Another name"),),
        voices=(("nl", Voice("Polly.Lisa-Neural", 90)),),
        music=("music/a.wav",),
    )
    apply_line(engine, changed, [], NOW)
    renamed = people.find_line("main")
    assert renamed is not None
    assert renamed.name == "Another name"
    assert people.list_lines() == [renamed] == [changed]
    engine.dispose()
