"""The row at the desk, more closely: what must not happen twice, too early, or to the wrong one."""

from dataclasses import replace

import pytest

from routing import events
from routing.draft import DecisionDraft
from routing.escalation.desk_queue import notify_desk
from routing.incident import EscalationPhase, IncidentState
from routing.page import LegState
from tests.routing.floor import JORIS, PIN, STRANGER, prompts
from tests.routing.test_desk_queue import ANS, BOB, MILAN, doing, reports, staffed, until_noon


@pytest.fixture
def desk():
    return staffed("joris")


@pytest.fixture
def closing():
    return until_noon()


def test_handed_over_whoever_waited_longest_is_still_the_first(desk):
    first = reports(desk)
    since = desk.incident(first).queued_at
    desk.talk(first, JORIS)
    desk.advance(300)
    second = reports(desk, 3, ANS)
    desk.advance(300)
    desk.left(first)
    desk.part(JORIS, bridged=True)
    desk.key(JORIS, "2")
    assert desk.incident(first).queued_at == since
    assert desk.incident(second).queued_at > since


def test_only_those_who_were_free_as_the_turn_began_are_rung():
    floor = staffed("joris", "milan")
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, "3")
    floor.desk.happen(events.DeskTurn(floor.incident(call).key, ("joris",)))
    assert [leg.engineer for leg in floor.incident(call).legs()] == ["joris"]


def test_a_turn_that_comes_late_rings_nobody_for_what_somebody_has():
    floor = staffed("joris", "milan")
    call = reports(floor)
    floor.talk(call, JORIS)
    floor.advance(30)
    rung = floor.rings(MILAN)
    floor.desk.happen(events.DeskTurn(floor.incident(call).key, ("milan",)))
    floor.work()
    assert (floor.rings(MILAN), doing(floor, call)) == (rung, EscalationPhase.OVER)


def test_a_turn_that_comes_late_rings_nobody_for_what_is_told_later(desk):
    call = reports(desk)
    desk.hang_up(call)
    desk.advance(30)
    rung = desk.rings(JORIS)
    desk.desk.happen(events.DeskTurn(desk.incident(call).key, ("joris",)))
    desk.work()
    assert (desk.rings(JORIS), doing(desk, call)) == (rung, EscalationPhase.LATER)


def test_nobody_is_told_of_what_somebody_has(desk):
    call = reports(desk)
    desk.hang_up(call)
    taken = replace(desk.incident(call), state=IncidentState.ACKNOWLEDGED, acknowledged_by="joris")
    draft = DecisionDraft(desk.desk.facts(desk.line), incident=taken)
    assert notify_desk(draft) == draft


def test_the_next_in_the_row_is_offered_whoever_the_first_must_do_without():
    floor = staffed("joris")
    first = reports(floor, 2)
    floor.pass_on(JORIS)
    second, third = reports(floor, 3, BOB), reports(floor, 4, ANS)
    rung = [call for call in (first, second, third) if floor.incident(call).legs()]
    assert rung == [second]


def test_a_message_was_heard_once_and_is_not_played_as_the_customer_is_called_again(desk):
    call = reports(desk)
    desk.wait_key(call, "7")
    desk.desk.happen(events.MessageLeft(call, desk.call(call).turn, "http://spoken"))
    desk.wait_key(call, "8")
    desk.hang_up(call)
    leg = desk.take(JORIS)
    assert "message_follows" in prompts(desk.whisper(JORIS))
    desk.desk.happen(events.CustomerRung(leg.id, leg.turn, False))
    assert desk.key(JORIS, "8").state is LegState.CALLING
    assert prompts(desk.whisper(JORIS)) == ["calling_customer"]


def test_a_message_in_the_row_is_asked_with_the_words_of_the_row(desk):
    call = reports(desk)
    desk.wait_key(call, "7")
    assert prompts(desk.script(call)) == ["ask_message_row"]


@pytest.mark.parametrize("taken", [True, False])
def test_once_the_desk_has_closed_a_message_is_asked_that_promises_no_place(closing, taken):
    call = reports(closing)
    closing.advance(3700)
    if taken:
        closing.desk.happen(events.AcknowledgedWithoutKey(closing.incident(call).key, "joris"))
    closing.press(call, None)
    assert prompts(closing.script(call)) == ["ask_message_later"]


def test_who_may_call_nobody_out_is_promised_no_place_either(desk):
    desk.apply(unverified_level_1="message")
    call = reports(desk, 3, STRANGER)
    desk.wait_key(call, "3")
    desk.press(call, "1")
    assert prompts(desk.script(call))[-1] == "ask_message_later"


def test_an_older_look_at_the_row_does_nothing(desk):
    call = reports(desk)
    mark = desk.incident(call).escalation.mark
    desk.take(JORIS)
    before = desk.incident(call)
    desk.desk.happen(events.EscalationTimerFired(before.key, mark))
    assert desk.incident(call) == before
