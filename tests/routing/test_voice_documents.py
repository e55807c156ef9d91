"""What is heard in each state: by the caller, in the waiting room, by an engineer."""

import dataclasses
import datetime as dt
import itertools

import pytest

from routing import events
from routing.call import CallOutcome, OfferedIncident, Preamble, Stage
from routing.caller.hold import build_hold_document, is_unattended
from routing.caller.prompts import build_caller_document
from routing.caller.questions import CallerView
from routing.engineer.menus import build_leg_document
from routing.incident import EscalationPhase
from routing.page import LegState, PageResult
from routing.voice_document import (
    AskDigits,
    BridgeQueue,
    Dial,
    Enqueue,
    HangUp,
    LeaveQueue,
    Menu,
    Music,
    Pause,
    Play,
    Redirect,
    Say,
)
from routing.voice_document import Record as Tape
from tests.routing.floor import (
    JORIS,
    LAST_RESORT,
    PIETER,
    PIN,
    SANNE,
    STRANGER,
    WRONG_PIN,
    Floor,
    hangs_up,
    prompts,
    stepping,
)

EXPIRED, TO_COME, STANDARD = "+31612345680", "+31612345681", "+31612345682"


def kinds(document):
    return [type(act) for act in document.acts]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Stage.LANGUAGE, [Menu, Redirect]),
        (Stage.CONTRACT, [AskDigits, Redirect]),
        (Stage.PIN, [AskDigits, Redirect]),
        (Stage.ABOUT, [Menu, Redirect]),
        (Stage.ENGAGED, [Menu, Redirect]),
        (Stage.URGENCY, [Menu, Redirect]),
        (Stage.CONFIRM, [Menu, Redirect]),
        (Stage.WAITING, [Enqueue]),
        (Stage.BRIDGED, [Enqueue]),
        (Stage.RETURNING, [Menu, Redirect]),
        (Stage.INTRODUCE, [Tape, Redirect]),
        (Stage.MATTER, [Tape, Redirect]),
        (Stage.MESSAGE, [Tape, Redirect]),
        (Stage.RESCUE, [Dial]),
        (Stage.CALLBACK, [HangUp]),
        (Stage.FAREWELL, [HangUp]),
        (Stage.ENDED, [HangUp]),
    ],
)
def test_each_stage_has_its_acts(floor, stage, expected):
    offers = (OfferedIncident("one", 1041, 2),)
    call = dataclasses.replace(floor.call(floor.critical()), stage=stage, offers=offers)
    document = build_caller_document(CallerView(call, floor.incident(call.id), floor.line))
    assert kinds(document)[-len(expected) :] == expected
    for act in document.acts:
        for asked in (getattr(act, "then", None), getattr(act, "to", None)):
            assert asked is None or (asked.id, asked.turn) == (call.id, call.turn)


def test_every_state_can_be_spoken_in_every_language(floor):
    base = floor.critical()
    incident = floor.incident(base)
    offers = (OfferedIncident("one", 1041, 2), OfferedIncident("other", 1042, 1))
    fates = (None, CallOutcome.REGISTERED, CallOutcome.REJECTED, CallOutcome.MESSAGE)
    for stage, remark, language in itertools.product(Stage, Preamble, floor.line.languages):
        for fate in fates if stage is Stage.FAREWELL else (None,):
            said = {"stage": stage, "remark": remark, "language": language, "fate": fate}
            urgency = 3 if fate is CallOutcome.REGISTERED else 1
            call = dataclasses.replace(floor.call(base), urgency=urgency, offers=offers, **said)
            view = CallerView(call, incident, floor.line)
            floor.xml(build_caller_document(view))
            floor.xml(build_hold_document(view, floor.now, answered_key=True))


def test_every_state_of_a_leg_can_be_spoken_in_every_language(floor):
    call = floor.critical()
    matter = floor.desk.call(call)
    for state, language, result in itertools.product(LegState, ("nl", "en"), (None, *PageResult)):
        leg = dataclasses.replace(floor.leg(SANNE), state=state, language=language, result=result)
        floor.xml(build_leg_document(leg, matter, floor.line, floor.now))


def test_the_pause_after_a_wrong_pin_is_spoken_and_no_key_skips_it(floor):
    call = floor.dial(PIETER)
    floor.pin(call, WRONG_PIN)
    floor.pin(call, WRONG_PIN)
    said, hush, ask, _ = floor.script(call).acts
    assert said.prompt == "wrong"
    assert hush == Pause(2)
    assert [spoken.prompt for spoken in ask.spoken] == ["ask_pin_help"]


def test_any_other_remark_can_be_interrupted(floor):
    call = floor.dial("anonymous")
    floor.press(call, "1")
    floor.contract(call, None)
    assert kinds(floor.script(call)) == [AskDigits, Redirect]
    assert prompts(floor.script(call)) == ["nothing_keyed", "ask_contract_help"]


@pytest.mark.parametrize(("shown", "remark"), [(EXPIRED, "expired"), (TO_COME, "not_begun")])
def test_a_contract_that_does_not_hold_now_is_said_so(floor, shown, remark):
    call = floor.dial(shown)
    floor.pin(call, PIN)
    assert prompts(floor.script(call)) == [remark, "urgency_menu"]


def test_nothing_is_said_of_a_customer_before_the_pin(floor):
    call = floor.dial(PIETER)
    spoken = floor.xml(floor.script(call))
    assert not [word for word in ("Jansen", "Bakkerij", "100234") if word in spoken]


# The waiting room


@pytest.fixture
def call(floor):
    return floor.critical()


def test_the_first_then_the_next_are_announced(floor, call):
    assert prompts(floor.room(call)) == ["rings_first_one", "waiting_keys"]
    floor.advance(61)
    assert prompts(floor.room(call)) == ["rings_next_one", "waited"]


def test_several_at_once_are_counted():
    floor = Floor(escalation=stepping(("primary", "secondary"), repeat=2))
    call = floor.critical()
    said = floor.room(call).acts[0].spoken[0]
    assert (said.prompt, dict(said.values)) == ("rings_first_many", {"count": 2})
    floor.advance(61)
    assert prompts(floor.room(call))[0] == "rings_first_many"


def test_a_second_round_is_not_called_the_first():
    floor = Floor(escalation=stepping(("joris",)))
    call = floor.critical()
    floor.advance(30 + 31 + 301)
    assert floor.incident(call).escalation.round == 2
    assert prompts(floor.room(call))[0] == "rings_on"


def test_the_last_resort_and_the_rest_after_it_are_announced():
    floor = Floor(escalation=stepping(("empty",)))
    call = floor.critical()
    assert prompts(floor.room(call))[0] == "rings_last_resort"
    other = floor.critical(STRANGER)
    floor.advance(1)
    assert prompts(floor.room(other))[0] == "last_resort_busy"
    floor.advance(31)
    assert prompts(floor.room(call))[0] == "resting"


def test_that_all_are_busy_is_said_where_several_were_tried():
    steps = stepping(*[("sanne", "joris")])
    floor = Floor(escalation=steps)
    for from_, engineer in ((PIETER, SANNE), (STRANGER, JORIS)):
        floor.talk(floor.critical(from_), engineer)
    third = floor.critical("anonymous")
    assert prompts(floor.room(third))[0] == "all_busy"


def test_nobody_is_said_to_be_busy_once_nobody_is_waited_for(floor, call):
    floor.talk(call)
    second = floor.critical(STRANGER)
    floor.now += dt.timedelta(seconds=31)  # and the workers are late
    assert prompts(floor.room(second)) == []


def test_that_somebody_is_busy_is_said_and_that_nobody_was_reached_too(floor, call):
    floor.talk(call)
    second = floor.critical(STRANGER)
    assert prompts(floor.room(second))[0] == "some_busy"  # the next step was not tried yet
    other = Floor(escalation=stepping(("joris",), repeat=2))
    third = other.critical()
    other.pass_on(JORIS)
    assert other.incident(third).escalation.phase is EscalationPhase.BREATH
    assert prompts(other.room(third))[0] == "nobody_yet"


def test_the_time_waited_is_said_on_the_minute_and_counts_from_the_last_conversation(floor, call):
    floor.advance(49)
    assert "waited" not in prompts(floor.room(call))
    floor.advance(1)
    assert "waited" in prompts(floor.room(call))
    floor.advance(5)
    floor.talk(call)
    floor.left(call)
    floor.stay(call)
    floor.advance(5)
    assert "waited" not in prompts(floor.room(call)), "the wait began anew"


def test_once_somebody_has_it_the_caller_hears_so_and_no_keys(floor, call):
    floor.take(SANNE)
    assert prompts(floor.room(call)) == ["taken_for_you"]
    assert kinds(floor.room(call)) == [Say, Music, Redirect]
    floor.now += floor.leg(SANNE).ring_for * 9
    assert not is_unattended(floor.incident(call), floor.now)
    assert prompts(floor.room(call)) == ["taken_for_you"]


def test_an_old_pause_means_nothing_once_somebody_has_it():
    floor = Floor(escalation=stepping(("empty",)))
    call = floor.critical()
    floor.advance(31)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    floor.work()
    floor.take(JORIS)
    floor.now += floor.leg(JORIS).ring_for * 99
    assert not is_unattended(floor.incident(call), floor.now)


def test_nobody_is_named_to_a_waiting_caller(floor, call):
    spoken = floor.xml(floor.room(call))
    assert not [name for name in ("Sanne", "Joris", "sanne") if name in spoken]


@pytest.mark.parametrize("stage", [Stage.MESSAGE, Stage.RETURNING, Stage.RESCUE, Stage.FAREWELL])
def test_who_belongs_elsewhere_is_led_out_of_the_room(floor, call, stage):
    moved = dataclasses.replace(floor.call(call), stage=stage)
    assert kinds(
        build_hold_document(CallerView(moved, floor.incident(call), floor.line), floor.now)
    ) == [LeaveQueue]


# An engineer's telephone


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (PIETER, ["whisper_who", "whisper_verified"]),
        (EXPIRED, ["whisper_who", "whisper_verified", "whisper_expired"]),
        (TO_COME, ["whisper_who", "whisper_verified", "whisper_not_begun"]),
        (STANDARD, ["whisper_who", "whisper_verified", "whisper_no_priority"]),
        (STRANGER, ["whisper_unverified"]),
        ("anonymous", ["whisper_unverified"]),
    ],
)
def test_an_engineer_hears_who_calls_as_far_as_it_is_proved(floor, shown, said):
    floor.critical(shown)
    floor.answer(SANNE)
    assert prompts(floor.whisper(SANNE)) == [
        "whisper_priority",
        *said,
        "whisper_waits",
        "whisper_keys",
    ]


def test_the_keys_that_are_said_are_the_keys_that_count(floor, call):
    leg = floor.answer(SANNE)
    keys = floor.whisper(SANNE).acts[0].spoken[-1]
    assert dict(keys.values) == {"take": leg.take_key, "pass_on": leg.pass_key}


def test_a_spoken_introduction_is_heard_by_the_engineer(floor):
    call = floor.dial("anonymous")
    floor.press(call, None)
    floor.contract(call, None)
    floor.contract(call, None)
    floor.press(call, None)
    floor.press(call, None)
    floor.desk.happen(events.Introduced(call, floor.call(call).turn, "http://spoken"))
    floor.work()
    floor.answer(SANNE)
    assert Play(floor.spoken(call)[0].id) in floor.whisper(SANNE).acts[0].spoken


def test_a_brief_whisper_names_nobody_before_the_key_and_the_caller_after_it(floor):
    floor.apply(whisper="brief")
    floor.critical()
    floor.answer(SANNE)
    assert prompts(floor.whisper(SANNE)) == ["whisper_brief", "whisper_keys"]
    assert "Jansen" not in floor.xml(floor.whisper(SANNE))
    floor.key(SANNE, floor.leg(SANNE).take_key)
    assert prompts(floor.whisper(SANNE)) == ["connecting", "whisper_who", "whisper_verified"]


def test_who_took_it_is_sent_to_the_callers_own_queue(floor, call):
    floor.take(SANNE)
    (meet,) = [act for act in floor.whisper(SANNE).acts if isinstance(act, BridgeQueue)]
    assert meet.queue == floor.call(call).queue
    (park,) = [act for act in floor.script(call).acts if isinstance(act, Enqueue)]
    assert park.queue == meet.queue
    assert prompts(floor.whisper(SANNE)) == ["connecting"]


def test_when_the_caller_has_gone_the_engineer_hears_so(floor, call):
    floor.hang_up(call)
    floor.answer(SANNE)
    assert prompts(floor.whisper(SANNE))[-2:] == ["whisper_gone", "whisper_keys"]


def test_the_last_resort_is_named_to_nobody_as_the_one_who_has_it():
    floor = Floor(escalation=stepping(("primary",), seconds=1))
    call = floor.critical()
    floor.answer(SANNE)
    floor.advance(1.5)
    floor.take(LAST_RESORT)
    assert prompts(floor.whisper(SANNE)) == ["taken"]
    assert hangs_up(floor.whisper(SANNE))
    assert floor.incident(call).acknowledged_by == "last_resort"


@pytest.mark.parametrize(("language", "other"), [("nl", "en"), ("en", "nl")])
def test_the_line_is_named_in_the_language_of_who_listens(floor, language, other):
    floor.apply(whisper="brief")
    call = floor.critical()
    name, foreign = floor.line.name_in(language), floor.line.name_in(other)
    welcomed = dataclasses.replace(
        floor.call(call), stage=Stage.CONTRACT, remark=Preamble.WELCOME, language=language
    )
    leg = dataclasses.replace(floor.answer(SANNE), language=language)
    spoken = (
        floor.xml(build_caller_document(CallerView(welcomed, None, floor.line))),
        floor.xml(build_leg_document(leg, floor.desk.call(call), floor.line, floor.now)),
    )
    assert all(name in document and foreign not in document for document in spoken)
