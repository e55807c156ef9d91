"""The hunt: mailboxes, people who pass it on, nobody at all, and the last resort."""

from tests.stories.stage import JORIS, LAST_RESORT, SANNE, SANNES_DESK
from tests.words import words_of


def test_a_mailbox_takes_nothing_and_the_next_phone_and_person_are_rung(stage):
    stage.office.phone(SANNE).behave("mailbox", after=3, stays=300)
    caller = stage.call_level_1()
    stage.advance(29)
    assert stage.rings(JORIS) == 0
    stage.advance(2)
    assert stage.rings(JORIS) == 1
    stage.advance(25)
    (mailbox,) = stage.office.phone(SANNE).handsets
    assert not mailbox.live
    assert stage.rings(SANNES_DESK) == 1
    assert stage.call(caller).answered_by is None
    stage.take(JORIS)
    stage.advance(2)
    assert caller.bridged_with


def test_a_persons_phones_follow_one_another_and_then_the_next_step(stage):
    caller = stage.call_level_1()
    stage.advance(31)
    assert (stage.rings(SANNE), stage.rings(SANNES_DESK), stage.rings(JORIS)) == (1, 1, 0)
    stage.advance(31)
    assert (stage.rings(SANNES_DESK), stage.rings(JORIS)) == (1, 1)
    assert stage.office.phone(SANNE).handsets[0].status in ("canceled", "no-answer")
    stage.advance(15)
    assert "Wij bellen nu de volgende engineer." in caller.hears


def test_who_passes_it_on_is_not_rung_on_the_other_phone(stage):
    stage.call_level_1()
    sanne = stage.answer(SANNE)
    stage.press(sanne, stage.leg(sanne).pass_key)
    stage.advance(3)
    assert "Doorgegeven. Tot ziens." in sanne.hears
    assert (stage.rings(SANNES_DESK), stage.rings(JORIS)) == (0, 1)


def test_when_all_pass_it_on_the_passes_repeat_and_then_the_last_resort_is_rung(stage):
    caller = stage.call_level_1()
    for _ in range(2):
        for number in (SANNE, JORIS):
            stage.office.phone(number).until_rings()
            engineer = stage.answer(number)
            stage.press(engineer, stage.leg(engineer).pass_key)
        stage.advance(11)
    assert stage.rings(LAST_RESORT) == 1
    human = stage.take(LAST_RESORT)
    stage.advance(3)
    assert caller.bridged_with == human.sid
    assert stage.incident().acknowledged_by == "last_resort"


def test_nobody_answers_then_the_last_resort_then_again_after_a_while(stage):
    caller = stage.call_level_1()
    stage.advance(2 * 90 + 2)
    assert stage.rings(LAST_RESORT) == 1
    stage.advance(32)
    assert stage.incident().escalation.phase == "resting"
    assert stage.rings(JORIS) == 2
    stage.advance(300)
    assert stage.rings(SANNE) == 3
    assert caller.live
    assert any("bellen wij iedereen opnieuw" in said for said in caller.hears)


def test_two_wrong_digits_are_forgiven_a_third_is_not(stage):
    stage.call_level_1()
    sanne = stage.answer(SANNE)
    leg = stage.leg(sanne)
    wrong = next(d for d in "123456789" if d not in (leg.take_key, leg.pass_key))
    stage.press(sanne, wrong)
    stage.advance(1)
    assert "Dat was niet de juiste toets." in sanne.hears
    stage.press(sanne, wrong)
    stage.advance(14)
    assert words_of("repeat_star") in sanne.hears
    stage.press(sanne, wrong)
    stage.advance(9)
    assert words_of("not_connected") in sanne.hears
    assert not sanne.live
    assert stage.rings(SANNES_DESK) == 1


def test_a_number_that_the_carrier_refuses_never_stops_the_rest(stage):
    fault = {"method": "POST", "path": "Calls", "status": 400, "code": 21211, "count": 1}
    stage.office.faults(requests=[fault])
    stage.call_level_1()
    stage.advance(1)
    assert (stage.rings(SANNE), stage.rings(SANNES_DESK)) == (0, 1)


def test_an_answered_leg_is_not_cut_by_the_clock_of_its_step(stage):
    caller = stage.call_level_1()
    stage.advance(29)
    sanne = stage.answer(SANNE)
    take = stage.leg(sanne).take_key
    stage.advance(8)
    assert sanne.live
    stage.press(sanne, take)
    stage.advance(6)
    assert caller.bridged_with == sanne.sid


def test_the_digit_that_takes_differs_every_time(stage):
    stage.call_level_1()
    first = stage.incident().legs()[0].take_key
    stage.advance(31)
    second = stage.incident().legs()[0].take_key
    assert first != second
