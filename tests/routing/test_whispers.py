"""What an engineer hears first: thirty words at most, each sentence only where it is true."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import NamedTuple

import pytest

from carrier import prompts as words
from routing import events
from routing.call import (
    Call,
    CallOutcome,
    DatabaseAge,
    Entitlement,
    RecognitionFault,
    SignatureRequest,
    Stage,
)
from routing.engineer.menus import HEAR_KEY, ask_for_key
from routing.engineer.sentences import LegView
from routing.incident import Incident, IncidentSource, ReopenReason
from routing.line import Channel
from routing.page import CustomerLeg, Hears, LegState, Page, PageResult
from routing.recording import RecordingState, make_playable
from routing.voice_document import Menu, Play, Say, Spoken
from tests.routing.floor import (
    JORIS,
    LINE,
    NOW,
    PIETER,
    SANNE,
    STRANGER,
    Floor,
    prompts,
    stepping,
)
from tests.words import words_of

MOST = 30
TO_HEAR = 5
"""Words of the offer to hear what the caller said."""

WAITED = dt.timedelta(seconds=12)
BAKERY = "Bakkerij Jansen BV"


class Case(NamedTuple):
    """What differs between one whisper and another."""

    urgency: int
    entitlement: Entitlement
    number_of: str | None
    request: SignatureRequest | None
    reopened: ReopenReason | None
    speaks: str
    matter: str | None
    caller: str
    whisper: str


CALLERS = ("waits", "hung up", "wants a call back", "hears the last words", "is rung", "wrote")
REQUESTS = (
    None,
    SignatureRequest(RecognitionFault.FALSE_POSITIVE),
    SignatureRequest(RecognitionFault.FALSE_NEGATIVE, DatabaseAge.OLD),
    SignatureRequest(),
)
CASES = [
    Case(*values)
    for values in product(
        (1, 3),
        (Entitlement.ENTITLED, Entitlement.EXPIRED, Entitlement.UNVERIFIED),
        (None, BAKERY),
        REQUESTS,
        (None, *ReopenReason),
        ("nl", "en", "pl"),
        (None, "matter"),
        CALLERS,
        ("full", "brief"),
    )
]


def make_call(case: Case) -> Call | None:
    if case.caller in ("is rung", "wrote"):
        return None
    call = Call("call", "CA1", "main", PIETER, PIETER, case.speaks, NOW, Stage.WAITING)
    stages = {"waits": Stage.WAITING, "hears the last words": Stage.FAREWELL}
    outcome = {"hung up": CallOutcome.ABANDONED, "wants a call back": CallOutcome.CALLBACK}
    changes = {
        "stage": stages.get(case.caller, Stage.ENDED),
        "outcome": outcome.get(case.caller),
        "parked_at": NOW,
        "number_of": case.number_of,
    }
    return replace(call, **changes)


def view_of(case: Case, language: str, leg: Page | None = None) -> LegView:
    verified = case.entitlement.verified
    source = IncidentSource.EMAIL if case.caller == "wrote" else IncidentSource.PHONE
    ringing = CustomerLeg(1, NOW, "Pieter Jansen", PIETER, case.speaks, LegState.RINGING)
    incident = Incident(
        key="incident",
        line="main",
        opened_at=NOW,
        urgency=case.urgency,
        language=case.speaks,
        entitlement=case.entitlement,
        number=1042,
        source=source,
        request=case.request,
        customer=BAKERY if verified else None,
        contact="Pieter Jansen" if verified else None,
        matter=case.matter,
        reopen_reason=case.reopened,
        customer_leg=ringing if case.caller == "is rung" else None,
    )
    line = replace(LINE, whisper=case.whisper)
    page = leg or Page("leg", NOW, "sanne", Channel.CALL, SANNE, state=LegState.LISTENING)
    named = replace(page, take_key="7", pass_key="3", language=language)
    return LegView(named, incident, make_call(case), line, NOW + WAITED)


def spoken(view: LegView) -> tuple[Spoken, ...]:
    menu = ask_for_key(view)[0]
    assert isinstance(menu, Menu)
    return menu.spoken


@cache
def count_words(said: Say, language: str) -> int:
    return len(words.render_sentence(language, said.prompt, dict(said.values)).split())


def said_in(view: LegView) -> list[Say]:
    return [each for each in spoken(view) if isinstance(each, Say)]


@cache
def whispers(language: str) -> dict[Case, list[Say]]:
    return {case: said_in(view_of(case, language)) for case in CASES}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_whisper_has_more_than_thirty_words(language):
    counted = {
        case: sum(count_words(each, language) for each in said)
        for case, said in whispers(language).items()
    }
    for case, count in counted.items():
        offered = TO_HEAR if case.matter is not None else 0
        assert count <= MOST + offered, case


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_key_that_plays_the_matter_costs_five_words_at_most(language):
    (offer,) = (
        each
        for each in said_in(view_of(CASES[0]._replace(matter="matter"), language))
        if each.prompt == "whisper_hear"
    )
    assert count_words(offer, language) <= TO_HEAR


TRUE_WHEN: dict[str, Callable[[Case, str], bool]] = {
    "whisper_brief": lambda case, to: case.whisper == "brief" and case.urgency == 1,
    "whisper_brief_desk": lambda case, to: case.whisper == "brief" and case.urgency > 1,
    "whisper_priority": lambda case, to: case.urgency == 1,
    "whisper_request": lambda case, to: case.urgency > 1 and case.request is not None,
    "whisper_service_desk": lambda case, to: case.urgency > 1 and case.request is None,
    "whisper_who": lambda case, to: case.entitlement.verified,
    "whisper_verified": lambda case, to: case.entitlement.verified,
    "whisper_unverified": lambda case, to: not case.entitlement.verified,
    "whisper_number_of": lambda case, to: (
        not case.entitlement.verified and case.number_of is not None and called(case)
    ),
    "whisper_expired": lambda case, to: case.entitlement is Entitlement.EXPIRED,
    "whisper_speaks_nl": lambda case, to: case.speaks == "nl" != to,
    "whisper_speaks_en": lambda case, to: case.speaks == "en" != to,
    "whisper_speaks_other": lambda case, to: case.speaks == "pl",
    "whisper_false_positive": lambda case, to: case.request == REQUESTS[1],
    "whisper_false_negative": lambda case, to: case.request == REQUESTS[2],
    "whisper_old_databases": lambda case, to: case.request == REQUESTS[2],
    "whisper_unknown": lambda case, to: case.request == REQUESTS[3],
    "whisper_waits": lambda case, to: case.caller == "waits",
    "whisper_wants_callback": lambda case, to: case.caller == "wants a call back",
    "whisper_being_called": lambda case, to: case.caller == "is rung",
    "whisper_gone": lambda case, to: case.caller == "hung up",
    "whisper_still_there": lambda case, to: case.caller == "hears the last words",
    "whisper_lodged_email": lambda case, to: case.caller == "wrote",
    "nobody_on_line": lambda case, to: case.reopened is ReopenReason.WROTE_AGAIN,
    "whisper_keys": lambda case, to: True,
    "whisper_hear": lambda case, to: case.matter is not None and case.whisper == "full",
    **{
        f"whisper_{reason}": lambda case, to, reason=reason: case.reopened is reason
        for reason in ReopenReason
    },
}
"""When each sentence of a whisper is true."""


def called(case: Case) -> bool:
    """True for a customer who called, and did not write since."""
    there = case.caller in ("waits", "hears the last words")
    return there or case.reopened is not ReopenReason.WROTE_AGAIN


def of_cases(language: str) -> Iterator[tuple[Case, set[str]]]:
    for case, said in whispers(language).items():
        yield case, {each.prompt for each in said}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_sentence_of_a_whisper_is_said_only_when_it_is_true(language):
    seen = set()
    for case, said in of_cases(language):
        untrue = {prompt for prompt in said if not TRUE_WHEN[prompt](case, language)}
        assert untrue == set(), case
        seen |= said
    assert TRUE_WHEN.keys() - seen == {f"whisper_speaks_{language}"}


def test_who_calls_how_long_and_the_language_are_never_left_out():
    for case, said in of_cases("nl"):
        if case.whisper == "brief":
            continue
        assert said & {"whisper_who", "whisper_unverified", "whisper_number_of"}, case
        if case.caller == "waits":
            assert "whisper_waits" in said, case
        if case.reopened is not None:
            assert f"whisper_{case.reopened}" in said, case
        if case.speaks != "nl" and (case.reopened is None or case.number_of is None):
            assert any(prompt.startswith("whisper_speaks") for prompt in said), case


def test_the_level_is_first_and_the_keys_are_last():
    for case, spoken_ in whispers("nl").items():
        first = words.render_sentence("nl", spoken_[0].prompt, dict(spoken_[0].values))
        assert f"niveau {case.urgency}" in first, case
        *others, last = [each.prompt for each in spoken_ if each.prompt != "whisper_hear"]
        assert last == "whisper_keys" not in others
        assert spoken_[-1].prompt in ("whisper_keys", "whisper_hear")


def test_a_brief_whisper_names_nobody():
    leg = Page("leg", NOW, "sanne", Channel.CALL, SANNE, state=LegState.LISTENING)
    brief = {case._replace(caller="waits", whisper="brief") for case in CASES}
    for case, hears in product(brief, Hears):
        heard = spoken(view_of(case, "nl", replace(leg, hears=hears)))
        assert all(isinstance(each, Say) for each in heard), case
        assert "Jansen" not in str(heard), (case, hears)


# On a telephone


@pytest.fixture
def floor():
    return Floor(escalation=stepping(("primary",), ("secondary",)))


def test_an_engineer_hears_verified_and_how_long_the_caller_waits(floor):
    floor.critical()
    floor.advance(12)
    floor.answer(SANNE)
    heard = floor.xml(floor.whisper(SANNE))
    assert "Pieter Jansen" in heard
    assert words_of("whisper_verified") in heard
    assert words_of("whisper_waits", waited=dt.timedelta(seconds=12)) in heard


def test_a_number_that_belongs_to_one_contract_is_said_and_never_as_proof(floor):
    call = floor.dial(PIETER)
    floor.pin(call, "0")
    floor.press(call, "1")
    floor.press(call, "1")
    floor.work()
    floor.answer(SANNE)
    said = prompts(floor.whisper(SANNE))
    assert "whisper_number_of" in said
    assert not {"whisper_who", "whisper_verified"} & set(said)
    assert "Pieter" not in floor.xml(floor.whisper(SANNE))
    assert floor.incident(call).customer is None


def test_a_stranger_is_unverified_and_of_no_company(floor):
    floor.critical(STRANGER)
    floor.answer(SANNE)
    said = prompts(floor.whisper(SANNE))
    assert said == ["whisper_priority", "whisper_unverified", "whisper_waits", "whisper_keys"]


def leave_message(floor, call):
    """The caller leaves a message while engineers are rung."""
    floor.wait_key(call, "1")
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, "http://spoken"))


def test_the_message_is_heard_before_the_decision_and_decides_nothing(floor):
    call = floor.critical()
    leave_message(floor, call)
    leg = floor.answer(SANNE)
    assert prompts(floor.whisper(SANNE))[-1] == "whisper_hear"
    hears = floor.key(SANNE, HEAR_KEY)
    assert (hears.state, hears.result, hears.slips) == (LegState.LISTENING, None, 0)
    play, *keys = floor.whisper(SANNE).acts[0].spoken
    assert play == Play(floor.incident(call).message)
    assert [each.prompt for each in keys] == ["whisper_keys", "whisper_hear"]
    assert floor.key(SANNE, leg.take_key).won


def test_the_matter_is_heard_before_a_later_message(floor):
    call = floor.critical()
    leave_message(floor, call)
    floor.answer(SANNE)
    incident = replace(floor.incident(call), matter="the matter")
    floor.book.rows.incidents[incident.key] = incident
    floor.key(SANNE, HEAR_KEY)
    first, second, *_ = floor.whisper(SANNE).acts[0].spoken
    assert (first, second) == (Play("the matter"), Play(floor.incident(call).message))


@pytest.mark.parametrize("stage", [Stage.MATTER, Stage.MESSAGE])
def test_while_the_caller_speaks_the_key_is_offered_and_says_so(floor, stage):
    call = floor.critical()
    floor.book.rows.calls[call] = replace(floor.call(call), stage=stage)
    leg = floor.answer(SANNE)
    assert prompts(floor.whisper(SANNE))[-2:] == ["whisper_keys", "whisper_hear"]
    floor.key(SANNE, HEAR_KEY)
    assert prompts(floor.whisper(SANNE)) == ["caller_speaks", "whisper_keys", "whisper_hear"]
    assert floor.key(SANNE, leg.take_key).won


def test_a_key_that_is_stuck_plays_the_message_so_often_only(floor):
    leave_message(floor, floor.critical())
    floor.answer(SANNE)
    legs = [floor.key(SANNE, HEAR_KEY) for _ in range(11)]
    assert [leg.slips for leg in legs[6:10]] == [0, 0, 1, 2]
    assert legs[-1].result is PageResult.NO_KEY


def test_a_message_is_passed_on_as_well_as_any(floor):
    leave_message(floor, floor.critical())
    leg = floor.answer(SANNE)
    floor.key(SANNE, HEAR_KEY)
    assert floor.key(SANNE, leg.pass_key).result is PageResult.DECLINED


def test_without_anything_said_the_key_is_a_wrong_one(floor):
    floor.critical()
    floor.answer(SANNE)
    assert "whisper_hear" not in prompts(floor.whisper(SANNE))
    assert floor.key(SANNE, HEAR_KEY).slips == 1


def test_a_sound_that_has_not_arrived_says_so(floor):
    leave_message(floor, floor.critical())
    floor.answer(SANNE)
    floor.key(SANNE, HEAR_KEY)
    heard = make_playable(floor.whisper(SANNE), lambda recording: RecordingState.WAITING)
    assert prompts(heard) == ["recording_arrives", "whisper_keys", "whisper_hear"]


def test_the_star_says_all_of_it_again_and_is_no_wrong_key(floor):
    floor.critical()
    floor.answer(SANNE)
    first = floor.whisper(SANNE).acts[0].spoken
    floor.key(SANNE, None)
    assert floor.whisper(SANNE).acts[0].spoken != first
    for _ in range(5):
        leg = floor.key(SANNE, "*")
        assert (leg.state, leg.slips, leg.rounds) == (LegState.LISTENING, 0, 1)
        assert floor.whisper(SANNE).acts[0].spoken == first


def test_a_stray_hash_is_no_key_and_no_silence(floor):
    floor.critical()
    floor.answer(SANNE)
    said = floor.whisper(SANNE).acts[0].spoken
    for _ in range(5):
        leg = floor.key(SANNE, "#")
        assert (leg.state, leg.slips, leg.rounds) == (LegState.LISTENING, 0, 0)
        assert floor.whisper(SANNE).acts[0].spoken == said


@pytest.mark.parametrize("key", ["*", "#"])
def test_a_key_that_is_stuck_ends_at_some_time(floor, key):
    floor.critical()
    floor.answer(SANNE)
    for _ in range(20):
        floor.key(SANNE, key)
    assert floor.leg(SANNE).result is PageResult.NO_KEY


def test_the_star_and_the_hash_do_the_same_at_the_closing_menu(floor):
    call = floor.critical()
    floor.talk(call)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    said = prompts(floor.whisper(SANNE))
    for key in "*#*#*#":
        leg = floor.key(SANNE, key)
        assert (leg.state, leg.slips, leg.rounds) == (LegState.CLOSING, 0, 0)
        assert prompts(floor.whisper(SANNE)) == said


# What is said to an engineer who is not connected


def not_taken(floor, number=SANNE):
    for _ in range(3):
        floor.key(number, None)
    return prompts(floor.whisper(number))[1:]


def test_a_colleague_is_said_to_be_rung_only_while_one_is(floor):
    floor.critical()
    floor.answer(SANNE)
    floor.advance(31)
    assert floor.ringing() == [JORIS]
    assert not_taken(floor) == ["not_connected", "rings_colleague", "goodbye"]


def test_where_nobody_else_is_rung_yet_the_line_goes_on_calling(floor):
    floor.critical()
    floor.answer(SANNE)
    assert not_taken(floor) == ["not_connected", "keeps_calling", "goodbye"]


def test_where_somebody_has_it_and_nobody_waits_the_call_is_needless(floor):
    call = floor.critical()
    floor.answer(SANNE)
    floor.hang_up(call)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "sanne"))
    assert not_taken(floor) == ["over"]


def test_over_is_never_said_while_a_caller_waits(floor):
    call = floor.critical()
    floor.answer(SANNE)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "sanne"))
    assert "over" not in not_taken(floor)
