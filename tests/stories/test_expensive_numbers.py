"""Whoever calls from a number that costs money, or from abroad, never has the line call it."""

import pytest

from routing.facts import DecisionFacts
from routing.line import Line
from store.people.phones import AddedPhones
from tests.stories.stage import CONTRACT, PIETER, PIN, SANNE
from tests.stories.toll_fraud import strangers_paid_for
from tests.words import words_of

DEAR, ABROAD = "+319061234", "+4930901820"
SATELLITE = "+881612345678"
NOT_CALLED = words_of("number_not_dialled")


def who_calls_and_is_gone(stage, number, pin):
    """Level 1 from this number; the caller hangs up, and Sanne wants to call back."""
    caller = stage.dial(number)
    for keys in ("1", f"{CONTRACT}#", f"{pin}#") if pin else ("1", "0#"):
        stage.press(caller, keys)
    for key in ("1", "1"):
        stage.press(caller, key)
    stage.advance(5)
    stage.hang_up(caller)
    engineer = stage.take(SANNE)
    stage.press(engineer, "1")
    stage.advance(4)
    return engineer


@pytest.mark.parametrize("number", [DEAR, ABROAD])
def test_a_stranger_at_such_a_number_is_not_called_back(stage, number):
    engineer = who_calls_and_is_gone(stage, number, pin=None)
    assert not [leg for leg in stage.office.legs if leg.to == number]
    assert any(said.startswith(NOT_CALLED) for said in engineer.hears)


@pytest.mark.parametrize("number", [DEAR, ABROAD])
def test_whoever_proves_who_they_are_is_called_at_the_number_of_the_contract(stage, number):
    engineer = who_calls_and_is_gone(stage, number, PIN)
    pieter = stage.answer(PIETER)
    stage.advance(2)
    assert engineer.bridged_with == pieter.sid
    assert not [leg for leg in stage.office.legs if leg.to == number]


def who_is_rung_on_a_kept_satellite_phone(stage):
    """Sanne has verified a number that no way in takes any more; a stranger chooses level 1."""
    board, at = stage.services, stage.services.call_service.clock()
    added = AddedPhones(board.engine, board.settings.pin_pepper, "main")
    added.verify("sanne", SATELLITE, added.add("sanne", SATELLITE, at), at)
    caller = stage.dial(PIETER)
    for keys in (f"{PIN}#", "1", "1"):
        stage.press(caller, keys)
    stage.advance(120)


def test_a_dear_number_that_was_kept_is_not_rung(stage):
    who_is_rung_on_a_kept_satellite_phone(stage)
    assert any(leg.to == SANNE for leg in stage.office.legs)
    assert not any(leg.to == SATELLITE for leg in stage.office.legs)


class TestACarelessLine:
    """One that calls whatever a caller shows is found out in any story."""

    @pytest.fixture(autouse=True)
    def careless(self, monkeypatch):
        monkeypatch.setattr(DecisionFacts, "why_not_dialled", lambda facts, number: None)

    @pytest.fixture
    def all_conforms(self):
        """Here it does not, on purpose."""

    @pytest.mark.parametrize("number", [DEAR, ABROAD])
    def test_it_has_called_somebody_who_costs_money(self, stage, number):
        who_calls_and_is_gone(stage, number, pin=None)
        assert list(strangers_paid_for(stage)) == [number]

    def test_it_has_rung_a_dear_number_that_an_engineer_added(self, stage, monkeypatch):
        monkeypatch.setattr(Line, "why_not_ordinary", lambda line, number: None)
        who_is_rung_on_a_kept_satellite_phone(stage)
        assert SATELLITE in set(strangers_paid_for(stage))
