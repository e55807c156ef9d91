"""The line calls itself, by a telephone that is forwarded to it: nobody is rung for that."""

import pytest

from tests.stories.stage import LINE, SANNE
from tests.stories.test_hostile import post

PHONES = [SANNE, "+31612345602", "+31207654321", "+31208881101"]


@pytest.mark.parametrize("shown", [LINE, "31201234567", "0201234567"])
@pytest.mark.parametrize("path", ["/voice/incoming", "/voice/fallback"])
def test_a_call_from_our_own_number_rings_nobody(stage, shown, path):
    stage.write_fallback()
    answer = post(stage, path, CallSid="CA7", To=LINE, From=shown)
    assert answer.status_code == 200
    assert "nummer van deze lijn zelf" in answer.text
    assert "<Dial" not in answer.text
    stage.advance(300)
    assert stage.desk.calls.find_by_sid("CA7") is None
    assert [stage.rings(phone) for phone in PHONES] == [0, 0, 0, 0]


def test_somebody_who_is_there_presses_a_key_and_goes_on(stage):
    caller = stage.dial(LINE)
    stage.press(caller, "5")
    call = stage.call(caller)
    assert call.live
    assert call.caller is None  # nobody is called back at our own number
