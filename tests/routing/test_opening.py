"""Level 1 is opened: who is rung for, who leaves a message, and how often a stranger rings."""

import datetime as dt

import pytest

from routing import events
from routing.call import CallOutcome, Entitlement, Stage
from routing.incident import EscalationPhase, IncidentState
from routing.line import Channel, DutyManager, Paging, RateLimit, UnverifiedRates
from tests.routing.floor import JORIS, NOW, PIETER, SANNE, STRANGER, Floor, prompts, stepping

EXPIRED, TO_COME, STANDARD = "+31612345680", "+31612345681", "+31612345682"
CASES = [
    (PIETER, Entitlement.ENTITLED, True),
    (EXPIRED, Entitlement.EXPIRED, True),
    (TO_COME, Entitlement.NOT_BEGUN, True),
    (STANDARD, Entitlement.STANDARD, True),
    (STRANGER, Entitlement.UNVERIFIED, False),
    ("anonymous", Entitlement.UNVERIFIED, False),
]


@pytest.mark.parametrize(("shown", "standing", "known"), CASES)
def test_every_level_one_rings_where_the_file_says_ring(floor, shown, standing, known):
    call = floor.critical(shown)
    incident = floor.incident(call)
    assert (floor.call(call).stage, floor.ringing()) == (Stage.WAITING, [SANNE])
    assert incident.entitlement is standing
    assert (incident.customer is not None, incident.contact is not None) == (known, known)
    assert incident.respond_by == NOW + dt.timedelta(hours=4)


@pytest.mark.parametrize(("shown", "standing", "known"), CASES)
def test_only_the_entitled_ring_where_the_file_says_message(shown, standing, known):
    floor = Floor(unverified_level_1="message")
    call = floor.critical(shown)
    entitled = standing is Entitlement.ENTITLED
    assert floor.ringing() == ([SANNE] if entitled else [])
    assert floor.call(call).stage is (Stage.WAITING if entitled else Stage.MESSAGE)


def flood(floor, count, shown=STRANGER):
    calls = []
    for _ in range(count):
        calls.append(floor.critical(shown))
        floor.hang_up(calls[-1])
    return [floor.incident(call).escalation.phase is not EscalationPhase.QUIET for call in calls]


def test_a_stranger_is_rung_for_three_times_an_hour_and_then_leaves_a_message(floor):
    assert flood(floor, 4) == [True, True, True, False]
    floor.now = NOW + dt.timedelta(hours=1, seconds=1)
    assert flood(floor, 1) == [True]


def test_the_line_rings_ten_times_an_hour_for_strangers_of_all_numbers(floor):
    rung = [flood(floor, 1, f"+3168765432{n}")[0] for n in range(10)]
    assert all(rung)
    assert flood(floor, 1, "+31687654399") == [False]
    assert flood(floor, 1, PIETER) == [True]


@pytest.mark.parametrize("shown", [PIETER, EXPIRED, STANDARD])
def test_who_gave_the_right_pin_is_never_limited(floor, shown):
    assert all(flood(floor, 12, shown))


def test_a_limit_of_nought_rings_for_no_stranger():
    floor = Floor(unverified=UnverifiedRates(per_caller=RateLimit(0, dt.timedelta(hours=1))))
    assert flood(floor, 1) == [False]


def test_calls_that_were_not_rung_for_do_not_count(floor):
    limits = UnverifiedRates(per_caller=RateLimit(1, dt.timedelta(minutes=10)))
    floor.apply(unverified=limits)
    assert flood(floor, 1) == [True]
    floor.now = NOW + dt.timedelta(minutes=5)
    assert flood(floor, 1) == [False]
    floor.now = NOW + dt.timedelta(minutes=10, seconds=1)
    assert flood(floor, 1) == [True]


def quiet(floor, **changes):
    """A stranger beyond the limit."""
    floor.apply(
        unverified=UnverifiedRates(per_caller=RateLimit(0, dt.timedelta(hours=1))), **changes
    )
    return floor.critical(STRANGER)


def test_one_text_a_quarter_of_an_hour_tells_of_calls_that_did_not_ring(floor):
    for minutes, texts in ((0, 1), (1, 1), (14, 1), (16, 2), (29, 2), (31, 3)):
        floor.advance((NOW + dt.timedelta(minutes=minutes) - floor.now).total_seconds())
        quiet(floor)
        assert len(floor.exchange.texts) == texts
    assert floor.legs() == []


def test_that_text_goes_to_the_first_step_with_anybody_on_call(floor):
    quiet(floor, escalation=stepping(("empty",), ("joris",)))
    assert floor.exchange.texts == [JORIS]


def test_with_nobody_on_call_the_duty_manager_is_told_and_the_message_is_still_taken(floor):
    manager = DutyManager(phone="+31612349999")
    call = quiet(floor, escalation=stepping(("empty",)), duty_manager=manager)
    floor.work()
    assert floor.exchange.texts == [manager.phone]
    assert prompts(floor.script(call)) == ["ask_message_unrung"]


@pytest.mark.parametrize(
    ("recording", "said", "outcome"),
    [
        ("http://spoken", "message_farewell", CallOutcome.MESSAGE),
        (None, "goodbye", CallOutcome.ABANDONED),
    ],
)
def test_after_the_message_the_call_is_over(floor, recording, said, outcome):
    call = quiet(floor)
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, recording))
    assert prompts(floor.script(call)) == [said]
    floor.hang_up(call)
    assert floor.call(call).outcome is outcome
    assert [r.url for r in floor.spoken(call)] == ([recording] if recording else [])


def test_a_text_back_while_such_a_message_is_spoken_rings_nobody(floor):
    """Nobody waits there: the caller was told so."""
    call = quiet(floor)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "sanne"))
    floor.work()
    assert floor.ringing() == []
    assert floor.incident(call).state is IncidentState.ACKNOWLEDGED


def test_notices_go_by_the_channels_of_the_file(floor):
    floor.apply(paging=Paging((Channel.EMAIL,)))
    floor.critical()
    assert floor.exchange.texts == []


def test_an_engineer_without_a_telephone_is_passed_over(floor):
    sanne, joris = floor.line.engineers
    floor.apply(engineers=(type(sanne)("sanne", "Sanne de Vries", ()), joris))
    floor.critical()
    assert floor.ringing() == [JORIS]
