"""What is asked while telephones ring: the matter, and the PIN where the file says so."""

import dataclasses
import datetime as dt

import pytest

from routing import events
from routing.call import CallOutcome, Entitlement, Preamble, Stage
from routing.contracts.plans import CoveredHours, OfficeTime, Plan, PlanLevel
from routing.incident import IncidentState
from routing.line import PinAlarm, PinRules, RateLimit, Step, UnverifiedRates
from routing.recording import Purpose
from tests.routing.floor import (
    BAKERY,
    JORIS,
    LINE,
    NOW,
    PIETER,
    PIN,
    SANNE,
    WRONG_PIN,
    Floor,
    prompts,
)

WHILE_RINGING = PinRules(length=10, ask="while_ringing")
WILLEM = "+31612345680"


def made(**changes):
    return Floor(pin=WHILE_RINGING, **changes)


def confirmed(floor, shown=PIETER):
    """A known caller confirms level 1; the PIN was not asked for."""
    call = floor.dial(shown)
    assert floor.call(call).stage is Stage.URGENCY
    floor.press(call, "1")
    floor.press(call, "1")
    floor.work()
    return call


def ringing(floor, shown=PIETER):
    call = confirmed(floor, shown)
    assert (floor.call(call).stage, floor.ringing()) == (Stage.PIN, [SANNE])
    return call


# The matter


def test_the_matter_is_asked_by_the_decision_that_rings():
    floor = Floor()
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, "1")
    floor.press(call, "1")
    assert floor.call(call).stage is Stage.MATTER
    assert floor.call(call).holds
    assert [leg.to for leg in floor.legs()] == [SANNE]
    assert floor.incident(call).call == call


def test_a_matter_that_is_reported_twice_is_kept_once_and_the_incident_names_it():
    floor = Floor()
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, "1")
    floor.press(call, "1")
    turn = floor.call(call).turn
    for _ in range(2):
        floor.desk.happen(events.MatterSaid(call, turn, "http://said"))
    (spoken,) = floor.spoken(call)
    assert (spoken.purpose, spoken.id) == (Purpose.MATTER, floor.incident(call).matter)
    assert floor.call(call).stage is Stage.WAITING


def test_a_matter_that_comes_after_the_hang_up_is_kept_and_changes_no_outcome():
    floor = Floor()
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, "1")
    floor.press(call, "1")
    turn = floor.call(call).turn
    floor.hang_up(call)
    floor.desk.happen(events.MatterSaid(call, turn, "http://said"))
    assert floor.incident(call).matter is not None
    assert floor.call(call).outcome is CallOutcome.ABANDONED
    assert floor.incident(call).state is IncidentState.OPEN
    assert floor.ringing() == [SANNE]


@pytest.mark.parametrize("line", [{"matter": False}, {"unverified_level_1": "message"}])
def test_it_is_not_asked_where_the_file_says_so_or_nobody_is_rung(line):
    floor = Floor(**line)
    call = floor.dial("+31687654321")
    floor.press(call, "1")
    floor.contract(call, "0")
    floor.press(call, "1")
    floor.press(call, "1")
    assert floor.call(call).stage is not Stage.MATTER


def test_a_key_that_takes_the_call_ends_the_matter():
    floor = Floor()
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, "1")
    floor.press(call, "1")
    floor.work()
    floor.take(SANNE)
    assert "caller_fetched" in prompts(floor.whisper(SANNE))
    floor.desk.happen(events.MessageCut(call, floor.call(call).turn))
    assert (floor.call(call).stage, floor.call(call).remark) == (Stage.WAITING, Preamble.TAKEN)
    floor.meet(SANNE)
    assert floor.call(call).stage is Stage.BRIDGED


def test_the_silence_that_ends_a_recording_is_that_of_the_file():
    floor = Floor(silence=dt.timedelta(seconds=9))
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, "1")
    floor.press(call, "1")
    assert 'timeout="9"' in floor.xml(floor.script(call))
    floor.apply(silence=LINE.silence)
    assert 'timeout="5"' in floor.xml(floor.script(call))


# The PIN while telephones ring


def test_level_1_rings_after_two_keys_as_unverified():
    floor = made()
    call = ringing(floor)
    assert floor.incident(call).entitlement is Entitlement.UNVERIFIED
    assert floor.incident(call).contract is None
    assert "ask_pin_meanwhile" in prompts(floor.script(call))
    floor.answer(SANNE)
    assert "whisper_who" not in prompts(floor.whisper(SANNE))


def test_the_right_pin_gives_the_incident_its_contract_and_pages_nobody_again():
    floor = made()
    call = ringing(floor)
    texts, legs = list(floor.exchange.texts), floor.legs()
    floor.answer(SANNE)
    floor.pin(call, PIN)
    floor.work()
    incident = floor.incident(call)
    assert (incident.contract, incident.contact) == ("100234", "Pieter Jansen")
    assert (incident.entitlement, incident.customer) == (
        Entitlement.ENTITLED,
        "Bakkerij Jansen BV",
    )
    assert incident.rank < 999
    assert (floor.exchange.texts, len(floor.legs())) == (texts, len(legs))
    assert "whisper_who" in prompts(floor.whisper(SANNE))
    assert floor.call(call).stage is Stage.MATTER
    floor.say_matter(call, None)
    assert floor.call(call).stage is Stage.WAITING
    floor.talk(call)
    assert floor.incident(call).premium


def test_a_right_pin_gives_the_place_of_an_unverified_caller_back():
    floor = made(unverified=UnverifiedRates(line=RateLimit(1, dt.timedelta(hours=1))))
    call = ringing(floor)
    assert not floor.desk.facts(floor.line).unverified_allowed(PIETER)
    floor.pin(call, PIN)
    assert floor.desk.facts(floor.line).unverified_allowed(PIETER)


@pytest.mark.parametrize(
    "line",
    [
        {"unverified": UnverifiedRates(line=RateLimit(0, dt.timedelta(hours=1)))},
        {"unverified_level_1": "message"},
    ],
    ids=["limits", "message"],
)
def test_who_is_barred_until_the_pin_is_known_is_asked_for_it_first(line):
    floor = made(**line)
    call = floor.dial()
    floor.press(call, "1")
    assert (floor.call(call).stage, floor.legs()) == (Stage.PIN, [])
    assert "ask_pin_meanwhile" not in prompts(floor.script(call))
    floor.pin(call, PIN)
    assert floor.call(call).stage is Stage.CONFIRM
    floor.press(call, "1")
    floor.work()
    assert floor.ringing() == [SANNE]
    assert floor.incident(call).entitlement is Entitlement.ENTITLED


def test_the_limit_that_is_reached_between_level_and_confirmation_asks_for_the_pin():
    floor = made(unverified=UnverifiedRates(line=RateLimit(1, dt.timedelta(hours=1))))
    first, second = floor.dial(), floor.dial(WILLEM)
    for call in (first, second):
        floor.press(call, "1")
    for call in (first, second):
        floor.press(call, "1")
    assert (floor.call(first).stage, floor.call(second).stage) == (Stage.PIN, Stage.PIN)
    assert floor.call(second).incident is None
    floor.pin(second, PIN)
    assert floor.call(second).remark is Preamble.EXPIRED
    floor.press(second, "1")
    floor.press(second, "1")
    floor.work()
    assert floor.incident(second).entitlement is Entitlement.EXPIRED


@pytest.mark.parametrize("digits", ["0", None])
def test_without_a_pin_the_ringing_goes_on_unverified(digits):
    floor = made()
    call = ringing(floor)
    floor.pin(call, digits)
    assert floor.call(call).stage is Stage.MATTER
    assert (floor.ringing(), floor.incident(call).contract) == ([SANNE], None)


def test_wrong_pins_are_counted_and_alarm_and_the_ringing_goes_on():
    alarm = PinAlarm(per_contract=RateLimit(2, dt.timedelta(hours=1)))
    floor = Floor(pin=dataclasses.replace(WHILE_RINGING, alarm=alarm))
    call = ringing(floor)
    for tries in (1, 2):
        floor.pin(call, WRONG_PIN)
        assert floor.call(call).remark is Preamble.WRONG
        assert floor.call(call).pause == tries
    assert any(type(job.command).__name__ == "ReportWrongPins" for job in floor.pending().values())
    floor.pin(call, WRONG_PIN)
    assert floor.call(call).stage is Stage.MATTER
    assert (floor.ringing(), floor.incident(call).contract) == ([SANNE], None)


def test_nobody_is_left_out_when_the_proven_contract_has_expired():
    floor = made()
    call = ringing(floor, WILLEM)
    floor.answer(SANNE)
    floor.pin(call, PIN)
    floor.work()
    assert floor.incident(call).entitlement is Entitlement.EXPIRED
    assert "whisper_expired" in prompts(floor.whisper(SANNE))
    floor.talk(call)
    assert not floor.incident(call).premium


def test_the_people_of_the_proven_plan_are_rung_beside_the_others_and_nobody_twice():
    level = PlanLevel(
        CoveredHours.ALWAYS, OfficeTime(dt.timedelta(hours=1), office=False), ("joris",)
    )
    plan = Plan("msa_plus", (("nl", "Plus"),), 1, levels=((1, level),))
    floor = made(plans=(plan, *LINE.plans[1:]))
    call = ringing(floor)
    floor.pin(call, PIN)
    floor.work()
    assert floor.ringing() == [SANNE, JORIS]
    assert floor.incident(call).clock.promised == level.respond_within
    assert floor.incident(call).respond_by == NOW + dt.timedelta(hours=1)
    assert floor.rings(SANNE) == 1


def test_a_key_that_takes_the_call_ends_the_question_for_the_pin():
    floor = made()
    call = ringing(floor)
    turn = floor.call(call).turn
    floor.take(SANNE)
    floor.desk.happen(events.MessageCut(call, turn))
    assert (floor.call(call).stage, floor.call(call).remark) == (Stage.WAITING, Preamble.TAKEN)
    floor.desk.pin_keyed(call, turn, PIN)
    assert floor.incident(call).contract is None


def test_a_pin_that_is_right_just_after_the_key_counts_the_incident():
    floor = made()
    call = ringing(floor)
    floor.take(SANNE)
    floor.pin(call, PIN)
    assert (floor.incident(call).contract, floor.incident(call).premium) == ("100234", True)
    assert (floor.call(call).stage, floor.call(call).remark) == (Stage.WAITING, Preamble.TAKEN)


@pytest.mark.parametrize("level", "234")
def test_the_other_levels_ask_for_the_pin_as_soon_as_they_are_chosen(level):
    floor = made()
    call = floor.dial()
    floor.press(call, level)
    assert (floor.call(call).stage, floor.call(call).incident) == (Stage.PIN, None)
    floor.pin(call, PIN)
    incident = floor.incident(call)
    assert (incident.urgency, incident.contract) == (int(level), "100234")


def test_news_of_the_contract_is_said_with_the_levels():
    floor = made()
    call = floor.dial(WILLEM)
    floor.press(call, "3")
    floor.pin(call, PIN)
    assert (floor.call(call).stage, floor.call(call).remark) == (Stage.URGENCY, Preamble.EXPIRED)
    floor.press(call, "3")
    assert floor.incident(call).entitlement is Entitlement.EXPIRED


def test_open_incidents_are_asked_about_after_the_pin_and_never_before_a_ring():
    floor = Floor()
    floor.hang_up(floor.critical())
    floor.apply(pin=WHILE_RINGING)
    call = floor.dial()
    floor.press(call, "3")
    floor.pin(call, PIN)
    assert floor.call(call).stage is Stage.ABOUT
    floor.something_new(call)
    assert floor.incident(call).urgency == 3
    urgent = floor.dial()
    floor.press(urgent, "1")
    floor.press(urgent, "1")
    floor.pin(urgent, PIN)
    assert floor.call(urgent).stage is Stage.MATTER


@pytest.mark.parametrize(("level", "kind"), [("1", 1), ("3", 3)])
def test_hanging_up_instead_of_the_pin_leaves_what_was_chosen(level, kind):
    floor = made(unverified_level_1="message")
    call = floor.dial()
    floor.press(call, level)
    assert floor.call(call).stage is Stage.PIN
    floor.hang_up(call)
    assert floor.incident(call).urgency == kind
    assert floor.incident(call).entitlement is Entitlement.UNVERIFIED


def test_an_unknown_number_is_asked_for_both_numbers_first():
    floor = made()
    call = floor.dial("+31687654321")
    floor.press(call, "1")
    assert floor.call(call).stage is Stage.CONTRACT
    floor.contract(call, BAKERY.number)
    floor.pin(call, PIN)
    assert floor.call(call).stage is Stage.URGENCY


def test_who_presses_nothing_is_asked_for_a_name_and_for_no_pin():
    floor = made()
    call = floor.dial()
    while floor.call(call).stage is Stage.URGENCY:
        floor.press(call, None)
    assert floor.call(call).stage is Stage.INTRODUCE
    floor.desk.happen(events.Introduced(call, floor.call(call).turn, "http://name"))
    floor.work()
    assert (floor.call(call).stage, floor.ringing()) == (Stage.WAITING, [SANNE])


def test_the_step_of_a_plan_is_the_first_one_and_the_next_follows_the_step_under_way():
    level = PlanLevel(CoveredHours.ALWAYS, None, ("empty",))
    plan = Plan("msa_plus", (("nl", "Plus"),), 1, levels=((1, level),))
    steps = dataclasses.replace(LINE.escalation, steps=(Step(("primary",)), Step(("secondary",))))
    floor = made(plans=(plan, *LINE.plans[1:]), escalation=steps)
    call = ringing(floor)
    floor.pin(call, PIN)
    floor.say_matter(call, None)
    floor.pass_on(SANNE)
    assert floor.ringing() == [JORIS]
