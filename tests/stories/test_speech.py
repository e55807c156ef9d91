"""A line that takes speech: callers say what they want, and key their numbers."""

import pytest
import requests
from twilio.request_validator import RequestValidator

from routing.call import Stage
from tests.stories.conftest import PAPER
from tests.stories.stage import ACCOUNT, PIN, SANNE, STRANGER


@pytest.fixture
def paper():
    return f"{PAPER}speech: {{menus: true}}\n"


def answer(stage, caller, words):
    """Say words at the question that is asked now."""
    caller.until_asked("Gather")
    caller.speak(1.0, words)
    stage.advance(2)


@pytest.fixture
def caller(stage):
    """Pieter, who has keyed his PIN."""
    caller = stage.dial()
    assert caller.asking.get("input") is None, "a PIN is keyed"
    stage.press(caller, f"{PIN}#")
    assert stage.call(caller).stage is Stage.URGENCY
    return caller


def test_a_spoken_level_1_is_confirmed_and_rings(stage, caller):
    answer(stage, caller, "Ons bedrijf ligt stil.")
    assert stage.call(caller).stage is Stage.CONFIRM
    assert not stage.office.phone(SANNE).ringing()
    answer(stage, caller, "Ja.")
    assert stage.office.phone(SANNE).ringing()
    assert stage.incident().urgency == 1


def test_a_spoken_level_1_may_be_confirmed_by_a_key(stage, caller):
    answer(stage, caller, "kritiek")
    stage.press(caller, "1")
    assert stage.office.phone(SANNE).ringing()


def test_no_leads_back_to_the_levels(stage, caller):
    answer(stage, caller, "kritiek")
    answer(stage, caller, "nee")
    assert stage.call(caller).stage is Stage.URGENCY


def test_words_without_a_meaning_are_a_wrong_key(stage, caller):
    turn = stage.call(caller).turn
    answer(stage, caller, "Mag ik de afdeling facturen?")
    call = stage.call(caller)
    assert (call.stage, call.slips, call.turn > turn) == (Stage.URGENCY, 1, True)
    stage.press(caller, "1")
    assert stage.call(caller).stage is Stage.CONFIRM


def test_a_key_counts_for_more_than_words(stage, caller):
    call = stage.call(caller)
    url = f"{stage.settings.public_url}/voice/call/{call.id}/key/{call.turn}?hears=urgency.nl"
    form = {"CallSid": caller.sid, "Digits": "4", "SpeechResult": "kritiek"}
    signature = RequestValidator(ACCOUNT.token).compute_signature(url, form)
    requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=60)
    assert stage.call(caller).urgency == 4


def test_what_was_said_is_in_no_log_and_no_row(stage, caller, caplog):
    answer(stage, caller, "Mag ik de afdeling facturen?")
    assert not any("facturen" in value for value in stage.written())
    assert "facturen" not in caplog.text


def test_a_contract_number_is_keyed(stage):
    caller = stage.dial(STRANGER)
    while stage.call(caller).stage is not Stage.CONTRACT:
        stage.advance(1)
    assert caller.asking.get("input") is None
