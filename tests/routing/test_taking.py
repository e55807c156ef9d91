"""An engineer's telephone: heard, keyed, joined, and what follows when the two are not joined."""

from itertools import pairwise

import pytest

from routing import events
from routing.call import CallOutcome, Stage
from routing.incident import EscalationPhase, IncidentState
from routing.page import LegState, PageResult
from routing.voice_document import Pause
from tests.routing.floor import (
    JORIS,
    PIETER,
    SANNE,
    SANNES_DESK,
    STRANGER,
    Floor,
    asks,
    hangs_up,
    prompts,
    stepping,
    wrap_up,
)


@pytest.fixture
def floor():
    """Sanne and Joris are rung at once."""
    return Floor(escalation=stepping(("primary", "secondary")))


@pytest.fixture
def call(floor):
    return floor.critical()


def wrong_key(leg):
    return next(d for d in "123456789" if d not in (leg.take_key, leg.pass_key))


def test_the_first_key_wins_and_the_other_phone_stops_ringing(floor, call):
    leg = floor.take(SANNE)
    assert (leg.state, leg.result) == (LegState.CONNECTING, PageResult.ACCEPTED)
    assert floor.incident(call).acknowledged_by == "sanne"
    assert floor.call(call).answered_by == "sanne"
    assert (floor.leg(JORIS).state, floor.leg(JORIS).result) == (
        LegState.ENDED,
        PageResult.CANCELED,
    )
    assert floor.incident(call).escalation.phase is EscalationPhase.OVER


def test_a_caller_who_still_hears_our_sentence_is_waited_for(floor, call):
    leg = floor.take(SANNE)
    assert Pause(3) not in floor.whisper(SANNE).acts
    floor.desk.happen(events.LegParted(leg.id, leg.turn, bridged=False))
    assert floor.leg(SANNE).state is LegState.CONNECTING
    assert Pause(3) in floor.whisper(SANNE).acts


def test_the_second_key_hears_who_has_it(floor, call):
    joris = floor.answer(JORIS)
    floor.take(SANNE)
    assert prompts(floor.whisper(JORIS)) == ["taken_by"]
    before = floor.desk.call(call)
    floor.key(JORIS, joris.take_key)
    assert floor.desk.call(call) == before
    assert prompts(floor.whisper(JORIS)) == ["taken_by"]
    assert hangs_up(floor.whisper(JORIS))
    tells = [
        e.command.leg for e in floor.book.rows.jobs.values() if e.command.kind == "refresh_document"
    ]
    assert tells == [joris.id]


def test_the_one_who_has_it_is_named_even_after_they_have_gone(floor, call):
    joris = floor.answer(JORIS)
    floor.talk(call)
    floor.hang_up(call)
    floor.drop(SANNE)
    assert prompts(floor.whisper(JORIS)) == ["taken_by"]
    floor.key(JORIS, joris.take_key)
    assert floor.incident(call).acknowledged_by == "sanne"


def test_another_key_passes_it_on_and_no_other_phone_of_theirs_is_rung(floor, call):
    leg = floor.pass_on(SANNE)
    assert (leg.state, leg.result) == (LegState.ENDED, PageResult.DECLINED)
    assert prompts(floor.whisper(SANNE)) == ["passed_on"]
    assert floor.ringing() == [JORIS]
    floor.advance(20)
    assert floor.rings(SANNES_DESK) == 0


def test_one_wrong_key_is_forgiven_and_a_second_is_not(floor, call):
    leg = floor.answer(SANNE)
    again = floor.key(SANNE, wrong_key(leg))
    assert (again.state, again.slips) == (LegState.LISTENING, 1)
    assert prompts(floor.whisper(SANNE))[0] == "wrong_key"
    assert prompts(floor.whisper(SANNE)) == ["wrong_key", "whisper_keys"]
    again = floor.key(SANNE, wrong_key(leg))
    assert (again.state, again.slips) == (LegState.LISTENING, 2)
    assert prompts(floor.whisper(SANNE))[:2] == ["wrong_key", "whisper_priority"]
    assert prompts(floor.whisper(SANNE))[-2:] == ["repeat_star", "whisper_keys"]
    assert floor.key(SANNE, wrong_key(leg)).result is PageResult.NO_KEY
    assert prompts(floor.whisper(SANNE)) == [
        "wrong_key",
        "not_connected",
        "rings_colleague",
        "goodbye",
    ]


def test_after_one_wrong_key_the_right_one_still_takes_it(floor, call):
    leg = floor.answer(SANNE)
    floor.key(SANNE, wrong_key(leg))
    assert floor.key(SANNE, leg.take_key).won


def test_a_mailbox_presses_nothing_hears_who_calls_once_and_takes_nothing(floor, call):
    floor.answer(SANNE)
    assert "Bakkerij" in floor.xml(floor.whisper(SANNE))
    for _ in range(2):
        assert floor.key(SANNE, None).state is LegState.LISTENING
        heard = prompts(floor.whisper(SANNE))
        assert heard == ["whisper_priority", "repeat_star", "whisper_keys"]
    assert floor.key(SANNE, None).result is PageResult.NO_KEY
    assert floor.incident(call).state is IncidentState.OPEN
    assert floor.ringing() == [SANNES_DESK, JORIS]


def test_the_keys_differ_from_each_other_and_from_the_time_before():
    floor = Floor(escalation=stepping(("joris",), seconds=2, repeat=30))
    floor.critical()
    floor.advance(70)
    keys = [leg.take_key for leg in floor.legs() if leg.to == JORIS]
    assert len(keys) == 30
    assert all(one != other for one, other in pairwise(keys))
    assert all(leg.take_key != leg.pass_key for leg in floor.legs())
    assert all(leg.take_key in "123456789" for leg in floor.legs())


def test_a_key_for_an_older_prompt_or_of_another_call_counts_for_nothing(floor, call):
    leg = floor.answer(SANNE)
    for event in (
        events.LegKeyed(leg.id, 0, leg.take_key, leg.sid),
        events.LegKeyed(leg.id, 2, leg.take_key, leg.sid),
        events.LegKeyed(leg.id, 1, leg.take_key, "CLother"),
    ):
        floor.desk.happen(event)
        assert floor.leg(SANNE) == leg


def test_an_answered_leg_is_not_cut_by_the_clock_but_the_step_goes_on(floor):
    floor.apply(escalation=stepping(("primary",), ("joris",)))
    floor.critical()
    leg = floor.answer(SANNE)
    floor.advance(31)
    assert floor.leg(SANNE).state is LegState.LISTENING
    assert floor.ringing() == [JORIS]
    assert floor.key(SANNE, leg.take_key).won
    assert floor.ringing() == []


def test_who_answers_as_the_ringing_is_being_stopped_is_not_turned_away(floor, call):
    leg = floor.leg(SANNE)
    floor.exchange.heards[leg.sid] = events.Heard.ANSWERED
    floor.advance(31)
    assert floor.leg(SANNE).state is LegState.STOPPING
    assert floor.answer(SANNE).state is LegState.LISTENING
    assert floor.key(SANNE, leg.take_key).won


def test_who_answers_after_another_took_it_hears_so(floor, call):
    floor.exchange.heards[floor.leg(JORIS).sid] = events.Heard.ANSWERED
    floor.take(SANNE)
    assert floor.answer(JORIS).state is LegState.STOPPING
    assert prompts(floor.whisper(JORIS)) == ["taken_by"]


@pytest.mark.parametrize(
    ("heard", "result"),
    [
        (events.Heard.BUSY, PageResult.BUSY),
        (events.Heard.NO_ANSWER, PageResult.NO_ANSWER),
        (events.Heard.FAILED, PageResult.FAILED),
        (events.Heard.CANCELED, PageResult.NO_ANSWER),
    ],
)
def test_what_the_carrier_says_of_a_ring_is_its_result_and_the_next_phone_rings(
    floor, call, heard, result
):
    assert floor.drop(SANNE, heard).result is result
    assert floor.ringing() == [SANNES_DESK, JORIS]


def test_somebody_who_listened_and_hung_up_pressed_no_key(floor, call):
    floor.answer(SANNE)
    assert floor.drop(SANNE).result is PageResult.NO_KEY
    assert floor.ringing() == [SANNES_DESK, JORIS]


@pytest.mark.parametrize("heard", list(events.Heard))
def test_a_status_of_an_older_call_or_of_an_ended_leg_changes_nothing(floor, call, heard):
    floor.desk.happen(events.LegHeard(floor.leg(JORIS).id, heard, "CLother"))
    assert floor.leg(JORIS).state is LegState.RINGING
    ended = floor.drop(SANNE)
    floor.desk.happen(events.LegHeard(ended.id, heard, ended.sid))
    floor.desk.happen(events.LegListens(ended.id, ended.sid))
    assert floor.leg(SANNE) == ended
    assert prompts(floor.whisper(SANNE)) == ["not_connected", "rings_colleague", "goodbye"]


def test_a_second_request_that_is_refused_does_not_end_a_leg_that_the_carrier_knows(floor, call):
    leg = floor.take(SANNE)
    floor.desk.happen(events.LegRefused(leg.id, "20003"))
    assert floor.leg(SANNE) == leg


def test_a_lost_end_of_a_leg_is_found_within_a_minute(floor, call):
    floor.talk(call)
    floor.hang_up(call)
    second = floor.critical(STRANGER)
    floor.exchange.heards[floor.leg(SANNE).sid] = events.Heard.COMPLETED
    floor.advance(60)
    assert floor.rings(SANNE) == 2
    assert floor.incident(second).leg_of("sanne")


def test_it_is_found_after_a_long_conversation_too(floor, call):
    leg = floor.talk(call)
    floor.advance(400)
    assert floor.leg(SANNE).state is LegState.TALKING
    floor.exchange.heards[floor.leg(SANNE).sid] = events.Heard.COMPLETED
    floor.advance(60)
    assert floor.book.rows.pages[leg.id][1].state is LegState.ENDED


def test_a_callback_that_comes_before_the_answer_to_our_request_is_understood(floor):
    floor.exchange.place = lambda placing: "CLlate"
    call = floor.dial()
    floor.pin(call, "4829130057")
    floor.press(call, "1")
    floor.press(call, "1")
    leg = floor.leg(SANNE)
    floor.desk.happen(events.LegHeard(leg.id, events.Heard.RINGING, "CLlate"))
    floor.desk.happen(events.LegListens(leg.id, "CLlate"))
    floor.work()
    assert (floor.leg(SANNE).state, floor.leg(SANNE).sid) == (LegState.LISTENING, "CLlate")


# Joining


def test_both_are_joined(floor, call):
    leg = floor.talk(call)
    assert leg.state is LegState.TALKING
    assert (floor.call(call).stage, floor.call(call).bridged) == (Stage.BRIDGED, True)


def test_the_word_of_parting_may_come_before_the_word_of_joining(floor, call):
    floor.take(SANNE)
    floor.part(SANNE, bridged=True)
    before = floor.desk.call(call)
    floor.meet(SANNE)
    assert floor.desk.call(call) == before
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.CONNECTED


def test_a_caller_who_is_still_there_is_tried_three_times_and_then_hunted_for_again(floor, call):
    floor.take(SANNE)
    assert floor.part(SANNE, bridged=False).state is LegState.CONNECTING
    assert floor.part(SANNE, bridged=False).state is LegState.CONNECTING
    assert floor.part(SANNE, bridged=False).state is LegState.OFFERED
    assert floor.call(call).answered_by is None
    floor.drop(SANNE)
    assert floor.ringing() == [SANNE]
    assert floor.incident(call).state is IncidentState.OPEN


def test_a_caller_who_speaks_a_message_is_waited_for_however_long(floor, call):
    floor.wait_key(call, "7")
    floor.take(SANNE)
    for _ in range(9):
        assert floor.part(SANNE, bridged=False).state is LegState.CONNECTING
        assert prompts(floor.whisper(SANNE)) == ["caller_speaks"]
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, None))
    assert floor.meet(SANNE).state is LegState.TALKING


def test_a_parting_that_is_told_twice_is_one_try(floor, call):
    leg = floor.take(SANNE)
    for _ in range(2):
        floor.desk.happen(events.LegParted(leg.id, leg.turn, bridged=False))
    assert (floor.leg(SANNE).state, floor.leg(SANNE).rounds) == (LegState.CONNECTING, 1)


def test_a_caller_who_went_before_being_joined_was_not_answered(floor, call):
    floor.take(SANNE)
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.CONNECTED
    floor.part(SANNE, bridged=False)
    assert (floor.call(call).outcome, floor.call(call).answered_by) == (CallOutcome.ABANDONED, None)
    assert floor.incident(call).acknowledged_by == "sanne"


def test_nor_when_the_end_of_the_leg_is_told_first(floor, call):
    floor.take(SANNE)
    floor.hang_up(call)
    floor.drop(SANNE)
    assert (floor.call(call).outcome, floor.call(call).answered_by) == (CallOutcome.ABANDONED, None)


def test_a_conversation_that_is_told_of_last_counts_after_all(floor, call):
    leg = floor.take(SANNE)
    floor.hang_up(call)
    floor.drop(SANNE)
    floor.desk.happen(events.LegParted(leg.id, leg.turn, bridged=True))
    assert (floor.call(call).outcome, floor.call(call).answered_by) == (
        CallOutcome.CONNECTED,
        "sanne",
    )
    assert floor.leg(SANNE).state is LegState.ENDED


def test_a_message_left_still_counts_when_the_caller_went_before_being_joined(floor, call):
    floor.wait_key(call, "7")
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, "http://spoken"))
    floor.take(SANNE)
    floor.hang_up(call)
    floor.part(SANNE, bridged=False)
    assert floor.call(call).outcome is CallOutcome.MESSAGE


def test_an_engineer_who_goes_before_the_caller_is_reached_is_rung_first_again(floor, call):
    floor.take(SANNE)
    floor.drop(SANNE)
    assert floor.ringing() == [SANNE]
    assert (floor.incident(call).state, floor.incident(call).acknowledged_by) == (
        IncidentState.OPEN,
        None,
    )
    floor.advance(61)
    assert SANNE in floor.ringing()
    assert JORIS in floor.ringing()


def test_a_key_while_the_caller_is_being_joined_does_not_lose_the_caller(floor, call):
    turn = floor.call(call).turn
    floor.take(SANNE)
    floor.desk.happen(events.WaitingKey(call, turn, "8"))
    floor.meet(SANNE)
    assert (floor.call(call).stage, floor.call(call).fate) == (Stage.BRIDGED, CallOutcome.CONNECTED)


# The caller has gone


def gone(floor, call):
    """The caller has hung up, and Sanne takes what is left."""
    floor.hang_up(call)
    return floor.take(SANNE)


def test_the_key_that_takes_it_after_the_caller_went_calls_the_customer(floor, call):
    assert gone(floor, call).state is LegState.CALLING
    assert prompts(floor.whisper(SANNE)) == ["caller_gone", "calling_customer"]
    assert floor.xml(floor.whisper(SANNE)).count(PIETER) == 1
    assert floor.incident(call).acknowledged_by == "sanne"
    assert floor.call(call).answered_by is None


def test_without_an_answer_the_wrap_up_offers_to_call_again(floor, call):
    leg = gone(floor, call)
    for _ in range(2):
        turn = floor.leg(SANNE).turn
        floor.desk.happen(events.CustomerRung(leg.id, turn, answered=False))
        assert floor.leg(SANNE).state is LegState.CLOSING
        assert prompts(floor.whisper(SANNE))[0] == "customer_unanswered"
        floor.desk.happen(events.CustomerRung(leg.id, turn, answered=False))
        assert floor.key(SANNE, "8").state is LegState.CALLING
        assert prompts(floor.whisper(SANNE)) == ["calling_customer"]


def offered(floor, call):
    """Sanne takes a call whose caller hangs up before they are connected."""
    floor.take(SANNE)
    floor.hang_up(call)
    return floor.part(SANNE, bridged=False)


def test_who_was_not_connected_in_time_is_offered_to_call_back(floor, call):
    assert offered(floor, call).state is LegState.OFFERED
    assert prompts(floor.whisper(SANNE)) == ["caller_gone", "offer_callback"]
    assert floor.key(SANNE, "8").state is LegState.CALLING


def test_silence_at_the_offer_ends_it_and_another_key_does_not(floor, call):
    offered(floor, call)
    floor.key(SANNE, "5")
    floor.key(SANNE, None)
    assert asks(floor.whisper(SANNE))
    floor.key(SANNE, None)
    assert prompts(floor.whisper(SANNE)) == ["goodbye"]


def test_without_a_number_nothing_is_offered(floor):
    call = floor.critical("anonymous")
    gone(floor, call)
    assert prompts(floor.whisper(SANNE)) == ["caller_gone", "no_number_to_call"]
    assert floor.key(SANNE, "1").state is LegState.OFFERED


def test_who_takes_a_wish_for_a_call_back_hears_of_it_and_of_the_message(floor, call):
    floor.wait_key(call, "7")
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, "http://spoken"))
    floor.wait_key(call, "8")
    floor.hang_up(call)
    leg = floor.answer(SANNE)
    assert prompts(floor.whisper(SANNE))[-2:] == ["whisper_keys", "whisper_hear"]
    assert "whisper_wants_callback" in prompts(floor.whisper(SANNE))
    floor.key(SANNE, leg.take_key)
    heard = prompts(floor.whisper(SANNE))
    assert heard == ["caller_gone", "skip_recording", "message_follows", "calling_customer"]


def test_after_a_conversation_the_closing_menu_follows_without_the_message(floor, call):
    floor.wait_key(call, "7")
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, "http://spoken"))
    floor.talk(call)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    assert prompts(floor.whisper(SANNE)) == ["talk_over", *wrap_up("closing_call_back")]


def test_who_has_gone_is_free_for_the_next(floor, call):
    floor.talk(call)
    second = floor.critical(STRANGER)
    floor.pass_on(JORIS)
    floor.hang_up(call)
    floor.drop(SANNE)
    assert floor.incident(second).leg_of("sanne")


# What became of a text


@pytest.mark.parametrize(
    ("results", "last"),
    [
        (["delivered", "sent"], "delivered"),
        (["undelivered", "delivered"], "undelivered"),
        (["failed", "sent"], "failed"),
        (["sent", "delivered", "delivered"], "delivered"),
    ],
)
def test_a_final_word_on_a_text_stays(floor, call, results, last):
    page = next(page for _, page in floor.book.rows.pages.values() if page.channel == "sms")
    for result in results:
        floor.desk.happen(events.PageSent(page.id, PageResult(result), "SM1"))
    assert floor.book.rows.pages[page.id][1].result == last
