"""Many people are rung at once: the cost of one leg does not grow with all pairs of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.decision import Case, Decision
from routing.page import LegState, Page
from routing.ports import CallRepository
from tests.store.cast import NOW, incident, leg

MANY = 200


def test_a_change_of_one_leg_looks_at_each_of_the_others_once(
    book: CallRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    legs = tuple(leg(f"leg-{n}", f"engineer-{n}") for n in range(MANY))
    book.save(Case(), Decision(Case(incident=incident(pages=legs))), NOW)
    before = book.find_by_incident("incident-1")
    assert before is not None
    assert before.incident is not None
    last = before.incident.pages[-1]
    ringing = replace(last, state=LegState.RINGING)
    rings = replace(before.incident, pages=before.incident.pages_with(ringing))
    compared, was = [], Page.__eq__
    monkeypatch.setattr(Page, "__eq__", lambda one, other: compared.append(1) or was(one, other))
    book.save(before, Decision(Case(incident=rings)), NOW)
    assert len(compared) <= 2 * MANY
    monkeypatch.undo()
    after = book.find_by_incident("incident-1")
    assert after is not None
    assert after.incident is not None
    assert after.incident.pages == rings.pages


def test_legs_that_are_read_again_are_not_made_again(book: CallRepository) -> None:
    legs = tuple(leg(f"leg-{n}", f"engineer-{n}") for n in range(MANY))
    book.save(Case(), Decision(Case(incident=incident(pages=legs))), NOW)
    first, second = (book.find_by_incident("incident-1") for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.incident is not None
    assert second.incident is not None
    assert len(second.incident.pages) == MANY
    assert all(a is b for a, b in zip(first.incident.pages, second.incident.pages, strict=True))
