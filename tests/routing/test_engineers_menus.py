"""The closing menu, an engineer who calls the line, and the time to reach the customer."""

import datetime as dt

import pytest

from routing import events
from routing.call import CallOutcome, Stage
from routing.incident import EscalationPhase, IncidentState, ReopenReason
from routing.line import Channel, Paging
from routing.page import LegState, WrapUpChoice
from tests.routing.floor import JORIS, PIETER, SANNE, SANNES_DESK, hangs_up, prompts, wrap_up
from tests.words import words_of

IN_TIME = 15 * 60


@pytest.fixture
def call(floor):
    return floor.critical()


def close(floor, call):
    """They have talked, and the engineer has pressed the star key."""
    floor.talk(call)
    floor.left(call)
    return floor.part(SANNE, bridged=True)


def rung(floor, answered):
    """What the carrier says of the call to the customer."""
    leg = floor.leg(SANNE)
    floor.desk.happen(events.CustomerRung(leg.id, leg.turn, answered))
    return floor.leg(SANNE)


# The closing menu


def test_the_star_key_ends_a_talk_and_the_call_to_the_customer_but_no_callers_rescue(floor, call):
    floor.take(SANNE)
    assert 'hangupOnStar="true"' in floor.xml(floor.whisper(SANNE))
    floor.hang_up(call)
    floor.part(SANNE, bridged=False)
    floor.key(SANNE, "8")
    assert 'hangupOnStar="true"' in floor.xml(floor.whisper(SANNE))
    other = floor.critical("anonymous")
    floor.left(other, events.Left.BROKEN)
    assert floor.call(other).stage is Stage.RESCUE
    assert "hangupOnStar" not in floor.xml(floor.script(other))


def test_after_a_talk_the_keys_are_named_as_figures(floor, call):
    assert close(floor, call).state is LegState.CLOSING
    assert prompts(floor.whisper(SANNE)) == ["talk_over", *wrap_up("closing_call_or_talk")]
    floor.hang_up(call)
    assert prompts(floor.whisper(SANNE)) == ["talk_over", *wrap_up("closing_call_back")]
    said = floor.xml(floor.whisper(SANNE))
    for words in (
        "Klant heeft antwoord: toets 1.",
        "Doorgeven: toets 2.",
        "Notitie: toets 7.",
        "Terugbellen: toets 8.",
    ):
        assert words in said


def test_one_says_that_it_is_responded_and_a_caller_who_hangs_up_is_done(floor, call):
    close(floor, call)
    leg = floor.key(SANNE, "1")
    assert (leg.state, leg.said) == (LegState.ENDED, WrapUpChoice.RESPONDED)
    assert prompts(floor.whisper(SANNE)) == ["responded"]
    assert hangs_up(floor.whisper(SANNE))
    assert floor.incident(call).state is IncidentState.RESPONDED
    assert floor.call(call).stage is Stage.RETURNING
    floor.hang_up(call)
    floor.advance(2 * IN_TIME)
    assert (floor.rings(SANNE), floor.call(call).outcome) == (1, CallOutcome.CONNECTED)


def test_a_caller_who_stays_on_although_it_is_responded_is_sought_for_again(floor, call):
    close(floor, call)
    floor.key(SANNE, "1")
    floor.stay(call)
    assert (floor.incident(call).state, floor.ringing()) == (IncidentState.OPEN, [SANNE])


def test_a_caller_who_stays_on_first_is_asked_again_once_it_is_responded(floor, call):
    close(floor, call)
    floor.stay(call)
    assert prompts(floor.script(call)) == ["engineer_decides"]
    assert floor.ringing() == []
    floor.key(SANNE, "1")
    assert floor.call(call).stage is Stage.RETURNING


def test_two_goes_back_to_a_caller_who_is_still_there(floor, call):
    close(floor, call)
    assert floor.key(SANNE, "8").state is LegState.CONNECTING
    assert floor.call(call).stage is Stage.WAITING
    assert floor.meet(SANNE).state is LegState.TALKING
    floor.hang_up(call)
    assert floor.part(SANNE, bridged=True).state is LegState.CLOSING
    assert floor.call(call).answered_by == "sanne"


def test_a_caller_who_goes_before_being_joined_again_still_counts_as_answered(floor, call):
    close(floor, call)
    floor.key(SANNE, "8")
    floor.hang_up(call)
    assert floor.part(SANNE, bridged=False).state is LegState.CLOSING
    assert (floor.call(call).outcome, floor.call(call).answered_by) == (
        CallOutcome.CONNECTED,
        "sanne",
    )


@pytest.mark.parametrize(
    ("answered", "became"), [(True, "talk_over"), (False, "customer_unanswered")]
)
def test_two_calls_a_customer_who_has_gone_and_says_what_became_of_it(
    floor, call, answered, became
):
    close(floor, call)
    floor.hang_up(call)
    assert floor.key(SANNE, "8").state is LegState.CALLING
    assert rung(floor, answered).state is LegState.CLOSING
    assert prompts(floor.whisper(SANNE)) == [became, *wrap_up("closing_call_back")]


def test_without_a_number_two_is_not_offered(floor):
    call = floor.critical("anonymous")
    close(floor, call)
    floor.hang_up(call)
    assert prompts(floor.whisper(SANNE)) == ["talk_over", *wrap_up(premium=False)]
    assert floor.key(SANNE, "8").state is LegState.CLOSING


def test_three_hands_over_and_the_caller_waits_for_the_others(floor, call):
    close(floor, call)
    floor.key(SANNE, "2")
    incident = floor.incident(call)
    assert (incident.state, incident.acknowledged_by) == (IncidentState.OPEN, None)
    assert (incident.reopen_reason, incident.previous_engineer) == (
        ReopenReason.HANDED_OVER,
        "sanne",
    )
    assert (floor.ringing(), floor.call(call).stage) == ([JORIS], Stage.WAITING)
    assert prompts(floor.whisper(SANNE)) == ["handed_over"]
    floor.answer(JORIS)
    assert "whisper_handed_over" in prompts(floor.whisper(JORIS))


def test_who_handed_over_is_rung_again_in_the_pass_after(floor, call):
    close(floor, call)
    floor.key(SANNE, "2")
    floor.drop(SANNE)
    floor.pass_on(JORIS)
    floor.advance(11)
    assert floor.ringing() == [SANNE]


def test_handing_over_before_the_word_of_the_callers_leaving_keeps_the_caller_waiting(floor, call):
    floor.talk(call)
    floor.part(SANNE, bridged=True)
    floor.key(SANNE, "2")
    floor.left(call)
    assert floor.call(call).stage is Stage.WAITING


def test_silence_twice_says_goodbye_and_changes_nothing(floor, call):
    close(floor, call)
    floor.hang_up(call)
    before = floor.incident(call).state
    for _ in range(2):
        floor.key(SANNE, None)
    assert prompts(floor.whisper(SANNE)) == ["goodbye"]
    floor.drop(SANNE)
    floor.advance(2 * IN_TIME)
    assert (floor.incident(call).state, floor.rings(SANNE)) == (before, 1)


def test_a_caller_who_waits_while_the_engineer_hangs_up_is_sought_for_again(floor, call):
    close(floor, call)
    floor.stay(call)
    floor.drop(SANNE)
    assert floor.ringing() == [SANNE]


# A call from an engineer's own number


def test_what_waits_is_offered_without_a_name(floor, call):
    own = floor.dial(SANNE)
    said = floor.xml(floor.script(own))
    number = floor.incident(call).number
    assert words_of("offer_open", number=number, level=1, key=1) in said
    assert "Bakkerij" not in said
    assert "Pieter" not in said


def test_who_was_not_sought_yet_is_offered_nothing(floor, call):
    own = floor.dial(JORIS)
    assert prompts(floor.script(own))[:2] == ["welcome", "nothing_waits"]
    assert floor.call(own).stage is Stage.LANGUAGE


def test_a_key_rings_the_phone_that_called_once_that_call_is_over(floor, call):
    floor.drop(SANNE, events.Heard.NO_ANSWER)
    floor.drop(SANNES_DESK, events.Heard.NO_ANSWER)
    own = floor.dial(SANNES_DESK)
    floor.press(own, "1")
    floor.work()
    assert prompts(floor.script(own)) == ["rings_you_back"]
    assert floor.ringing() == [JORIS]
    floor.hang_up(own)
    assert floor.ringing() == sorted([SANNES_DESK, JORIS])
    assert floor.call(own).outcome is CallOutcome.CALLBACK
    floor.talk(call, SANNES_DESK)
    assert floor.call(call).answered_by == "sanne"


def test_what_somebody_else_has_taken_meanwhile_is_not_rung_back(floor, call):
    floor.pass_on(SANNE)
    own = floor.dial(SANNE)
    floor.press(own, "1")
    floor.take(JORIS)
    floor.hang_up(own)
    assert floor.rings(SANNE) == 1


@pytest.mark.parametrize("keys", [["0"], [None, None], ["9", "0"]])
def test_zero_or_silence_leads_to_the_customers_menu(floor, call, keys):
    own = floor.dial(SANNE)
    for key in keys:
        assert floor.call(own).stage is Stage.ENGINEER
        floor.press(own, key)
    assert floor.call(own).stage is Stage.LANGUAGE


def test_another_key_is_asked_again(floor, call):
    own = floor.dial(SANNE)
    floor.press(own, "7")
    assert prompts(floor.script(own)) == ["no_such_key", "offer_open", "customers_menu"]


def test_an_incident_of_ones_own_is_offered_until_it_is_responded(floor, call):
    close(floor, call)
    floor.hang_up(call)
    assert prompts(floor.script(floor.dial(SANNE)))[1:] == ["offer_own", "customers_menu"]
    floor.key(SANNE, "1")
    assert "nothing_waits" in prompts(floor.script(floor.dial(SANNE)))


def test_calls_that_show_an_engineers_number_ring_them_three_times_an_hour(floor, call):
    floor.hang_up(call)
    floor.take(SANNE)
    floor.drop(SANNE)
    before = floor.rings(SANNE)
    for _ in range(6):
        own = floor.dial(SANNE)
        if floor.call(own).stage is Stage.ENGINEER:
            floor.press(own, "1")
        floor.hang_up(own)
        floor.answer(SANNE)
        floor.drop(SANNE)
        floor.advance(60)
    assert floor.rings(SANNE) - before == 3
    assert prompts(floor.script(floor.dial(SANNE)))[:2] == ["welcome", "rung_enough"]


# The time to reach the customer


def taken(floor, call):
    """Sanne takes what is left of a call and hangs up."""
    floor.hang_up(call)
    floor.take(SANNE)
    floor.drop(SANNE)


def test_who_does_not_reach_the_customer_in_time_loses_the_incident(floor, call):
    taken(floor, call)
    floor.advance(IN_TIME - 1)
    assert floor.incident(call).state is IncidentState.ACKNOWLEDGED
    floor.advance(2)
    incident = floor.incident(call)
    assert (incident.state, incident.reopen_reason, incident.previous_engineer) == (
        IncidentState.OPEN,
        ReopenReason.OVERDUE,
        "sanne",
    )
    assert floor.ringing() == [SANNE]
    assert "reopened" in floor.notes()
    floor.answer(SANNE)
    assert "whisper_overdue" in prompts(floor.whisper(SANNE))


def test_the_time_is_the_files(floor):
    floor.apply(paging=Paging((Channel.SMS,), reach_within=dt.timedelta(minutes=2)))
    call = floor.critical()
    taken(floor, call)
    floor.advance(121)
    assert floor.ringing() == [SANNE]


def test_who_is_on_the_line_with_the_customer_is_left_in_peace(floor, call):
    floor.hang_up(call)
    floor.take(SANNE)
    floor.key(SANNE, "1")
    floor.exchange.heards[floor.leg(SANNE).sid] = events.Heard.ANSWERED
    floor.advance(IN_TIME + 30)
    assert floor.leg(SANNE).state is LegState.CALLING
    assert floor.incident(call).state is IncidentState.ACKNOWLEDGED
    rung(floor, answered=True)
    floor.drop(SANNE)
    floor.advance(61)
    assert floor.incident(call).state is IncidentState.OPEN


def test_a_mailbox_that_answered_the_call_back_is_not_the_customer(floor, call):
    floor.hang_up(call)
    floor.take(SANNE)
    floor.key(SANNE, "1")
    rung(floor, answered=True)
    floor.drop(SANNE)
    floor.advance(IN_TIME + 1)
    assert floor.incident(call).state is IncidentState.OPEN


def test_who_said_responded_or_talked_with_the_waiting_caller_keeps_it(floor, call):
    floor.talk(call)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    floor.drop(SANNE)
    floor.advance(2 * IN_TIME)
    assert floor.incident(call).escalation.phase is EscalationPhase.OVER
    assert floor.rings(SANNE) == 1
    assert floor.incident(call).caller == PIETER
