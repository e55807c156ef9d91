"""A number that an engineer added: rung once verified, and known when it calls or texts."""

import pytest

from store.log.callouts import find_last_reached
from store.people.phones import AddedPhones, CodeResult
from tests.stories.stage import JORIS, LINE, SANNE

OWN = "+31612345690"


@pytest.fixture
def verified(stage):
    """Joris has added a number and given back its code."""
    phones = AddedPhones(stage.services.engine, stage.settings.pin_pepper, "main")
    code = phones.add("joris", OWN, stage.now())
    assert phones.verify("joris", OWN, code, stage.now()) is CodeResult.VERIFIED


def test_a_verified_number_is_rung_after_those_of_the_file(stage, verified):
    stage.call_level_1()
    stage.advance(65)
    assert stage.office.phone(JORIS).ringing()
    stage.advance(30)
    assert stage.office.phone(OWN).ringing()


def test_a_number_that_is_not_verified_is_never_rung(stage):
    AddedPhones(stage.services.engine, "pepper", "main").add("joris", OWN, stage.now())
    stage.call_level_1()
    stage.advance(150)
    assert stage.rings(OWN) == 0


def test_a_text_from_a_verified_number_counts_as_the_engineers(stage, verified):
    stage.hang_up(stage.call_level_1())
    stage.advance(65)
    stage.office.text(OWN, LINE, str(stage.incident().number))
    stage.settle()
    assert stage.incident().acknowledged_by == "joris"


def test_a_call_from_a_verified_number_is_offered_what_waits(stage, verified):
    stage.hang_up(stage.call_level_1())
    stage.advance(65)
    call = stage.call(stage.dial(OWN))
    assert (call.engineer, len(call.offers)) == ("joris", 1)


def test_what_was_answered_or_got_a_text_has_been_tried(stage):
    stage.hang_up(stage.call_level_1())
    stage.take(SANNE)
    assert set(
        find_last_reached(
            stage.services.engine, stage.services.call_service.lines.find_line("main")
        )
    ) == {SANNE}
