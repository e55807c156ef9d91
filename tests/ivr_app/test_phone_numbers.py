"""Each kind of number at each way in: only ordinary ones of the line's countries get through."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from config.checks import find_warnings
from config.contracts import read_rows
from config.fields import contact_phone
from config.line import parse_line_file
from config.reader import FileReading, Finding, Location, ReaderContext, Scalar, WrongField
from routing.contracts import ContractChange, ContractOrigin
from routing.line import Line
from service.bootstrap import build_services
from service.doctor.people import check_dial_guard
from service.doctor.verdict import CheckState
from service.engineer_phones import why_not_added
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore
from store.people.lines import SqlLineRepository, apply_line
from store.people.phones import AddedPhones, add_phones
from store.work.redis_client import NoJobNotifier
from tests.config.conftest import EXAMPLE, MISSING
from tests.store.cast import BAKERY, LINE, NOW

ORDINARY = ("+31612345690", "+31208881199", "+31881234567", "+31858881234", "+318001234")
DEAR = {
    "premium rate": "+31909123456",
    "a pager": "+31665123456",
    "satellite": "+881612345678",
    "satellite of another net": "+870773111632",
    "personal": "+447012345678",
    "mobile abroad": "+447400123456",
    "landline abroad": "+4930901820",
    "international networks": "+882162345678",
    "shared cost abroad": "+448451234567",
    "an island": "+6745551234",
    "America": "+12025550123",
}
HEAD = "contract,customer,plan,valid_from,valid_until,premium_incidents,contact,phone,pin,language"


def added_by_an_engineer(number: str) -> bool:
    return why_not_added(LINE, number) is None


def typed_in_the_console(number: str) -> bool:
    terms = ReaderContext(lambda *_: "", dialled=LINE.dialled_countries)
    try:
        return contact_phone(Scalar(Location(1, ""), number), FileReading(terms)) == number
    except WrongField:
        return False


def in_a_row(number: str) -> bool:
    row = f"100290,Firma Noord,standard,,,,Ans Noord,{number},123456,nl"
    (found,) = read_rows([f"{HEAD}\n".encode(), row.encode()], LINE, lambda *_: "hash")
    return not isinstance(found, Finding)


def rung_once_kept(number: str) -> bool:
    return number in add_phones(LINE, {"sanne": [number]}).engineers[0].phones


DOORS = (added_by_an_engineer, typed_in_the_console, in_a_row, rung_once_kept)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", DEAR)
def test_no_way_in_takes_a_number_that_may_cost_anything(
    door: Callable[[str], bool], kind: str
) -> None:
    assert not door(DEAR[kind])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("number", ORDINARY)
def test_each_way_in_takes_an_ordinary_number(door: Callable[[str], bool], number: str) -> None:
    textless = door is added_by_an_engineer and number in (ORDINARY[1], ORDINARY[4])
    assert door(number) is not textless  # no code can be sent there


def test_a_country_of_the_file_opens_each_way_in() -> None:
    line = replace(LINE, dial_countries=("NL", "GB"))
    assert line.why_not_ordinary(DEAR["mobile abroad"]) is None
    assert why_not_added(line, DEAR["mobile abroad"]) is None
    assert line.why_not_ordinary(DEAR["personal"]) == "no ordinary number"


@pytest.mark.parametrize("kind", ["satellite", "personal", "mobile abroad", "America"])
def test_the_file_may_have_any_number_and_check_warns(kind: str) -> None:
    text = EXAMPLE.replace("escalation:  ", f"{MISSING}escalation:  ", 1)
    text = text.replace("+31612345602", DEAR[kind])
    paper = parse_line_file(text, lambda *_: "hash")
    assert any(DEAR[kind] in engineer.phones for engineer in paper.line.engineers)
    found = [w for w in find_warnings(paper, NOW) if "it is dialled anyway" in w.message]
    assert len(found) == 1


def test_what_was_kept_before_is_not_rung_nor_dialled_and_doctor_names_whose_it_is(
    settings, clock
) -> None:
    board, at = build_services(settings, NoJobNotifier(), clock=clock), clock()
    apply_line(board.engine, LINE, [BAKERY], at)
    phones = AddedPhones(board.engine, settings.pin_pepper, "main")
    code = phones.add("joris", DEAR["satellite"], at)
    phones.verify("joris", DEAR["satellite"], code, at + dt.timedelta(seconds=1))
    (one, *_) = BAKERY.contacts
    theirs = replace(one, phones=(DEAR["personal"],))
    kept = replace(BAKERY, number="100290", contacts=(theirs,))
    deed = AuditEntry(at, "root", "cli", "contracts.import")
    ContractStore(board.engine, "main", ContractOrigin.IMPORT).put(
        [ContractChange(None, kept)], deed
    )
    people = SqlLineRepository(board.engine)
    line: Line | None = people.find_line("main")
    assert line is not None
    assert all(DEAR["satellite"] not in engineer.phones for engineer in line.engineers)
    assert people.is_file_phone("main", one.phones[0])
    assert not people.is_file_phone("main", DEAR["personal"])
    facts = board.call_service.facts(line)
    assert not facts.of_the_file(DEAR["personal"])
    named = [v.message for v in check_dial_guard(board, [line]) if v.state is CheckState.WARN]
    assert ["joris" in named[0], "100290" in named[1], len(named)] == [True, True, 2]
    assert not any(number in said for said in named for number in DEAR.values())
    board.engine.dispose()
