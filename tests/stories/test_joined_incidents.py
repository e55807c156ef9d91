"""A customer calls again: asked about the incident that is open, and put through to who has it."""

from routing.incident import IncidentState
from tests.stories.stage import JORIS, PIETER, PIN, SANNE
from tests.words import words_of

ANNA = "+31612345679"


def again(stage):
    """Pieter calls again, and the PIN is right."""
    caller = stage.dial()
    stage.press(caller, f"{PIN}#")
    stage.advance(8)
    return caller


def level_2(stage):
    """Pieter has reported a matter of level 2."""
    caller = stage.dial()
    for keys in (f"{PIN}#", "2"):
        stage.press(caller, keys)
    stage.advance(5)
    stage.hang_up(caller)
    return stage.incident()


def test_who_redials_is_asked_about_the_incident_and_served_by_the_same_hunt(stage):
    first = stage.call_level_1()
    stage.advance(3)
    stage.hang_up(first)
    number = stage.incident().number
    caller = again(stage)
    heard = " ".join(caller.hears)
    assert words_of("about_this", number=number, level=1, key=1) in heard
    assert words_of("about_new") in heard
    stage.press(caller, "1")
    assert stage.call(caller).stage == "waiting"
    assert stage.rings(SANNE) == 1
    engineer = stage.answer(SANNE)
    stage.advance(14)
    assert words_of("whisper_called_again", number=number) in engineer.hears
    stage.press(engineer, stage.leg(engineer).take_key)
    stage.advance(8)
    assert caller.bridged_with == engineer.sid
    assert stage.incident().calls == (first.sid, caller.sid)
    stage.hang_up(caller)
    stage.advance(5)
    assert stage.call(first).outcome == "abandoned"
    assert stage.call(caller).outcome == "connected"


def test_who_has_it_is_rung_first_and_the_others_beside_after_45_seconds(stage):
    first = stage.call_level_1()
    stage.hang_up(first)
    engineer = stage.take(SANNE)
    stage.hang_up(engineer)
    caller = again(stage)
    stage.press(caller, "1")
    stage.advance(40)
    assert (stage.rings(SANNE), stage.rings(JORIS)) == (2, 0)
    stage.advance(8)
    assert stage.rings(JORIS) == 1
    joris = stage.take(JORIS)
    stage.advance(3)
    assert caller.bridged_with == joris.sid
    assert stage.incident().acknowledged_by == "joris"


def test_a_customer_who_redials_while_being_called_back_is_connected_after_that(stage):
    first = stage.call_level_1()
    stage.hang_up(first)
    engineer = stage.take(SANNE)
    caller = again(stage)
    stage.press(caller, "1")
    stage.advance(6)
    assert any("belt op dit moment met uw bedrijf" in said for said in caller.hears)
    stage.office.phone(PIETER).decline()
    stage.settle()
    stage.advance(10)
    assert caller.bridged_with == engineer.sid


def test_a_customer_who_was_cut_off_and_whose_end_was_never_told_is_put_through(stage):
    first = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.advance(10)
    lost = ["/voice/status", "/left"]
    stage.office.faults(drop=lost, delay=60, delay_pattern="/parted/")
    stage.hang_up(first)
    stage.office.faults()
    assert stage.call(first).stage == "bridged"
    caller = again(stage)
    assert stage.call(first).stage == "ended"
    stage.press(caller, "1")
    stage.advance(12)
    assert caller.bridged_with == engineer.sid


def test_a_colleague_leaves_a_message_and_the_first_caller_is_not_put_aside(stage):
    first = stage.call_level_1()
    engineer = stage.take(SANNE)
    colleague = again(stage)
    stage.press(colleague, "1")
    stage.advance(8)
    heard = " ".join(colleague.hears)
    assert words_of("colleague_talks") in heard
    stage.press(colleague, "7")
    stage.record(colleague, 5)
    stage.advance(8)
    assert stage.call(colleague).outcome == "message"
    assert stage.incident().calls == (first.sid, colleague.sid)
    assert stage.incident().message
    assert first.bridged_with == engineer.sid
    assert any("de klant heeft opnieuw gebeld" in text.body for text in stage.office.texts)


def test_every_key_late_and_twice_changes_nothing(stage):
    first = stage.call_level_1()
    stage.hang_up(first)
    caller = again(stage)
    stage.office.faults(duplicate="all", reorder=True)
    for key in ("5", "8"):
        stage.press(caller, key)
        stage.advance(2)
    assert words_of("no_such_key") in caller.hears
    stage.press(caller, "1")
    stage.advance(5)
    assert stage.call(caller).stage == "waiting"
    assert stage.incident().calls == (first.sid, caller.sid)
    assert stage.rings(SANNE) == 1


def test_silence_twice_goes_on_to_the_urgency(stage):
    first = stage.call_level_1()
    stage.hang_up(first)
    caller = again(stage)
    stage.advance(40)
    assert stage.call(caller).stage == "urgency"
    assert words_of("urgency_menu") in " ".join(caller.hears)


def test_a_lower_level_is_written_down_and_the_caller_hears_its_number(stage):
    incident = level_2(stage)
    caller = again(stage)
    stage.press(caller, "1")
    stage.advance(15)
    kept = f"{words_of('again_at')} {' '.join(str(incident.number))}"
    assert kept in " ".join(caller.hears)
    assert stage.call(caller).stage == "later"
    stage.hang_up(caller)
    assert stage.call(caller).outcome == "registered"
    assert len(stage.incident().calls) == 2


def test_what_was_responded_to_is_open_again(stage):
    first = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.press(engineer, "*")
    stage.advance(4)
    key = stage.incident().key
    stage.press(engineer, "1")
    stage.hang_up(first)
    stage.advance(5)
    caller = again(stage)
    stage.press(caller, "1")
    stage.advance(2)
    assert (stage.incident().key, stage.incident().state) == (key, IncidentState.OPEN)
    assert stage.rings(SANNE) == 2
