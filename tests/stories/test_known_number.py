"""A named contact calls from a known number and reaches the engineer on call."""

from tests.stories.stage import JORIS, PIN, SANNE
from tests.words import words_of


def test_a_known_contact_reaches_the_engineer_on_call(stage):
    caller = stage.dial()
    stage.advance(6)
    assert words_of("welcome", line="MSA Plus prioriteitslijn") in caller.hears
    assert "pincode" in caller.hears[-1]
    stage.press(caller, f"{PIN}#")
    stage.advance(3)
    stage.press(caller, "1")
    stage.advance(3)
    assert "bevestigen" in caller.hears[-1]
    stage.press(caller, "1")
    engineer = stage.answer(SANNE)
    stage.advance(20)
    assert "Bakkerij Jansen BV, Pieter Jansen." in engineer.hears
    take = stage.incident().legs()[0].take_key
    assert words_of("whisper_verified") in engineer.hears
    assert f"Toets {take} om aan te nemen." in " ".join(engineer.hears)
    stage.press(engineer, take)
    stage.advance(5)
    assert caller.bridged_with == engineer.sid
    assert not stage.office.phone(JORIS).handsets
    incident = stage.incident()
    assert (incident.state, incident.acknowledged_by) == ("acknowledged", "sanne")
    stage.hang_up(caller)
    stage.advance(5)
    call = stage.call(caller)
    assert (call.outcome, call.answered_by, call.entitlement) == ("connected", "sanne", "entitled")
