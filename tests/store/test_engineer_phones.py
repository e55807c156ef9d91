"""Numbers that people added: codes, verdicts, and what the line rings."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from store.db.engine import reading
from store.log.callouts import find_last_reached
from store.people.lines import SqlLineRepository, apply_line
from store.people.phones import TRIES, VALID_FOR, AddedPhones, CodeResult
from store.tables.people import added_phones
from tests.store.cast import LINE, NOW

NUMBER = "+31612345690"
SANNES = LINE.engineers[0].phones


@pytest.fixture
def line(engine: Engine) -> SqlLineRepository:
    """The people of a line that was applied."""
    apply_line(engine, LINE, [], NOW)
    return SqlLineRepository(engine)


@pytest.fixture
def phones(engine: Engine, line: SqlLineRepository) -> AddedPhones:
    """What people add to it."""
    return AddedPhones(engine, "pepper", "main")


def rung(people: SqlLineRepository, engineer: str = "sanne") -> tuple[str, ...]:
    found = people.find_line("main")
    assert found is not None
    person = found.engineer(engineer)
    return person.phones if person is not None else ()


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_number_is_rung_once_its_code_is_given_back(
    line: SqlLineRepository, phones: AddedPhones
) -> None:
    code = phones.add("sanne", NUMBER, NOW)
    assert (len(code), rung(line)) == (6, SANNES)
    assert phones.verify("sanne", NUMBER, code, NOW) is CodeResult.VERIFIED
    assert rung(line) == (*SANNES, NUMBER)
    assert [(one.number, one.verified_at) for one in phones.all()] == [(NUMBER, NOW)]


def test_a_wrong_code_is_wrong_and_after_five_the_right_one_is_too_late(
    line: SqlLineRepository, phones: AddedPhones
) -> None:
    code = phones.add("sanne", NUMBER, NOW)
    for _ in range(TRIES):
        assert phones.verify("sanne", NUMBER, other(code), NOW) is CodeResult.WRONG
    assert phones.verify("sanne", NUMBER, code, NOW) is CodeResult.OVER
    code = phones.add("sanne", NUMBER, NOW)
    assert phones.verify("sanne", NUMBER, code, NOW) is CodeResult.VERIFIED


def test_a_code_is_good_for_a_quarter_of_an_hour_and_once(phones: AddedPhones) -> None:
    code = phones.add("sanne", NUMBER, NOW)
    assert phones.verify("sanne", NUMBER, code, NOW + VALID_FOR) is CodeResult.OVER
    just = NOW + VALID_FOR - dt.timedelta(seconds=1)
    assert phones.verify("sanne", NUMBER, code, just) is CodeResult.VERIFIED
    assert phones.verify("sanne", NUMBER, code, just) is CodeResult.OVER


def test_a_code_fits_one_engineer_and_one_number(phones: AddedPhones) -> None:
    code = phones.add("sanne", NUMBER, NOW)
    assert phones.verify("joris", NUMBER, code, NOW) is CodeResult.UNKNOWN
    phones.add("joris", NUMBER, NOW)
    assert phones.verify("joris", NUMBER, code, NOW) is not CodeResult.VERIFIED


def test_a_code_stands_nowhere_as_it_is(engine: Engine, phones: AddedPhones) -> None:
    code = phones.add("sanne", NUMBER, NOW)
    with reading(engine) as connection:
        kept = connection.scalar(select(added_phones.c.code_hash))
    assert kept is not None
    assert len(kept) == 64
    assert code != kept[: len(code)]


def test_apply_leaves_added_numbers_alone_and_the_files_word_counts_for_more(
    engine: Engine, line: SqlLineRepository, phones: AddedPhones
) -> None:
    phones.verify("sanne", NUMBER, phones.add("sanne", NUMBER, NOW), NOW)
    apply_line(engine, replace(LINE, names=(("nl", "Another name"),)), [], NOW)
    assert rung(line) == (*SANNES, NUMBER)
    joris = replace(LINE.engineers[1], phones=(NUMBER,))
    apply_line(engine, replace(LINE, engineers=(LINE.engineers[0], joris)), [], NOW)
    assert (rung(line), rung(line, "joris")) == (SANNES, (NUMBER,))


def test_who_leaves_the_file_takes_their_numbers_along(
    engine: Engine, line: SqlLineRepository, phones: AddedPhones
) -> None:
    phones.verify("sanne", NUMBER, phones.add("sanne", NUMBER, NOW), NOW)
    apply_line(engine, replace(LINE, engineers=LINE.engineers[1:]), [], NOW)
    found = line.find_line("main")
    assert found is not None
    assert [engineer.phones for engineer in found.engineers] == [LINE.engineers[1].phones]


def test_of_two_who_verified_one_number_it_is_rung_for_the_first_in_the_file(
    line: SqlLineRepository, phones: AddedPhones
) -> None:
    codes = {who: phones.add(who, NUMBER, NOW) for who in ("joris", "sanne")}
    for who, code in codes.items():
        phones.verify(who, NUMBER, code, NOW)
    assert (NUMBER in rung(line), NUMBER in rung(line, "joris")) == (True, False)


def test_a_number_that_is_removed_is_rung_no_more(
    line: SqlLineRepository, phones: AddedPhones
) -> None:
    phones.verify("sanne", NUMBER, phones.add("sanne", NUMBER, NOW), NOW)
    assert rung(line) == (*SANNES, NUMBER)
    assert phones.remove("sanne", NUMBER, NOW)
    assert rung(line) == SANNES
    assert not phones.remove("sanne", NUMBER, NOW)


def test_nothing_was_tried_on_a_line_that_nobody_called(
    engine: Engine, line: SqlLineRepository
) -> None:
    assert find_last_reached(engine, LINE) == {}
