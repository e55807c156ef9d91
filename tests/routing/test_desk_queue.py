"""The row at the desk, as somebody sees it who wants to break it."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.call import CallOutcome, Stage
from routing.escalation.desk_queue import estimate_wait
from routing.escalation.queue_position import QueueEstimate, estimate
from routing.incident import EscalationPhase, IncidentState, ReopenReason
from routing.jobs import ServeDesk
from routing.line import Condition, Engineer, Hours, Route, Schedule, Shift, Step
from routing.message import Via
from routing.page import LegState
from tests.routing.floor import (
    ENGINEERS,
    JORIS,
    LINE,
    PIETER,
    PIN,
    SANNE,
    STRANGER,
    Floor,
    asks,
    prompts,
    wrap_up,
)

BOB, WILLEM, ANS = "+31612345682", "+31612345680", "+31612345681"
MILAN = "+31612345603"
EVERYBODY = (*ENGINEERS, Engineer("milan", "Milan Smit", (MILAN,)))
UNTIL_NOON = Schedule(
    "morning", "Europe/Amsterdam", (Shift(people=("joris",), hours=Hours(end=dt.time(12))),)
)


def staffed(*people, **changes):
    """A line with these people at the desk, twenty seconds each."""
    given = {"engineers": EVERYBODY, "desk": Step(people, dt.timedelta(seconds=20))} | changes
    return Floor(**given)


@pytest.fixture
def desk():
    return staffed("joris")


def reports(floor, level=3, shown=PIETER):
    """A customer calls with a matter of this level."""
    call = floor.dial(shown)
    if floor.call(call).stage is Stage.LANGUAGE:
        floor.press(call, "1")
    if floor.call(call).stage is Stage.CONTRACT:
        floor.contract(call, "0")
    else:
        floor.pin(call, PIN)
    floor.press(call, str(level))
    floor.work()
    return call


def doing(floor, call):
    return floor.incident(call).escalation.phase


def talked(floor, call, number=JORIS):
    """They have talked, and the engineer is at the closing menu."""
    floor.talk(call, number)
    floor.advance(600)
    floor.left(call)
    return floor.part(number, bridged=True)


# Who is rung


def test_whoever_hands_it_over_is_not_rung_for_it_again_at_once(desk):
    call = reports(desk)
    talked(desk, call)
    desk.key(JORIS, "2")
    assert desk.ringing() == []
    desk.advance(115)
    assert desk.ringing() == []
    desk.advance(10)
    assert desk.ringing() == [JORIS]


def test_handed_over_it_is_the_others_and_the_place_is_kept():
    floor = staffed("joris", "milan")
    call = reports(floor, 3)
    floor.take(JORIS)
    other, third = reports(floor, 3, BOB), reports(floor, 3, WILLEM)
    floor.take(MILAN)
    floor.meet(JORIS)
    floor.advance(600)
    floor.left(call)
    floor.part(JORIS, bridged=True)
    floor.key(JORIS, "2")
    assert floor.incident(call).reopen_reason is ReopenReason.HANDED_OVER
    assert floor.book.desk_queue.find_waiting("main") == [
        floor.incident(n).key for n in (call, third)
    ]
    assert floor.incident(third).leg_of("joris") is not None
    assert floor.incident(other).winner() is not None


def test_passed_on_it_is_not_offered_for_two_minutes_whatever_came_between(desk):
    first = reports(desk, 3)
    desk.pass_on(JORIS)
    desk.advance(60)
    second = reports(desk, 4, BOB)
    desk.talk(second, JORIS)
    desk.advance(70)
    desk.left(second)
    desk.part(JORIS, bridged=True)
    desk.key(JORIS, "1")
    assert desk.incident(first).leg_of("joris") is not None


def test_a_desk_that_is_away_does_not_hold_up_another(desk):
    english = Route(Condition(contracts=("100234",)), desk=Step(("milan",)))
    floor = staffed("joris", routes=(english,))
    reports(floor, 2)
    floor.pass_on(MILAN)
    waits = reports(floor, 3, BOB)
    floor.advance(21)
    assert (floor.ringing(), floor.rings(JORIS)) == ([], 1)
    floor.advance(95)
    assert floor.rings(JORIS) == 2
    assert doing(floor, waits) is EscalationPhase.ROW


def test_whoever_comes_free_meanwhile_is_left_for_the_first():
    floor = staffed("joris", "milan")
    first, second = reports(floor, 3), reports(floor, 4, BOB)
    floor.pass_on(JORIS)
    assert floor.incident(second).leg_of("joris") is not None
    floor.pass_on(JORIS)
    floor.desk.happen(events.DeskTurn(floor.incident(second).key, ("joris",)))
    assert floor.incident(first).leg_of("milan") is not None
    assert floor.incident(second).legs() == ()


def test_people_of_two_desks_are_rung_once():
    floor = staffed("joris", routes=(Route(Condition(urgencies=(2,)), desk=Step(("joris",))),))
    reports(floor, 2)
    reports(floor, 3, BOB)
    assert floor.ringing() == [JORIS]


def test_whoever_passed_is_spared_though_somebody_else_had_it_between():
    floor = staffed("joris", "milan")
    call = reports(floor, 3)
    floor.pass_on(JORIS)
    floor.advance(5)
    floor.talk(call, MILAN)
    floor.left(call)
    floor.part(MILAN, bridged=True)
    floor.key(MILAN, "2")
    assert floor.ringing() == []


def test_the_row_is_served_by_level_then_plan_then_time():
    floor = staffed("joris")
    floor.talk(reports(floor, 2, STRANGER), JORIS)
    unknown, bob = reports(floor, 3, STRANGER), reports(floor, 3, BOB)
    floor.advance(1)
    willem = reports(floor, 3, WILLEM)
    floor.advance(1)
    pieter, low = reports(floor, 3), reports(floor, 2, ANS)
    expected = [floor.incident(c).key for c in (low, pieter, bob, willem, unknown)]
    assert floor.book.desk_queue.find_waiting("main") == expected
    keyed = floor.incident(pieter)
    floor.drop(JORIS)
    assert floor.incident(low).leg_of("joris") is not None
    assert floor.incident(pieter).queued_at == keyed.queued_at


def test_nobody_is_texted_beside_a_telephone_on_a_desk(desk):
    reports(desk)
    assert desk.exchange.texts == []


def test_away_from_the_desk_for_a_minute(desk):
    reports(desk)
    desk.advance(75)
    assert desk.rings(JORIS) == 1
    desk.advance(40)
    assert desk.rings(JORIS) == 2


def test_an_estimate_is_the_median_of_the_talks_for_each_place_shared_among_the_people():
    talks = [dt.timedelta(minutes=n) for n in (2, 4, 60)]
    assert estimate(5, talks, 2) == QueueEstimate(5, dt.timedelta(minutes=10))
    assert estimate(1, talks, 1) == QueueEstimate(1, dt.timedelta(minutes=5))
    assert estimate(20, talks, 1) == QueueEstimate(20, dt.timedelta(minutes=80))
    assert estimate(5, talks[:2], 2) == estimate(5, talks, 0) == QueueEstimate(5)


def test_who_is_to_be_called_back_counts_in_the_place_of_the_others(desk):
    desk.talk(reports(desk, 3, STRANGER), JORIS)
    called_back(desk)
    last = desk.incident(reports(desk, 4, BOB))
    found = estimate_wait(desk.desk.facts(desk.line), last)
    assert found is not None
    assert found.number == 2


def test_nothing_is_promised_while_everybody_is_away(desk):
    for n in range(3):
        call = reports(desk, 3, STRANGER)
        desk.talk(call, JORIS)
        desk.advance(240 + n)
        desk.hang_up(call)
        desk.drop(JORIS)
    waits = reports(desk, 3, BOB)
    facts = desk.desk.facts(desk.line)
    assert estimate_wait(facts, desk.incident(waits)) == QueueEstimate(1, dt.timedelta(minutes=5))
    desk.advance(30)
    facts = desk.desk.facts(desk.line)
    assert estimate_wait(facts, desk.incident(waits)) == QueueEstimate(1)


def test_whoever_hangs_up_is_told_of_and_whoever_has_it_is_not_told_again(desk):
    call = reports(desk)
    desk.hang_up(call)
    assert len(desk.exchange.texts) == 1
    desk.desk.happen(events.AcknowledgedWithoutKey(desk.incident(call).key, "joris"))
    desk.advance(30 * 3600)
    assert len(desk.exchange.texts) == 1


# The keys


def test_a_key_that_comes_as_the_desk_takes_it_changes_nothing(desk):
    call = reports(desk)
    desk.take(JORIS)
    before = desk.call(call)
    for key in "783":
        desk.wait_key(call, key)
    assert desk.call(call).stage is Stage.WAITING
    assert desk.call(call).fate is before.fate
    assert prompts(desk.room(call, answered_key=True)) == ["taken_for_you"]


def test_a_late_and_a_doubled_key_change_nothing(desk):
    call = reports(desk)
    turn = desk.call(call).turn
    for _ in range(2):
        desk.desk.happen(events.WaitingKey(call, turn, "7"))
    assert desk.call(call).stage is Stage.MESSAGE
    desk.desk.happen(events.WaitingKey(call, turn, "8"))
    assert desk.call(call).fate is None


def test_without_a_number_nobody_can_be_called_back_and_the_place_is_kept(desk):
    desk.apply(desk=Step(("milan",)))
    call = reports(desk, 3, "anonymous")
    desk.wait_key(call, "8")
    assert desk.call(call).stage is Stage.WAITING
    assert prompts(desk.room(call, answered_key=True))[0] == "no_number"
    assert desk.book.desk_queue.find_waiting("main") == [desk.incident(call).key]


def test_raised_beyond_the_limit_it_is_a_message_and_the_desk_is_told(desk):
    desk.apply(unverified_level_1="message")
    call = reports(desk, 3, STRANGER)
    desk.wait_key(call, "3")
    desk.press(call, "1")
    desk.work()
    assert (desk.call(call).stage, desk.incident(call).urgency) == (Stage.MESSAGE, 1)
    assert doing(desk, call) is EscalationPhase.LATER
    desk.desk.happen(events.MessageLeft(call, desk.call(call).turn, "http://spoken"))
    assert desk.call(call).stage is Stage.FAREWELL


def test_raised_beyond_the_limit_who_says_nothing_is_told_the_number(desk):
    desk.apply(unverified_level_1="message")
    call = reports(desk, 3, STRANGER)
    desk.wait_key(call, "3")
    desk.press(call, "1")
    desk.desk.happen(events.MessageLeft(call, desk.call(call).turn, None))
    assert prompts(desk.script(call)) == ["registered", "registered_farewell"]
    desk.desk.happen(events.CallEnded(call))
    assert desk.call(call).outcome is CallOutcome.REGISTERED


def test_raised_while_the_desk_rings_whoever_answers_takes_it(desk):
    call = reports(desk, 3)
    desk.answer(JORIS)
    desk.wait_key(call, "3")
    taken = desk.key(JORIS, desk.leg(JORIS).take_key)
    desk.press(call, "1")
    desk.work()
    assert (desk.incident(call).urgency, desk.call(call).stage) == (1, Stage.WAITING)
    assert (desk.ringing(), doing(desk, call)) == ([], EscalationPhase.OVER)
    assert desk.leg(JORIS) == taken
    desk.meet(JORIS)
    assert desk.call(call).stage is Stage.BRIDGED


def test_acknowledged_by_text_at_the_raise_nobody_waits_in_vain():
    floor = staffed("joris")
    floor.now += dt.timedelta(hours=12)
    call = reports(floor, 3)
    floor.press(call, "1")
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    floor.press(call, "2")
    assert floor.call(call).stage is Stage.LATER


# The desk closes


def until_noon():
    """Joris is at the desk until noon in Amsterdam; it is eleven."""
    return staffed("morning", schedules=(*LINE.schedules, UNTIL_NOON))


@pytest.fixture
def closing():
    return until_noon()


def test_whoever_waits_as_the_desk_closes_hears_so(closing):
    first, call = reports(closing), reports(closing, 3, BOB)
    closing.advance(3700)
    for each in (first, call):
        assert closing.call(each).stage is Stage.LATER
        assert "desk_closed" in prompts(closing.script(each))
        assert doing(closing, each) is EscalationPhase.LATER


def test_a_telephone_that_rings_as_the_desk_closes_may_still_be_taken(closing):
    closing.advance(3570)
    call = reports(closing)
    closing.advance(15)
    closing.answer(JORIS)
    closing.advance(25)
    assert closing.call(call).stage is Stage.WAITING
    closing.key(JORIS, closing.leg(JORIS).take_key)
    assert closing.leg(JORIS).state is LegState.CONNECTING


def test_a_message_that_is_spoken_as_the_desk_closes_is_kept(closing):
    call = reports(closing)
    closing.wait_key(call, "7")
    closing.advance(3700)
    assert closing.call(call).stage is Stage.MESSAGE
    closing.desk.happen(events.MessageLeft(call, closing.call(call).turn, "http://spoken"))
    assert closing.call(call).stage is Stage.FAREWELL
    assert closing.incident(call).message is not None


def test_at_the_confirmation_as_the_desk_closes_no_leads_to_the_honest_word(closing):
    call = reports(closing)
    closing.wait_key(call, "3")
    closing.advance(3700)
    assert closing.call(call).stage is Stage.CONFIRM
    closing.press(call, "2")
    assert closing.call(call).stage is Stage.LATER


def test_at_the_confirmation_as_the_desk_closes_yes_calls_people_out(closing):
    call = reports(closing)
    closing.wait_key(call, "3")
    closing.advance(3700)
    closing.press(call, "1")
    closing.work()
    assert (closing.call(call).stage, closing.ringing()) == (Stage.MATTER, [SANNE])


def test_handed_over_after_the_desk_has_closed_the_caller_is_told_and_promised_nothing(closing):
    call = reports(closing)
    closing.talk(call, JORIS)
    closing.advance(3700)
    closing.left(call)
    closing.part(JORIS, bridged=True)
    closing.key(JORIS, "2")
    assert closing.call(call).stage is Stage.LATER
    assert asks(closing.script(call))


def test_handed_over_before_the_queue_is_left_nobody_waits_in_vain(closing):
    call = reports(closing)
    closing.talk(call, JORIS)
    closing.advance(3700)
    closing.part(JORIS, bridged=True)
    closing.key(JORIS, "2")
    closing.left(call)
    assert closing.call(call).stage is Stage.LATER


def test_a_callback_that_nobody_took_keeps_its_place_until_the_morning(closing):
    first = reports(closing, 4, BOB)
    closing.wait_key(first, "8")
    closing.hang_up(first)
    place = closing.incident(first).queued_at
    rung = closing.rings(JORIS)
    closing.advance(3700)
    texts = list(closing.exchange.texts)
    closing.advance(8 * 3600)
    assert doing(closing, first) is EscalationPhase.ROW
    assert closing.exchange.texts == texts
    at_night = closing.rings(JORIS)
    closing.advance(13 * 3600)
    assert closing.rings(JORIS) > at_night >= rung
    assert closing.incident(first).queued_at == place


# Called back


def called_back(floor, level=3):
    call = reports(floor, level)
    floor.wait_key(call, "8")
    floor.hang_up(call)
    return call


def test_whoever_takes_a_callback_is_joined_with_the_customer_without_a_second_key(desk):
    call = called_back(desk)
    assert desk.take(JORIS).state is LegState.CALLING
    assert prompts(desk.whisper(JORIS)) == ["caller_gone", "calling_customer"]
    assert desk.incident(call).acknowledged_by == "joris"


def test_a_message_is_heard_before_the_customer_is_called(desk):
    call = reports(desk)
    desk.wait_key(call, "7")
    desk.desk.happen(events.MessageLeft(call, desk.call(call).turn, "http://spoken"))
    desk.wait_key(call, "8")
    desk.hang_up(call)
    desk.take(JORIS)
    heard = ["caller_gone", "skip_recording", "message_follows", "calling_customer"]
    assert prompts(desk.whisper(JORIS)) == heard
    turn = desk.leg(JORIS).turn
    assert desk.key(JORIS, "8").state is LegState.CALLING
    assert prompts(desk.whisper(JORIS)) == ["caller_gone", "calling_customer"]
    assert desk.key(JORIS, "8", turn).turn == turn + 1


def test_a_caller_who_is_just_being_told_is_not_rung_yet(desk):
    call = reports(desk)
    desk.wait_key(call, "8")
    assert desk.take(JORIS).state is LegState.OFFERED
    assert prompts(desk.whisper(JORIS))[0] == "caller_wants_callback"
    desk.hang_up(call)
    assert desk.call(call).outcome is CallOutcome.CALLBACK


def test_an_unanswered_callback_stays_with_whoever_took_it_and_ends_at_the_closing_menu(desk):
    call = called_back(desk)
    leg = desk.take(JORIS)
    desk.desk.happen(events.CustomerRung(leg.id, leg.turn, False))
    assert prompts(desk.whisper(JORIS)) == [
        "customer_unanswered",
        *wrap_up("closing_call_back", premium=False),
    ]
    assert desk.key(JORIS, "8").state is LegState.CALLING
    assert prompts(desk.whisper(JORIS)) == ["calling_customer"]
    leg = desk.leg(JORIS)
    desk.desk.happen(events.CustomerRung(leg.id, leg.turn, False))
    desk.drop(JORIS)
    held = desk.incident(call)
    assert (held.state, held.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "joris")


def test_an_unanswered_callback_can_be_handed_over_to_the_row(desk):
    call = called_back(desk)
    leg = desk.take(JORIS)
    desk.desk.happen(events.CustomerRung(leg.id, leg.turn, False))
    desk.key(JORIS, "2")
    assert desk.book.desk_queue.find_waiting("main") == [desk.incident(call).key]


def test_a_level_1_callback_takes_no_second_key_either():
    floor = Floor()
    call = floor.critical()
    floor.wait_key(call, "8")
    floor.hang_up(call)
    assert floor.take(SANNE).state is LegState.CALLING


# Acknowledged, left, reopened


def test_acknowledged_by_text_the_caller_keeps_the_place_until_a_key(desk):
    desk.apply(desk=Step(("joris", "milan")))
    first = reports(desk, 3)
    desk.take(JORIS)
    desk.take(MILAN) if desk.ringing() else None
    call = reports(desk, 3, BOB)
    desk.desk.happen(events.AcknowledgedWithoutKey(desk.incident(call).key, "sanne"))
    desk.work()
    assert SANNE in desk.ringing()
    desk.take(SANNE)
    desk.meet(SANNE)
    assert desk.call(call).answered_by == "sanne"
    assert desk.call(first).answered_by == "joris"


def test_acknowledged_without_a_key_the_row_goes_on(desk):
    call = reports(desk, 3)
    desk.desk.happen(events.AcknowledgedWithoutKey(desk.incident(call).key, "joris"))
    desk.advance(50)
    assert (desk.incident(call).state, doing(desk, call)) == (
        IncidentState.OPEN,
        EscalationPhase.ROW,
    )


def test_a_promise_broken_after_the_desk_has_closed_calls_nobody_out(closing):
    call = reports(closing)
    closing.wait_key(call, "7")
    closing.advance(3595)
    closing.desk.happen(events.AcknowledgedWithoutKey(closing.incident(call).key, "joris"))
    closing.work()
    rung = closing.rings(SANNE)
    closing.advance(120)
    assert closing.call(call).stage is Stage.MESSAGE
    assert closing.incident(call).state is IncidentState.OPEN
    assert doing(closing, call) is EscalationPhase.LATER
    assert (closing.rings(SANNE), closing.ringing()) == (rung, [])


def test_a_level_3_passed_on_at_night_waits_for_the_desk(closing):
    call = reports(closing)
    closing.hang_up(call)
    key = closing.incident(call).key
    closing.desk.happen(events.AcknowledgedWithoutKey(key, "joris"))
    closing.advance(8 * 3600)
    closing.desk.happen(events.CallWanted(key, "joris", Via.TEXT))
    closing.work()
    closing.pass_on(JORIS)
    assert closing.incident(call).state is IncidentState.OPEN
    assert doing(closing, call) is EscalationPhase.LATER
    assert (closing.rings(SANNE), closing.ringing()) == (0, [])


def test_a_level_3_passed_on_while_the_desk_is_open_is_the_desks(desk):
    desk.apply(desk=Step(("joris", "milan")))
    call = reports(desk)
    desk.hang_up(call)
    key = desk.incident(call).key
    desk.desk.happen(events.AcknowledgedWithoutKey(key, "joris"))
    desk.advance(600)
    desk.desk.happen(events.CallWanted(key, "joris", Via.TEXT))
    desk.work()
    desk.pass_on(JORIS)
    assert doing(desk, call) is EscalationPhase.ROW
    assert desk.rings(SANNE) == 0


def test_who_was_left_by_the_desk_is_first_again(desk):
    first = reports(desk, 3)
    desk.talk(first, JORIS)
    second = reports(desk, 3, BOB)
    desk.left(first)
    desk.drop(JORIS)
    desk.stay(first)
    assert desk.incident(first).leg_of("joris") is not None or desk.ringing() == [JORIS]
    assert desk.book.desk_queue.find_waiting("main")[0] == desk.incident(first).key
    assert "in_row" in prompts(desk.script(first))
    assert doing(desk, second) is EscalationPhase.ROW


def test_while_workers_are_gone_a_message_is_asked_that_promises_nothing(desk):
    call = reports(desk, 3)
    desk.now += dt.timedelta(minutes=3)
    desk.room(call)
    assert desk.call(call).stage is Stage.LATER
    desk.press(call, None)
    assert prompts(desk.script(call)) == ["ask_message_later"]


def test_a_short_delay_of_the_workers_costs_nobody_the_place(desk):
    desk.apply(desk=Step(("milan",)))
    desk.take(MILAN) if desk.ringing() else None
    busy = reports(desk, 3)
    desk.take(MILAN)
    call = reports(desk, 3, BOB)
    desk.now += dt.timedelta(seconds=60)
    desk.room(call)
    assert desk.call(call).stage is Stage.WAITING
    assert desk.incident(busy).winner() is not None


def test_a_broken_queue_leads_to_the_honest_word(desk):
    call = reports(desk, 3)
    desk.left(call, events.Left.BROKEN)
    assert desk.call(call).stage is Stage.LATER


def test_two_lines_in_one_book_have_rows_of_their_own(desk):
    other = replace(desk.line, id="other", number="+31201230000")
    desk.people.lines["other"] = other
    call = reports(desk, 3)
    desk.take(JORIS)
    waits = reports(desk, 3, BOB)
    assert desk.book.desk_queue.find_waiting("other") == []
    desk.desk.happen(events.DeskTurn(desk.incident(waits).key, ("joris",)))
    assert any(isinstance(e.command, ServeDesk) for e in desk.book.rows.jobs.values())
    assert desk.call(call).answered_by == "joris"
