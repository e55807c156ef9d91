"""Engineers at their own menus: what became of a talk, and what waits when they call the line."""

from tests.stories.stage import JORIS, PIETER, SANNE, SANNES_DESK
from tests.words import words_of


def talk(stage):
    """Pieter and Sanne have talked for a while."""
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.advance(20)
    assert caller.bridged_with == engineer.sid
    return caller, engineer


def told(stage):
    """What the journal says of the only incident, each event with its reason."""
    return " / ".join(stage.written())


def test_star_ends_the_talk_and_one_key_says_that_it_was_dealt_with(stage):
    caller, engineer = talk(stage)
    key = stage.incident().key
    stage.press(engineer, "*")
    stage.advance(14)
    assert words_of("closing_responded", key="1") in engineer.hears
    assert words_of("closing_call_or_talk", key="8") in engineer.hears
    stage.press(engineer, "1")
    stage.hang_up(caller)
    stage.advance(5)
    incident = stage.desk.calls.find_by_incident(key).incident
    assert (incident.state, incident.acknowledged_by) == ("responded", "sanne")
    assert not engineer.live
    assert "sanne by key: at the closing menu" in told(stage)
    stage.advance(20 * 60)
    assert (stage.rings(SANNE), stage.rings(JORIS)) == (1, 0)


def test_a_caller_who_hangs_up_leaves_the_engineer_at_the_menu_and_is_called_again(stage):
    caller, engineer = talk(stage)
    stage.hang_up(caller)
    stage.advance(12)
    assert words_of("talk_over") in " ".join(engineer.hears)
    calls = [words_of(one, key="8") for one in ("closing_call_back", "closing_call_or_talk")]
    assert set(calls) & set(engineer.hears)  # by which of the carrier's reports came first
    stage.press(engineer, "8")
    stage.advance(3)
    pieter = stage.answer(PIETER)
    stage.advance(2)
    assert engineer.bridged_with == pieter.sid
    stage.press(engineer, "*")
    stage.advance(4)
    assert not pieter.live
    assert stage.leg(engineer).state == "closing"
    stage.press(engineer, "8")
    stage.advance(3)
    stage.office.phone(PIETER).decline()
    stage.settle()
    stage.advance(4)
    assert "De klant is niet bereikt." in " ".join(engineer.hears)


def test_silence_twice_hangs_up_and_changes_nothing(stage):
    caller, engineer = talk(stage)
    stage.hang_up(caller)
    stage.advance(60)
    assert not engineer.live
    assert stage.incident().state == "acknowledged"
    assert stage.rings(SANNE) == 1


def test_handing_over_keeps_the_caller_waiting_and_rings_another_first(stage):
    caller, engineer = talk(stage)
    stage.press(engineer, "*")
    stage.advance(3)
    stage.press(engineer, "2")
    stage.advance(10)
    assert words_of("handed_over", number=stage.incident().number) in engineer.hears
    assert (stage.rings(SANNE), stage.rings(SANNES_DESK), stage.rings(JORIS)) == (1, 0, 1)
    assert stage.incident().state == "open"
    stage.advance(5)
    assert stage.call(caller).stage == "waiting"
    joris = stage.answer(JORIS)
    stage.advance(10)
    assert words_of("whisper_handed_over") in joris.hears
    stage.press(joris, stage.leg(joris).take_key)
    stage.advance(8)
    assert caller.bridged_with == joris.sid


def test_a_caller_who_stays_on_is_joined_again_with_the_same_engineer(stage):
    caller, engineer = talk(stage)
    stage.press(engineer, "*")
    stage.advance(2)
    stage.press(engineer, "8")
    stage.advance(25)
    assert caller.bridged_with == engineer.sid


def test_a_caller_who_stays_on_while_the_engineer_says_nothing_is_sought_for_again(stage):
    caller, engineer = talk(stage)
    stage.press(engineer, "*")
    stage.advance(18)
    assert words_of("engineer_decides") in " ".join(caller.hears)
    stage.advance(40)
    assert not engineer.live
    assert stage.rings(SANNE) == 2
    assert stage.incident().state == "open"


def test_an_engineer_who_does_not_reach_the_customer_in_time_loses_the_incident(stage):
    caller = stage.call_level_1()
    stage.advance(5)
    stage.hang_up(caller)
    sanne = stage.answer(SANNE)
    stage.press(sanne, stage.leg(sanne).take_key)
    stage.hang_up(sanne)
    stage.advance(14 * 60)
    assert (stage.rings(SANNE), stage.rings(JORIS)) == (1, 0)
    stage.advance(70)
    assert stage.rings(SANNE) == 2
    again = stage.answer(SANNE)
    stage.advance(15)
    assert words_of("whisper_overdue") in again.hears
    assert "did not say within 900 s that the customer was reached" in told(stage)


def test_a_missed_call_is_called_back_and_the_line_rings_that_very_phone(stage):
    caller = stage.call_level_1()
    stage.advance(35)
    stage.office.phone(SANNES_DESK).decline()
    stage.settle()
    number = stage.incident().number
    sanne = stage.dial(SANNE)
    stage.advance(12)
    heard = " ".join(sanne.hears)
    assert words_of("offer_open", number=number, level=1, key=1) in heard
    assert words_of("customers_menu") in heard
    assert "Bakkerij" not in heard
    before = stage.rings(SANNE)
    stage.press(sanne, "1")
    stage.advance(6)
    assert not sanne.live
    assert stage.rings(SANNE) == before + 1
    again = stage.answer(SANNE)
    stage.advance(6)
    assert "Bakkerij Jansen BV, Pieter Jansen." in again.hears
    stage.press(again, stage.leg(again).take_key)
    stage.advance(8)
    assert caller.bridged_with == again.sid


def test_who_has_an_incident_is_offered_to_call_the_customer_back(stage):
    caller = stage.call_level_1()
    stage.hang_up(caller)
    engineer = stage.take(SANNE)
    stage.hang_up(engineer)
    sanne = stage.dial(SANNE)
    stage.advance(10)
    assert words_of("offer_own") in " ".join(sanne.hears)
    stage.press(sanne, "1")
    stage.advance(6)
    again = stage.take(SANNE)
    stage.press(again, "1")
    stage.advance(3)
    pieter = stage.answer(PIETER)
    stage.advance(2)
    assert again.bridged_with == pieter.sid


def test_with_nothing_waiting_an_engineer_hears_so_and_comes_to_the_customers_menu(stage):
    joris = stage.dial(JORIS)
    stage.advance(12)
    assert words_of("nothing_waits") in joris.hears
    assert stage.call(joris).stage == "language"


def test_nine_leads_to_the_customers_menu(stage):
    stage.call_level_1()
    sanne = stage.dial(SANNE)
    stage.press(sanne, "0")
    assert stage.call(sanne).stage == "language"
