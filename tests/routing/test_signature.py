"""Requests about virus recognition: three questions, a row of their own, level 1 if it must be."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.call import (
    CallOutcome,
    DatabaseAge,
    Preamble,
    RecognitionFault,
    RequestProgress,
    SignatureRequest,
    Stage,
)
from routing.incident import EscalationPhase, IncidentKind
from routing.line import Channel, Condition, Engineer, Route, SignatureDesk, Step
from routing.message import CONTACT
from tests.routing.floor import (
    BAKERY,
    ENGINEERS,
    EXPIRED,
    JORIS,
    LAST_RESORT,
    PIETER,
    PIN,
    SANNE,
    SANNES_DESK,
    STANDARD,
    STRANGER,
    Floor,
    prompts,
    stepping,
)

LOTTE = "+31612345603"
FAX = "+31201112233"
ADDRESS = "samples@example.org"
LAB = SignatureDesk(("lotte",), dt.timedelta(seconds=20), ADDRESS)
EVENING = dt.timedelta(hours=9)
BOB = STANDARD.contacts[0].phones[0]
WILLEM = EXPIRED.contacts[0].phones[0]


@pytest.fixture
def floor():
    return own_floor()


def own_floor(**changes):
    """A line with a desk, and a specialist beside it."""
    people = (*ENGINEERS, Engineer("lotte", "Lotte Bos", (LOTTE,)))
    desk = Step(("joris",), dt.timedelta(seconds=20))
    return Floor(**({"engineers": people, "desk": desk, "signature_desk": LAB} | changes))


def asks_about_viruses(floor, shown=PIETER):
    """Somebody calls, says who they are if we know the number, and presses 5."""
    call = floor.dial(shown)
    if floor.call(call).stage is Stage.LANGUAGE:
        floor.press(call, "1")
        floor.contract(call, "0")
    else:
        floor.pin(call, PIN)
    if floor.call(call).stage is Stage.ABOUT:
        floor.press(call, "2")  # something new
    floor.press(call, "5")
    return call


def requests(floor, shown=PIETER, keys=("1", "1", "2")):
    """A request is made and answered with these keys."""
    call = asks_about_viruses(floor, shown)
    for key in keys:
        floor.press(call, key)
    floor.work()
    return call


def says(floor, call, recording="http://carrier.test/RE1"):
    """The message is spoken, or not (None)."""
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, recording))
    floor.work()


def waits(floor, shown=PIETER):
    """A request is made, a message spoken, and its caller waits in the row."""
    call = requests(floor, shown)
    says(floor, call, f"http://carrier.test/RE{call}")
    return call


def letters(floor):
    return [letter for letter in floor.book.rows.messages.values() if letter.reader == CONTACT]


# The menu


def test_five_is_spoken_only_where_the_file_names_specialists(floor):
    call = floor.dial()
    floor.pin(call, PIN)
    assert prompts(floor.script(call)) == ["urgency_menu", "urgency_request"]
    floor.apply(signature_desk=None)
    assert prompts(floor.script(call)) == ["urgency_menu"]
    floor.press(call, "5")
    assert floor.call(call).remark is Preamble.NO_SUCH_KEY


def test_three_questions_are_asked_one_after_the_other(floor):
    call = asks_about_viruses(floor)
    asked = []
    for key in ("1", "1", "2"):
        asked += prompts(floor.script(call))
        floor.press(call, key)
    assert asked == ["ask_verdict", "ask_databases", "ask_stopped"]
    assert floor.call(call).stage is Stage.MESSAGE


@pytest.mark.parametrize(
    ("keys", "verdict", "databases"),
    [
        (("1", "1"), RecognitionFault.FALSE_POSITIVE, DatabaseAge.NEWEST),
        (("2", "2"), RecognitionFault.FALSE_NEGATIVE, DatabaseAge.OLD),
        ((None, None, None, None), RecognitionFault.UNKNOWN, DatabaseAge.UNKNOWN),
        (("7", None, "6", "8", "3", "7"), RecognitionFault.UNKNOWN, DatabaseAge.UNKNOWN),
        (("7", "2", None, "1"), RecognitionFault.FALSE_NEGATIVE, DatabaseAge.NEWEST),
    ],
)
def test_what_was_answered_stands_in_the_incident(floor, keys, verdict, databases):
    incident = floor.incident(requests(floor, keys=(*keys, "2")))
    assert (incident.kind, incident.urgency) == (IncidentKind.SIGNATURE_REQUEST, 3)
    assert incident.request == SignatureRequest(
        verdict, databases, RequestProgress.RECEIVED, Channel.SMS
    )
    assert any(str(verdict) in note.reason for _, _, note in floor.book.rows.journal)


def test_a_wrong_key_and_silence_are_each_told_of_once(floor):
    call = asks_about_viruses(floor)
    floor.press(call, "7")
    assert prompts(floor.script(call)) == ["no_such_key", "ask_verdict"]
    floor.press(call, None)
    assert prompts(floor.script(call)) == ["nothing_keyed", "ask_verdict"]
    floor.press(call, None)
    assert floor.call(call).stage is Stage.DATABASES
    floor.press(call, None)
    assert prompts(floor.script(call)) == ["nothing_keyed", "ask_databases"]


def test_old_databases_are_asked_to_be_updated_and_the_request_stands(floor):
    call = requests(floor, keys=("1", "2"))
    assert prompts(floor.script(call)) == ["old_databases", "ask_stopped"]
    floor.press(call, "2")
    assert floor.incident(call).request.databases is DatabaseAge.OLD


def test_who_presses_nothing_at_the_last_question_wakes_nobody(floor):
    floor.now += EVENING
    call = requests(floor, keys=("1", "1", None, None))
    assert (floor.incident(call).urgency, floor.ringing()) == (3, [])


@pytest.mark.parametrize("keys", [(), ("1",), ("1", "2")])
def test_hanging_up_at_a_question_leaves_a_request_that_the_specialists_are_told_of(floor, keys):
    call = requests(floor, keys=keys)
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.ABANDONED
    incident = floor.incident(call)
    assert (incident.kind, incident.urgency) == (IncidentKind.SIGNATURE_REQUEST, 3)
    assert LOTTE in floor.exchange.texts


def test_hanging_up_at_the_confirmation_of_level_1_rings_the_specialists_too(floor):
    call = requests(floor, keys=("1", "1", "1"))
    floor.hang_up(call)
    assert floor.incident(call).kind is IncidentKind.SIGNATURE_REQUEST
    assert floor.ringing() == [SANNE, LOTTE]


# In office hours


def test_a_message_is_asked_for_first_then_the_specialist_is_rung(floor):
    call = requests(floor)
    assert floor.ringing() == []
    assert prompts(floor.script(call)) == [
        "request_registered",
        "samples_by_text",
        "ask_message_request",
    ]
    says(floor, call)
    assert prompts(floor.script(call)) == ["request_waits"]
    assert floor.ringing() == [LOTTE]
    floor.talk(call, LOTTE)
    assert floor.call(call).answered_by == "lotte"
    assert floor.incident(call).message is not None


def test_silence_in_place_of_a_message_goes_on_to_the_row(floor):
    call = requests(floor)
    says(floor, call, None)
    assert floor.call(call).stage is Stage.WAITING
    assert floor.ringing() == [LOTTE]


def test_specialists_serve_requests_and_the_desk_serves_the_rest(floor):
    desk = floor.dial(BOB)
    floor.pin(desk, PIN)
    floor.press(desk, "2")
    floor.work()
    assert floor.ringing() == [JORIS]
    waits(floor)
    assert floor.ringing() == [JORIS, LOTTE]


def test_each_row_counts_its_own_places(floor):
    for phone in (PIETER, BOB):
        call = floor.dial(phone)
        floor.pin(call, PIN)
        floor.press(call, "2")
        floor.work()
    request = waits(floor)
    floor.drop(LOTTE, events.Heard.BUSY)
    assert "row_first" in prompts(floor.room(request))


def test_while_it_rings_a_specialist_is_spoken_of(floor):
    assert prompts(floor.room(waits(floor)))[0] == "row_rings_specialist"


def test_a_specialist_who_did_not_pick_up_is_rung_again(floor):
    waits(floor)
    floor.drop(LOTTE, events.Heard.NO_ANSWER)
    floor.advance(30)
    assert floor.rings(LOTTE) == 1
    floor.advance(90)
    assert floor.rings(LOTTE) == 2


def test_msa_plus_comes_before_standard_and_the_place_counts_from_the_request(floor):
    busy = waits(floor)
    floor.talk(busy, LOTTE)
    stranger = waits(floor, STRANGER)
    bob = waits(floor, BOB)
    first = requests(floor)
    floor.advance(5)
    second = waits(floor)
    says(floor, first, "http://carrier.test/REfirst")
    row = floor.book.desk_queue.find_waiting("main", IncidentKind.SIGNATURE_REQUEST)
    assert row == [floor.incident(c).key for c in (first, second, bob, stranger)]
    assert floor.book.desk_queue.find_waiting("main") == []


def test_hanging_up_before_the_message_leaves_a_request_that_the_specialists_are_told_of(floor):
    call = requests(floor)
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.REGISTERED
    assert floor.incident(call).escalation.phase is EscalationPhase.LATER
    assert floor.exchange.texts == [PIETER, LOTTE]


def test_a_colleague_who_leaves_a_message_meanwhile_takes_nobodys_place(floor):
    first = requests(floor)
    second = floor.dial()
    floor.pin(second, PIN)
    for key in ("1", "7"):
        floor.press(second, key)
    assert floor.call(second).stage is Stage.MESSAGE
    assert prompts(floor.script(second)) == ["ask_message_later"]
    says(floor, second, "http://carrier.test/REsecond")
    assert floor.call(second).stage is Stage.FAREWELL
    assert (floor.call(first).stage, floor.ringing()) == (Stage.MESSAGE, [])
    floor.hang_up(second)
    says(floor, first)
    assert floor.ringing() == [LOTTE]


def test_a_message_that_comes_after_the_end_is_kept(floor):
    call = requests(floor)
    turn = floor.call(call).turn
    floor.hang_up(call)
    floor.desk.happen(events.MessageLeft(call, turn, "http://carrier.test/RE1"))
    assert floor.incident(call).message is not None


def test_the_lab_that_closes_during_the_message_is_told_when_it_opens(floor):
    call = requests(floor)
    floor.now += EVENING
    says(floor, call)
    assert prompts(floor.script(call)) == ["message_farewell"]
    assert floor.incident(call).escalation.phase is EscalationPhase.LATER


def test_nothing_said_while_the_lab_closes_gets_the_honest_word(floor):
    call = requests(floor)
    floor.now += EVENING
    says(floor, call, None)
    assert floor.call(call).stage is Stage.LATER


def test_it_can_become_level_1_in_the_row(floor):
    call = waits(floor)
    floor.wait_key(call, "3")
    floor.press(call, "1")
    floor.work()
    assert floor.incident(call).urgency == 1
    assert floor.ringing() == [SANNE, LOTTE]


# Outside office hours


def test_outside_office_hours_it_is_said_when_it_is_handled_and_a_message_is_asked_for(floor):
    floor.now += EVENING
    call = requests(floor)
    said = prompts(floor.script(call))
    assert said == ["later_at_request", "samples_by_text", "later_keys"]
    floor.press(call, None)
    assert prompts(floor.script(call)) == ["ask_message_request"]
    says(floor, call)
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.MESSAGE
    floor.advance(16 * 3600)
    assert LOTTE in floor.exchange.texts
    assert JORIS not in floor.exchange.texts


def test_with_no_specialist_there_it_is_handled_as_soon_as_there_is_one(floor):
    floor.apply(signature_desk=replace(LAB, ring=("empty",)))
    call = requests(floor)
    assert prompts(floor.script(call))[0] == "later_soon_request"


# Level 1


def test_business_that_is_stopped_is_level_1_with_the_specialists_beside(floor):
    floor.now += EVENING
    call = requests(floor, keys=("1", "1", "1"))
    assert prompts(floor.script(call)) == ["confirm_level_1"]
    floor.press(call, "1")
    floor.work()
    incident = floor.incident(call)
    assert (incident.kind, incident.urgency) == (IncidentKind.SIGNATURE_REQUEST, 1)
    assert floor.ringing() == [SANNE, LOTTE]
    assert [leg.to for leg in floor.legs()] == [SANNE, LOTTE]


def test_the_specialists_hold_up_no_step():
    floor = own_floor(signature_desk=replace(LAB, ring_for=dt.timedelta(minutes=5)))
    requests(floor, keys=("1", "1", "1", "1"))
    floor.drop(SANNE, events.Heard.NO_ANSWER)
    floor.drop(SANNES_DESK, events.Heard.NO_ANSWER)
    assert floor.ringing() == [JORIS, LOTTE]
    floor.drop(JORIS, events.Heard.NO_ANSWER)
    floor.advance(15)
    assert LOTTE in floor.ringing()
    assert floor.rings(SANNE) == 2


def test_the_specialists_are_rung_as_long_as_their_own_desk_says(floor):
    requests(floor, keys=("1", "1", "1", "1"))
    floor.advance(21)
    assert floor.ringing() == [SANNE]


def test_a_specialist_who_is_in_the_step_already_is_rung_once():
    floor = own_floor(escalation=stepping(("sanne", "lotte"), ("joris",)))
    call = requests(floor, keys=("1", "1", "1", "1"))
    assert floor.ringing() == [SANNE, LOTTE]
    assert [c.engineer for c in floor.incident(call).escalation.candidates] == ["sanne", "lotte"]


def test_the_specialists_are_rung_once_a_pass(floor):
    requests(floor, keys=("1", "1", "1", "1"))
    for number in (LOTTE, SANNE, SANNES_DESK):
        floor.drop(number, events.Heard.NO_ANSWER)
    assert (floor.ringing(), floor.rings(LOTTE)) == ([JORIS], 1)
    floor.drop(JORIS, events.Heard.NO_ANSWER)
    floor.advance(15)
    assert floor.rings(LOTTE) == 2


def test_with_nobody_on_call_the_specialists_are_rung_beside_the_last_resort():
    floor = own_floor(escalation=stepping(("empty",)))
    requests(floor, keys=("1", "1", "1", "1"))
    assert floor.ringing() == [LAST_RESORT, LOTTE]


def test_where_level_1_leaves_a_message_nobody_is_rung_after_it():
    floor = own_floor(unverified_level_1="message")
    call = requests(floor, STRANGER, keys=("1", "1", "1", "1"))
    says(floor, call)
    assert prompts(floor.script(call)) == ["message_farewell"]
    assert floor.legs() == []


def test_any_other_level_1_rings_no_specialist(floor):
    floor.critical()
    assert floor.ringing() == [SANNE]


def test_not_confirmed_the_level_is_chosen_again(floor):
    call = requests(floor, keys=("1", "1", "1", "2"))
    assert floor.call(call).stage is Stage.URGENCY
    floor.press(call, "3")
    floor.work()
    assert floor.incident(call).kind is IncidentKind.INCIDENT
    assert floor.ringing() == [JORIS]


def test_the_specialist_hears_what_it_is_about(floor):
    waits(floor)
    floor.answer(LOTTE)
    said = prompts(floor.whisper(LOTTE))
    assert said[0] == "whisper_request"
    assert "whisper_false_positive" in said
    assert "whisper_old_databases" not in said


def test_old_databases_are_whispered(floor):
    requests(floor, keys=("2", "2", "1", "1"))
    floor.answer(SANNE)
    assert prompts(floor.whisper(SANNE))[:5] == [
        "whisper_priority",
        "whisper_who",
        "whisper_verified",
        "whisper_false_negative",
        "whisper_old_databases",
    ]


# It is no premium incident


@pytest.mark.parametrize("keys", [("1", "1", "2"), ("1", "1", "1", "1")])
def test_a_request_is_never_counted(floor, keys):
    call = requests(floor, keys=keys)
    if len(keys) == 3:
        says(floor, call)
    floor.talk(call, LOTTE)
    incident = floor.incident(call)
    assert (incident.premium, incident.counted) == (False, None)


# Where the sample goes


def test_the_customer_is_told_by_text_where_the_sample_goes(floor):
    incident = floor.incident(requests(floor))
    (letter,) = letters(floor)
    assert (letter.channel, letter.to, letter.language) == (Channel.SMS, PIETER, "nl")
    assert (letter.words, letter.incident) == ("request_received_send", incident.key)
    assert dict(letter.values) == {"address": ADDRESS}
    assert floor.exchange.texts == [PIETER]


def test_the_letter_is_in_the_contacts_language():
    floor = own_floor()
    contact = replace(BAKERY.contacts[0], language="en")
    floor.people.contracts["main", "100234"] = replace(BAKERY, contacts=(contact,))
    requests(floor)
    assert letters(floor)[0].language == "en"


@pytest.mark.parametrize("language", [None, "fr"])
def test_a_language_that_the_line_does_not_speak_becomes_that_of_the_call(language):
    floor = own_floor(languages=("en", "nl"))
    contact = replace(BAKERY.contacts[0], language=language)
    floor.people.contracts["main", "100234"] = replace(BAKERY, contacts=(contact,))
    call = floor.dial()
    floor.press(call, "1")
    floor.pin(call, PIN)
    for key in ("5", "1", "1", "2"):
        floor.press(call, key)
    assert letters(floor)[0].language == "en"


def test_without_an_address_the_specialist_will_tell(floor):
    floor.apply(signature_desk=replace(LAB, samples_to=None))
    call = requests(floor)
    assert letters(floor)[0].words == "request_received"
    assert prompts(floor.script(call)) == ["request_registered", "ask_message_request"]


def test_a_contact_without_a_number_that_takes_texts_gets_a_mail(floor):
    contact = replace(BAKERY.contacts[0], phones=(FAX,), email="pieter@example.org")
    floor.people.contracts["main", "100234"] = replace(BAKERY, contacts=(contact,))
    call = floor.dial(FAX)
    floor.pin(call, PIN)
    for key in ("5", "1", "1", "2"):
        floor.press(call, key)
    (letter,) = letters(floor)
    assert (letter.channel, letter.to) == (Channel.EMAIL, "pieter@example.org")
    assert "samples_by_mail" in prompts(floor.script(call))


def test_who_calls_from_another_telephone_is_written_to_at_their_own():
    floor = own_floor()
    call = floor.dial(STRANGER)
    floor.press(call, "1")
    floor.contract(call, "100234")
    floor.pin(call, PIN)
    for key in ("5", "1", "1", "2"):
        floor.press(call, key)
    assert letters(floor)[0].to == PIETER


def test_who_is_not_identified_keeps_the_sample_for_the_specialist_and_gets_no_text(floor):
    call = requests(floor, STRANGER)
    assert letters(floor) == []
    said = prompts(floor.script(call))
    assert said == ["request_registered", "samples_kept", "ask_message_request"]
    assert "not_told" in floor.notes()


def test_who_is_not_entitled_may_make_a_request_too(floor):
    call = requests(floor, WILLEM)
    assert floor.incident(call).kind is IncidentKind.SIGNATURE_REQUEST
    assert letters(floor)[0].to == WILLEM


# Routes


def test_a_route_takes_requests_only_where_it_names_their_kind():
    everything = Route(Condition(plans=("msa_plus",)), desk=Step(("sanne",)))
    floor = own_floor(routes=(everything,))
    waits(floor)
    assert floor.ringing() == [LOTTE]


def test_a_route_that_names_the_kind_takes_its_requests():
    named = Route(Condition(kinds=("signature_request",)), desk=Step(("sanne",)))
    floor = own_floor(routes=(named,))
    waits(floor)
    assert floor.ringing() == [SANNE]
