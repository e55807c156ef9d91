"""What was used of a bundle, in every book; and which incident is over quota, in the database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from routing.contracts import Contract, PremiumUse
from routing.decision import Case, Decision, LostRaceError
from routing.incident import Incident
from routing.ports import CallRepository
from store.log.call_repository import SqlCallRepository
from store.log.premium import find_used_bundles, list_premium_years
from store.log.reports import Reports
from store.people.lines import apply_line
from tests.store.cast import BAKERY, LINE, NOW, incident
from tests.store.test_races import all_at_once

YEAR, NEXT = dt.date(2026, 1, 1), dt.date(2027, 1, 1)


def counted(number: int, place: int, year: dt.date = YEAR, **changes: object) -> Incident:
    plain = incident(number, contract="100234", premium=True, counted=PremiumUse(NOW, year, place))
    return replace(plain, **changes)  # type: ignore[arg-type]


def keep(book: CallRepository, *wanted: Incident) -> list[Incident | None]:
    saved = [book.save(Case(), Decision(Case(incident=one)), NOW)[0] for one in wanted]
    return [matter.incident for matter in saved]


def test_a_book_counts_by_line_contract_and_year(book: CallRepository) -> None:
    keep(book, counted(1, 1), counted(2, 2, premium=False), counted(3, 3), counted(4, 1, NEXT))
    keep(book, counted(5, 1, contract="100240"), counted(6, 1, line="second"), incident(7))
    assert book.count_premium("main", "100234", YEAR) == (2, 3)
    assert book.count_premium("main", "100234", NEXT) == (1, 1)
    assert book.count_premium("main", "100240", YEAR) == (1, 1)
    assert book.count_premium("main", "100999", YEAR) == (0, 0)


def test_a_place_in_a_contract_year_is_given_once(book: CallRepository) -> None:
    keep(book, counted(1, 1))
    with pytest.raises(LostRaceError):
        keep(book, counted(2, 1))
    assert book.find_by_incident("incident-2") is None
    keep(book, counted(2, 2))
    (third,) = keep(book, incident(3, contract="100234"))
    late = replace(third, counted=PremiumUse(NOW, YEAR, 2)) if third else None
    with pytest.raises(LostRaceError):
        book.save(Case(incident=third), Decision(Case(incident=late)), NOW)


def test_an_incident_that_was_counted_can_be_changed(book: CallRepository) -> None:
    (kept,) = keep(book, counted(1, 1))
    assert kept is not None
    book.save(Case(incident=kept), Decision(Case(incident=replace(kept, premium=False))), NOW)
    assert book.count_premium("main", "100234", YEAR) == (0, 1)


def test_of_many_who_want_a_place_at_once_one_has_it(engine: Engine) -> None:
    book = SqlCallRepository(engine)
    assert len(all_at_once(lambda n: matter_of(book, counted(n, 1)))) == 1
    assert book.count_premium("main", "100234", YEAR) == (1, 1)


def matter_of(book: CallRepository, wanted: Incident) -> Case:
    return book.save(Case(), Decision(Case(incident=wanted)), NOW)[0]


def sold(engine: Engine, incidents: int) -> Contract:
    """The bakery's contract has so many premium incidents a year."""
    contract = replace(BAKERY, premium_incidents=incidents)
    apply_line(engine, LINE, [contract], NOW)
    return contract


def test_over_quota_are_those_beyond_the_bundle_as_it_is_now(engine: Engine) -> None:
    sold(engine, 2)
    book = SqlCallRepository(engine)
    first, *_ = keep(book, *(counted(n, n) for n in (1, 2, 3, 4)), counted(5, 1, NEXT))
    over = [row["over_quota"] for row in Reports(engine).incidents()]
    assert over == [False, False, True, True, False]
    standard = replace(first, premium=False) if first else None
    book.save(Case(incident=first), Decision(Case(incident=standard)), NOW)
    over = [row["over_quota"] for row in Reports(engine).incidents()]
    assert over == [False, False, False, True, False]
    sold(engine, 3)
    assert not any(row["over_quota"] for row in Reports(engine).incidents())


def test_the_years_in_which_something_was_counted_are_listed(engine: Engine) -> None:
    sold(engine, 2)
    book = SqlCallRepository(engine)
    keep(book, counted(1, 1, NEXT), counted(2, 1, premium=False), counted(3, 2))
    keep(book, counted(4, 1, contract="100999"), counted(5, 1, line="second"))
    about = {"contract": "100234", "customer": "Bakkerij Jansen BV", "premium_incidents": 2}
    years = [
        about | {"contract_year": YEAR, "used": 1},
        about | {"contract_year": NEXT, "used": 1},
    ]
    assert list(list_premium_years(engine, LINE, "100234")) == years
    *known, gone = list_premium_years(engine, LINE)
    assert known == years
    assert (gone["contract"], gone["customer"], gone["premium_incidents"]) == ("100999", None, None)


@pytest.mark.parametrize(
    ("own", "included", "beyond"),
    [(None, 2, True), (None, 3, False), (None, None, False), (2, None, True), (3, 2, False)],
)
def test_a_contract_without_a_number_has_that_of_its_plan(engine, own, included, beyond) -> None:
    msa_plus, standard = LINE.plans
    line = replace(LINE, plans=(replace(msa_plus, premium_incidents=included), standard))
    apply_line(engine, line, [replace(BAKERY, premium_incidents=own)], NOW)
    book = SqlCallRepository(engine)
    keep(book, *(counted(number, number) for number in (1, 2, 3)))
    over = [row["over_quota"] for row in Reports(engine).incidents()]
    assert over == [False, False, beyond]
    (year,) = list_premium_years(engine, line, "100234")
    sold_ = included if own is None else own
    assert (year["premium_incidents"], year["used"]) == (sold_, 3)
    found = find_used_bundles(engine, line, YEAR, 10)
    assert [one.sold for one in found] == ([] if sold_ is None else [sold_])
