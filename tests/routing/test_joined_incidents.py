"""One matter is one incident: a caller whose contract has one open is asked, and put through."""

import dataclasses
import datetime as dt

import pytest

from routing import events
from routing.call import CallOutcome, Entitlement, Preamble, Stage
from routing.contracts import Contact
from routing.incident import EscalationPhase, IncidentState, ReopenReason
from routing.incidents.lifecycle import why_not
from routing.line import Engineer
from routing.message import Via
from routing.page import LegState
from tests.routing.floor import (
    BAKERY,
    JORIS,
    LAST_RESORT,
    NOW,
    PIETER,
    PIN,
    SANNE,
    SANNES_DESK,
    STRANGER,
    Floor,
    hangs_up,
    prompts,
    stepping,
)
from tests.words import words_of

ANNA = "+31612345690"
ANNAS_PIN = "5550128846"


def the_bakerys_two():
    """A floor on which the bakery has two named contacts."""
    floor = Floor()
    anna = Contact("Anna Jansen", (ANNA,), ANNAS_PIN, "en")
    contacts = (*BAKERY.contacts, anna)
    floor.people.contracts["main", BAKERY.number] = dataclasses.replace(BAKERY, contacts=contacts)
    return floor


@pytest.fixture
def floor():
    return the_bakerys_two()


@pytest.fixture
def first(floor):
    return floor.critical()


def again(floor, shown=PIETER):
    """A contact of the bakery calls, and the PIN is right."""
    call = floor.dial(shown)
    floor.pin(call, ANNAS_PIN if shown == ANNA else PIN)
    floor.work()
    return call


def joins(floor, shown=PIETER):
    """And says that it is about the incident."""
    call = again(floor, shown)
    floor.press(call, "1")
    floor.work()
    return call


def taken(floor, call):
    """Sanne takes what is left of a call, and has gone."""
    floor.hang_up(call)
    floor.take(SANNE)
    floor.drop(SANNE)


def rung(floor, answered):
    """What the carrier says of the call to the customer."""
    leg = floor.leg(SANNE)
    floor.desk.happen(events.CustomerRung(leg.id, leg.turn, answered))
    return floor.leg(SANNE)


def numbers(floor, call):
    """The incidents that a caller hears of, with their keys."""
    heard = [dict(say.values) for act in floor.script(call).acts[:1] for say in act.spoken]
    return [(values["key"], values["number"]) for values in heard if "key" in values]


# The question


def test_with_nothing_open_the_urgency_is_asked_at_once(floor):
    call = again(floor)
    assert (floor.call(call).stage, floor.call(call).offers) == (Stage.URGENCY, ())
    assert "asked_about" not in floor.notes()


def test_a_right_pin_is_asked_about_the_open_incident_before_the_urgency(floor, first):
    floor.hang_up(first)
    call = again(floor)
    number = floor.incident(first).number
    assert prompts(floor.script(call)) == ["about_this", "about_new"]
    said = floor.xml(floor.script(call))
    assert words_of("about_this", number=number, level=1, key=1) in said
    assert words_of("about_new") in said
    assert "Jansen" not in said


def test_of_several_the_three_newest_are_named_each_beside_its_key(floor):
    opened = []
    for minutes in range(4):
        floor.now = NOW + dt.timedelta(minutes=minutes)
        opened.append(floor.critical())
        floor.hang_up(opened[-1])
    newest = [floor.incident(call).number for call in reversed(opened)]
    call = again(floor)
    assert numbers(floor, call) == [(1, newest[0]), (4, newest[1]), (5, newest[2])]
    assert prompts(floor.script(call))[0] == "about_several"
    floor.press(call, "4")
    assert floor.call(call).incident == floor.incident(opened[-2]).key


def test_what_was_responded_to_comes_last_and_is_forgotten_after_a_fortnight(floor, first):
    close(floor, first)
    floor.now += dt.timedelta(minutes=1)
    other = floor.critical()
    floor.hang_up(other)
    assert floor.incident(first).state is IncidentState.RESPONDED
    both = [floor.incident(call).number for call in (other, first)]
    assert [number for _, number in numbers(floor, again(floor))] == both
    floor.now += dt.timedelta(days=14)
    assert [number for _, number in numbers(floor, again(floor))] == both[:1]


def test_who_is_not_proven_is_never_asked(floor, first):
    floor.hang_up(first)
    for shown in (PIETER, STRANGER):
        call = floor.dial(shown)
        if floor.call(call).stage is Stage.LANGUAGE:
            floor.press(call, "1")
            floor.contract(call, "0")
        else:
            floor.pin(call, "0")
        assert floor.call(call).stage is Stage.URGENCY
        assert str(floor.incident(first).number) not in floor.xml(floor.script(call))


def test_another_contract_is_not_asked(floor, first):
    floor.hang_up(first)
    call = floor.dial("+31612345682")
    floor.pin(call, PIN)
    assert floor.call(call).stage is Stage.URGENCY


@pytest.mark.parametrize(
    ("keys", "stage", "remark"),
    [
        (["2"], Stage.URGENCY, Preamble.NONE),
        ([None], Stage.ABOUT, Preamble.NOTHING_KEYED),
        ([None, None], Stage.URGENCY, Preamble.NONE),
        (["4"], Stage.ABOUT, Preamble.NO_SUCH_KEY),
        (["8", "*"], Stage.ABOUT, Preamble.REPEAT),
        (["9"], Stage.ABOUT, Preamble.REPEAT),
        (["6", "8", "3"], Stage.URGENCY, Preamble.NONE),
        (["#", None], Stage.ABOUT, Preamble.NOTHING_KEYED),
        ([None, "#"], Stage.ABOUT, Preamble.NONE),
        (["7", None, "2"], Stage.URGENCY, Preamble.NONE),
        (["0"], Stage.URGENCY, Preamble.NONE),
        (["1"], Stage.WAITING, Preamble.NONE),
    ],
)
def test_the_keys_of_the_question(floor, first, keys, stage, remark):
    floor.hang_up(first)
    call = again(floor)
    for key in keys:
        floor.press(call, key)
    assert (floor.call(call).stage, floor.call(call).remark) == (stage, remark)


def test_something_new_is_a_second_incident_of_the_contract(floor, first):
    floor.hang_up(first)
    second = floor.critical()
    assert floor.incident(second).key != floor.incident(first).key
    assert floor.incident(first).calls == (floor.call(first).sid,)


def test_an_expired_contract_hears_so_before_the_question(floor):
    expired = "+31612345680"
    floor.hang_up(floor.critical(expired))
    call = floor.dial(expired)
    floor.pin(call, PIN)
    assert prompts(floor.script(call)) == ["expired", "about_this", "about_new"]


def test_what_is_closed_while_the_question_is_put_is_something_new(floor, first):
    floor.hang_up(first)
    call = again(floor)
    kept = floor.book.rows.incidents
    key = floor.incident(first).key
    kept[key] = dataclasses.replace(kept[key], state=IncidentState.CLOSED)
    floor.press(call, "1")
    assert (floor.call(call).stage, floor.call(call).incident) == (Stage.URGENCY, None)


# Level 1, nobody has it


def test_the_hunt_under_way_serves_whoever_calls_again(floor, first):
    floor.hang_up(first)
    hunt = floor.incident(first).escalation
    call = joins(floor)
    incident = floor.incident(call)
    assert incident.key == floor.incident(first).key
    assert (incident.calls, incident.call) == (
        (floor.call(first).sid, floor.call(call).sid),
        call,
    )
    assert incident.escalation == hunt
    assert (floor.call(call).stage, floor.call(call).urgency) == (Stage.WAITING, 1)
    assert (floor.rings(SANNE), floor.ringing()) == (1, [SANNE])
    floor.talk(call)
    assert floor.call(call).stage is Stage.BRIDGED


def test_the_engineer_hears_that_the_customer_calls_again(floor, first):
    floor.hang_up(first)
    joins(floor)
    floor.answer(SANNE)
    number = floor.incident(first).number
    assert words_of("whisper_called_again", number=number) in floor.xml(floor.whisper(SANNE))


def test_a_hunt_that_rests_begins_at_once(floor):
    floor.apply(escalation=stepping(("primary",), seconds=1))
    first = floor.critical()
    floor.hang_up(first)
    while floor.incident(first).escalation.phase is not EscalationPhase.RESTING:
        floor.advance(1)
    before = floor.rings(SANNE)
    joins(floor)
    assert (floor.ringing(), floor.rings(SANNE)) == ([SANNE], before + 1)
    assert floor.incident(first).escalation.phase is EscalationPhase.STEPS


def test_a_colleague_shares_the_matter_and_is_the_one_to_call_back(floor, first):
    floor.hang_up(first)
    call = joins(floor, ANNA)
    incident = floor.incident(call)
    assert incident.key == floor.incident(first).key
    assert (incident.contact, incident.caller, incident.language) == ("Anna Jansen", ANNA, "en")


def test_who_joins_and_hangs_up_leaves_it_open_and_paged(floor, first):
    floor.hang_up(first)
    call = joins(floor)
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.ABANDONED
    floor.advance(3600)
    assert floor.rings(SANNE) > 3


# Level 1, somebody has it


def test_whoever_has_it_is_rung_first_and_alone(floor, first):
    taken(floor, first)
    call = joins(floor)
    incident = floor.incident(call)
    assert (floor.ringing(), floor.call(call).stage) == ([SANNE], Stage.WAITING)
    assert (incident.state, incident.reopen_reason, incident.previous_engineer) == (
        IncidentState.OPEN,
        ReopenReason.CALLED_AGAIN,
        "sanne",
    )
    floor.talk(call)
    assert floor.incident(call).acknowledged_by == "sanne"


def test_without_a_key_the_escalation_goes_on_beside_after_45_seconds(floor):
    floor.apply(escalation=stepping(("joris",), ("primary",), seconds=60))
    first = floor.critical()
    floor.hang_up(first)
    floor.pass_on(JORIS)
    floor.take(SANNE)
    floor.drop(SANNE)
    joins(floor)
    floor.advance(44)
    assert floor.ringing() == [SANNE]
    floor.advance(2)
    assert floor.ringing() == sorted([SANNE, JORIS])
    assert "beside" in floor.notes()


@pytest.mark.parametrize("moment", [31, 46])
def test_who_is_alone_in_the_first_step_is_not_rung_twice_before_the_others(floor, moment):
    floor.apply(engineers=(Engineer("sanne", "Sanne de Vries", (SANNE,)), floor.line.engineers[1]))
    first = floor.critical()
    taken(floor, first)
    joins(floor)
    before = floor.rings(SANNE)
    floor.advance(31)
    assert floor.drop(SANNE, events.Heard.NO_ANSWER).state is LegState.ENDED
    floor.advance(moment - 31)
    assert (floor.rings(SANNE), floor.ringing()) == (before, [JORIS])


def test_who_hangs_up_while_the_first_is_rung_is_paged_on(floor, first):
    taken(floor, first)
    floor.hang_up(joins(floor))
    floor.advance(70)
    assert floor.rings(JORIS) == 1
    assert floor.incident(first).state is IncidentState.OPEN


def test_whoever_has_it_but_talks_with_another_is_rung_when_free(floor, first):
    taken(floor, first)
    other = floor.critical("+31612345682")
    floor.talk(other)
    joins(floor)
    assert floor.ringing() == []
    floor.hang_up(other)
    floor.drop(SANNE)
    assert floor.ringing() == [SANNE]


def test_whoever_had_it_and_stays_busy_does_not_hold_up_the_others(floor):
    floor.apply(escalation=stepping(("joris",), ("primary",), seconds=60))
    first = floor.critical()
    floor.hang_up(first)
    floor.pass_on(JORIS)
    floor.take(SANNE)
    floor.drop(SANNE)
    other = floor.critical("+31612345682")
    floor.pass_on(JORIS)
    floor.talk(other)
    joins(floor)
    floor.advance(46)
    floor.pass_on(JORIS)
    assert floor.ringing() == []
    floor.advance(75)
    assert floor.ringing() == [LAST_RESORT]


def test_whoever_is_no_engineer_any_more_is_not_waited_for(floor, first):
    taken(floor, first)
    floor.apply(engineers=floor.line.engineers[1:])
    joins(floor)
    assert floor.ringing() == [JORIS]


def test_who_has_it_by_text_is_rung_first_too(floor, first):
    floor.hang_up(first)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(first).key, "joris"))
    floor.drop(SANNE, events.Heard.CANCELED)
    joins(floor)
    assert floor.ringing() == [JORIS]


def close(floor, call):
    """They have talked, and Sanne says that it is dealt with."""
    floor.talk(call)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    floor.key(SANNE, "1")
    floor.drop(SANNE)


def test_a_matter_that_was_responded_to_is_open_again_by_the_customers_word(floor, first):
    close(floor, first)
    call = joins(floor)
    assert (floor.incident(call).state, floor.ringing()) == (IncidentState.OPEN, [SANNE])
    assert floor.notes().count("reopened") == 1


# Level 1, and whoever has it is on the line


def offered(floor, first):
    """Sanne hears that the caller has gone, and is offered to call back."""
    floor.take(SANNE)
    floor.hang_up(first)
    floor.part(SANNE, bridged=False)


def test_an_engineer_who_is_offered_to_call_back_meets_the_customer_who_is_back(floor, first):
    offered(floor, first)
    call = joins(floor)
    leg = floor.leg(SANNE)
    assert (leg.state, floor.rings(SANNE)) == (LegState.CONNECTING, 1)
    assert prompts(floor.whisper(SANNE)) == ["customer_is_back"]
    assert floor.call(call).queue in floor.xml(floor.whisper(SANNE))
    floor.meet(SANNE)
    assert floor.call(call).stage is Stage.BRIDGED
    floor.hang_up(call)
    assert floor.part(SANNE, bridged=True).state is LegState.CLOSING
    assert floor.call(call).answered_by == "sanne"


def test_a_key_for_the_older_offer_calls_nobody(floor, first):
    offered(floor, first)
    turn = floor.leg(SANNE).turn
    joins(floor)
    assert floor.key(SANNE, "8", turn).state is LegState.CONNECTING


def test_at_the_closing_menu_they_meet_as_well(floor, first):
    floor.talk(first)
    floor.hang_up(first)
    floor.part(SANNE, bridged=True)
    call = joins(floor)
    assert floor.leg(SANNE).state is LegState.CONNECTING
    floor.meet(SANNE)
    assert floor.call(call).stage is Stage.BRIDGED


def test_the_word_of_an_older_talk_is_not_taken_for_the_new_one(floor, first):
    floor.talk(first)
    turn = floor.leg(SANNE).turn
    floor.hang_up(first)
    call = joins(floor)
    floor.desk.happen(events.LegParted(floor.leg(SANNE).id, turn, True))
    assert floor.leg(SANNE).state is LegState.CONNECTING
    assert not floor.call(call).bridged


def test_a_customer_who_is_back_and_gone_before_they_meet_was_not_answered(floor, first):
    close_at_menu = floor.talk(first)
    assert close_at_menu.state is LegState.TALKING
    floor.hang_up(first)
    floor.part(SANNE, bridged=True)
    call = joins(floor)
    floor.hang_up(call)
    assert floor.part(SANNE, bridged=False).state is LegState.OFFERED
    assert floor.call(call).outcome is CallOutcome.ABANDONED
    assert floor.call(first).outcome is CallOutcome.CONNECTED


@pytest.mark.parametrize("answered", [True, False])
def test_a_call_to_the_customer_is_left_to_its_end_and_then_they_meet(floor, first, answered):
    offered(floor, first)
    floor.key(SANNE, "8")
    call = joins(floor)
    assert floor.leg(SANNE).state is LegState.CALLING
    assert prompts(floor.room(call)) == ["engineer_calls"]
    assert rung(floor, answered).state is LegState.CONNECTING
    assert prompts(floor.room(call)) == ["taken_for_you"]
    floor.meet(SANNE)
    assert floor.call(call).stage is Stage.BRIDGED


@pytest.mark.parametrize("answered", [None, True])
def test_nobody_responds_to_it_while_the_customer_waits_for_the_engineer(floor, first, answered):
    offered(floor, first)
    floor.key(SANNE, "8")
    call = joins(floor)
    if answered is not None:
        rung(floor, answered)
    said = events.Responded(floor.incident(call).key, "sanne", Via.TEXT)
    incident = floor.desk.happen(said).incident
    assert incident.state is IncidentState.ACKNOWLEDGED
    assert why_not(incident, floor.call(call), events.Responded) == "caller_waits"
    assert floor.call(call).stage is Stage.WAITING


def test_a_customer_who_is_back_is_not_held_for_an_engineer_who_has_gone(floor, first):
    """The carrier's word of the engineer's hanging up was lost: it is asked at once."""
    floor.talk(first)
    floor.hang_up(first)
    leg = floor.leg(SANNE)
    floor.exchange.heards[leg.sid or ""] = events.Heard.COMPLETED
    call = joins(floor)
    assert floor.leg(SANNE).id != leg.id
    assert (floor.ringing(), floor.call(call).answered_by) == ([SANNE], None)
    assert "taken_for_you" not in prompts(floor.room(call))


def test_nor_for_one_who_was_calling_the_customer(floor, first):
    offered(floor, first)
    floor.key(SANNE, "8")
    leg = floor.leg(SANNE)
    floor.exchange.heards[leg.sid or ""] = events.Heard.COMPLETED
    joins(floor)
    assert floor.ringing() == [SANNE]


@pytest.mark.parametrize("times", [1, 2])
def test_a_call_that_was_given_up_before_they_met_was_not_answered(floor, first, times):
    """Its caller redials before the line hears that nobody was joined."""
    floor.take(SANNE)
    given_up = [first]
    for _ in range(times):
        floor.hang_up(given_up[-1])
        given_up.append(joins(floor))
    floor.meet(SANNE)
    assert {floor.call(call).outcome for call in given_up[:-1]} == {CallOutcome.ABANDONED}
    assert {floor.call(call).answered_by for call in given_up[:-1]} == {None}
    floor.hang_up(given_up[-1])
    assert floor.call(given_up[-1]).outcome is CallOutcome.CONNECTED


def test_a_talk_is_still_counted_when_its_caller_redials(floor, first):
    floor.talk(first)
    floor.hang_up(first)
    joins(floor)
    assert (floor.call(first).outcome, floor.call(first).answered_by) == (
        CallOutcome.CONNECTED,
        "sanne",
    )


def test_an_engineer_who_goes_while_the_customer_waits_is_rung_again(floor, first):
    offered(floor, first)
    floor.key(SANNE, "8")
    joins(floor)
    floor.drop(SANNE)
    assert floor.ringing() == [SANNE]
    assert floor.rings(SANNES_DESK) == 0


# Two contacts at once


@pytest.mark.parametrize(
    ("talks", "remark"), [(False, "colleague_waits"), (True, "colleague_talks")]
)
def test_a_colleague_on_the_line_is_told_of_and_loses_nothing(floor, first, talks, remark):
    if talks:
        floor.talk(first)
    before = floor.incident(first)
    anna = joins(floor, ANNA)
    assert floor.call(anna).stage is Stage.ENGAGED
    assert prompts(floor.script(anna)) == [remark, "engaged_menu"]
    assert floor.incident(first) == before
    assert floor.call(anna).incident is None


@pytest.mark.parametrize("keys", [["7"], [None, None], ["8", "7"], ["0"]])
def test_a_message_beside_is_kept_with_the_incident(floor, first, keys):
    anna = joins(floor, ANNA)
    for key in keys:
        floor.press(anna, key)
    assert floor.call(anna).stage is Stage.MESSAGE
    floor.desk.happen(events.MessageLeft(anna, floor.call(anna).turn, "http://spoken"))
    assert prompts(floor.script(anna)) == ["message_farewell"]
    floor.hang_up(anna)
    incident = floor.incident(first)
    assert floor.call(anna).outcome is CallOutcome.MESSAGE
    assert floor.book.rows.recordings[incident.message].url == "http://spoken"
    assert incident.call == first
    assert incident.calls == (floor.call(first).sid, floor.call(anna).sid)
    assert (floor.call(first).stage, floor.ringing()) == (Stage.WAITING, [SANNE])


def test_who_says_nothing_beside_hears_that_the_call_was_noted(floor, first):
    anna = joins(floor, ANNA)
    floor.press(anna, "7")
    assert prompts(floor.script(anna)) == ["ask_message_later"]
    floor.desk.happen(events.MessageLeft(anna, floor.call(anna).turn, None))
    assert prompts(floor.script(anna)) == ["called_again", "goodbye"]


def test_who_leaves_a_message_beside_ends_no_hunt_for_the_one_who_waits(floor, first):
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(first).key, "joris"))
    anna = joins(floor, ANNA)
    floor.press(anna, "7")
    floor.hang_up(anna)
    assert floor.incident(first).escalation.phase is EscalationPhase.STEPS
    assert floor.ringing() != []


def test_something_new_beside_is_an_incident_of_its_own(floor, first):
    anna = joins(floor, ANNA)
    for key in ("2", "1", "1"):
        floor.press(anna, key)
    assert floor.incident(anna).key != floor.incident(first).key
    assert floor.incident(first).calls == (floor.call(first).sid,)


def test_who_hangs_up_beside_is_kept_with_the_incident_and_whoever_has_it_is_told(floor, first):
    floor.talk(first)
    anna = joins(floor, ANNA)
    floor.hang_up(anna)
    floor.hang_up(anna)
    call = floor.call(anna)
    assert (call.outcome, call.incident) == (CallOutcome.ABANDONED, floor.incident(first).key)
    assert floor.incident(first).calls == (floor.call(first).sid, call.sid)
    (letter,) = floor.book.rows.messages.values()
    assert (letter.reader, letter.words) == ("sanne", "called_again")
    assert floor.call(first).stage is Stage.BRIDGED


def test_a_caller_who_was_cut_off_is_not_taken_for_a_colleague(floor, first):
    """The word of the first call's end was lost: it is asked for while the question is put."""
    floor.exchange.heards[floor.call(first).sid] = events.Heard.COMPLETED
    call = joins(floor)
    assert floor.call(first).stage is Stage.ENDED
    assert floor.call(call).stage is Stage.WAITING


def test_whose_colleague_goes_meanwhile_takes_the_place(floor, first):
    anna = joins(floor, ANNA)
    floor.hang_up(first)
    floor.press(anna, "7")
    assert floor.call(anna).stage is Stage.WAITING
    assert floor.incident(first).call == anna


# Levels 2 to 4


def high(floor, level="2"):
    """A matter of level 2 that was registered."""
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, level)
    floor.hang_up(call)
    return call


@pytest.mark.parametrize("level", ["2", "3", "4"])
def test_lower_levels_are_written_down_and_the_number_is_said(floor, level):
    first = high(floor, level)
    call = joins(floor)
    assert prompts(floor.script(call)) == ["called_again", "registered_farewell"]
    assert hangs_up(floor.script(call))
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.REGISTERED
    assert floor.call(call).urgency == int(level)
    assert floor.incident(first).calls == (floor.call(first).sid, floor.call(call).sid)
    assert "called_again" in floor.notes()
    assert floor.legs() == []


@pytest.mark.parametrize("state", [IncidentState.ACKNOWLEDGED, IncidentState.RESPONDED])
def test_whoever_has_a_lower_level_is_told_and_what_was_responded_to_is_open_again(floor, state):
    first = high(floor)
    kept, key = floor.book.rows.incidents, floor.incident(first).key
    kept[key] = dataclasses.replace(kept[key], state=state, acknowledged_by="joris")
    joins(floor)
    (letter,) = floor.book.rows.messages.values()
    assert (letter.reader, letter.to, letter.words) == ("joris", JORIS, "called_again")
    reopened = state is IncidentState.RESPONDED
    assert floor.incident(first).state is (
        IncidentState.OPEN if reopened else IncidentState.ACKNOWLEDGED
    )
    assert ("reopened" in floor.notes()) is reopened


# Who may not be rung for


def test_what_was_not_rung_for_is_not_rung_for_the_second_time(floor):
    floor.apply(unverified_level_1="message")
    expired = "+31612345680"
    floor.hang_up(floor.critical(expired))
    call = floor.dial(expired)
    floor.pin(call, PIN)
    floor.press(call, "1")
    floor.work()
    assert (floor.call(call).stage, floor.legs()) == (Stage.MESSAGE, [])
    assert floor.call(call).entitlement is Entitlement.EXPIRED
