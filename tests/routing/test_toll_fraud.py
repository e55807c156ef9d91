"""Toll fraud: whom the line dials is never decided by what a carrier says of a caller."""

from dataclasses import replace

import pytest

from routing import events
from routing.call import Preamble, Stage
from routing.page import LegState
from routing.phone_numbers import why_not_called
from tests.routing.floor import PIETER, PIN, SANNE, STRANGER, prompts, wrap_up

PREMIUM_RATE = "+31909123456"
FOREIGN = "+447400123456"
SATELLITE = "+881612345678"
PERSONAL = "+447012345678"  # a British 070 number, which costs what its owner wants
COMPANY = "+31881234567"


def taken_once_gone(floor, shown):
    """A stranger chooses level 1 and hangs up, and an engineer takes the incident."""
    call = floor.critical(shown)
    floor.hang_up(call)
    floor.take(SANNE)
    return call


@pytest.mark.parametrize("shown", [PREMIUM_RATE, FOREIGN, SATELLITE])
def test_a_spoofed_number_is_never_dialled_and_the_engineer_hears_why(floor, shown):
    call = taken_once_gone(floor, shown)
    assert floor.leg(SANNE).state is LegState.OFFERED
    assert "number_not_dialled" in prompts(floor.whisper(SANNE))
    floor.key(SANNE, "8")
    assert floor.leg(SANNE).state is LegState.OFFERED
    assert "<Dial" not in floor.xml(floor.whisper(SANNE))
    assert "not_dialled" in floor.notes()
    assert floor.incident(call).caller == shown


def test_a_strangers_ordinary_number_is_dialled(floor):
    taken_once_gone(floor, STRANGER)
    floor.key(SANNE, "8")
    assert STRANGER in floor.xml(floor.whisper(SANNE))


def test_a_country_of_the_file_is_dialled(floor):
    floor.apply(dial_countries=("NL", "GB"))
    taken_once_gone(floor, FOREIGN)
    floor.key(SANNE, "8")
    assert FOREIGN in floor.xml(floor.whisper(SANNE))


def test_the_countries_of_the_file_take_the_place_of_the_lines_own(floor):
    floor.apply(dial_countries=("GB",))
    taken_once_gone(floor, STRANGER)
    assert "number_not_dialled" in prompts(floor.whisper(SANNE))


def test_a_contacts_number_is_dialled_wherever_it_is(floor):
    floor.apply(dial_countries=("GB",))
    taken_once_gone(floor, PIETER)
    floor.key(SANNE, "8")
    assert PIETER in floor.xml(floor.whisper(SANNE))
    assert "not_dialled" not in floor.notes()


def test_who_proves_a_contract_from_an_odd_number_is_called_at_the_contacts(floor):
    call = floor.dial(FOREIGN)
    floor.press(call, "1")
    floor.contract(call, "100234")
    floor.pin(call, PIN)
    floor.press(call, "1")
    floor.press(call, "1")
    floor.work()
    assert (floor.incident(call).caller, floor.incident(call).undialled) == (PIETER, None)


def test_after_a_talk_no_key_dials_it_either(floor):
    call = floor.critical(FOREIGN)
    floor.talk(call)
    floor.left(call)
    floor.part(SANNE, bridged=True)
    floor.hang_up(call)
    assert prompts(floor.whisper(SANNE)) == [
        "talk_over",
        "number_not_dialled",
        *wrap_up(premium=False),
    ]
    assert floor.key(SANNE, "8").state is LegState.CLOSING


def test_who_cannot_be_called_back_is_not_promised_it(floor):
    call = floor.critical(PREMIUM_RATE)
    floor.wait_key(call, "8")
    assert (floor.call(call).stage, floor.call(call).remark) == (Stage.WAITING, Preamble.NO_NUMBER)


def test_what_is_dialled_is_what_was_decided_when_the_key_arrives_late(floor):
    taken_once_gone(floor, FOREIGN)
    leg = floor.leg(SANNE)
    floor.desk.happen(events.LegKeyed(leg.id, leg.turn, "1", leg.sid))
    assert floor.leg(SANNE).state is LegState.OFFERED


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (PREMIUM_RATE, "a premium-rate number"),
        (PERSONAL, "no ordinary number"),
        (FOREIGN, "a number in GB, which is not dialled"),
        ("+31", "no valid number"),
        (COMPANY, None),
        (STRANGER, None),
    ],
)
def test_only_ordinary_numbers_of_these_countries_are_called(number, why):
    assert why_not_called(number, ("NL",)) == why


def test_a_contacts_number_that_is_not_of_the_file_is_dialled_only_where_it_is_ordinary(floor):
    floor.people.imported.add("100234")
    floor.apply(dial_countries=("GB",))
    call = taken_once_gone(floor, PIETER)
    assert "number_not_dialled" in prompts(floor.whisper(SANNE))
    assert floor.incident(call).dialled is None


def test_who_calls_from_an_odd_number_is_not_called_at_an_odd_one_of_the_contact(floor):
    floor.people.imported.add("100234")
    contract = floor.people.contracts["main", "100234"]
    theirs = tuple(replace(one, phones=(SATELLITE,)) for one in contract.contacts)
    floor.people.contracts["main", "100234"] = replace(contract, contacts=theirs)
    call = floor.dial(FOREIGN)
    floor.press(call, "1")
    floor.contract(call, "100234")
    floor.pin(call, PIN)
    floor.press(call, "1")
    floor.press(call, "1")
    floor.work()
    assert floor.incident(call).dialled is None
