"""What a plan includes decides who is rung, in which order, by which clock, and what is said."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing import events
from routing.call import Entitlement, Preamble, Stage
from routing.call_service import lodge
from routing.caller.identify import build_identity, find_entitlement
from routing.contracts import coverage
from routing.contracts.plans import CoveredHours, Door, OfficeTime, Plan, PlanLevel
from routing.incident import UNRANKED, EscalationPhase, IncidentSource
from routing.journal import JournalEvent
from routing.line import (
    Condition,
    Engineer,
    Escalation,
    Route,
    Schedule,
    Shift,
    SignatureDesk,
    Step,
)
from tests.routing.floor import ENGINEERS, JORIS, LINE, PIN, SANNE, Floor, contract, prompts
from tests.words import words_of

MILAN = "+31612345603"
HOUR = dt.timedelta(hours=1)
NIGHT = dt.datetime(2026, 3, 2, 22, 0, tzinfo=dt.UTC)
ALWAYS, OFFICE = CoveredHours.ALWAYS, CoveredHours.OFFICE


def level(hours=ALWAYS, within=None, ring=(), *, office=False):
    promised = OfficeTime(within, office=office) if within else None
    return PlanLevel(hours, promised, ring)


def names(name):
    return (("nl", name), ("en", name))


ENTERPRISE = Plan(
    "enterprise",
    names("Enterprise"),
    rank=1,
    premium_incidents=None,
    levels=(
        (1, level(within=HOUR / 2, ring=("large",))),
        (2, level(within=2 * HOUR, ring=("large",))),
    ),
)
PLUS = Plan(
    "plus",
    names("Plus"),
    rank=3,
    premium_incidents=4,
    levels=((1, level(OFFICE, 4 * HOUR, ("large",), office=True)),),
)
START = Plan(
    "start",
    (("nl", "Begin"), ("en", "Start")),
    rank=4,
    doors=(Door.PORTAL, Door.EMAIL),
    requests=("incident",),
)
PLANS = (PLUS, ENTERPRISE, START)
BIG, SMALL, MAILER = "+31612345691", "+31612345692", "+31612345693"
CUSTOMERS = (
    contract("300001", "Bea Groot", BIG, plan="enterprise"),
    contract("300002", "Kees Klein", SMALL, plan="plus"),
    contract("300003", "Mia Mail", MAILER, plan="start"),
)


def sold():
    """A line that sells three plans, with a customer of each."""
    milan = Engineer("milan", "Milan Visser", (MILAN,))
    large = Schedule("large", "Europe/Amsterdam", (Shift(people=("milan",)),))
    found = Floor(
        engineers=(*ENGINEERS, milan),
        schedules=(*LINE.schedules, large),
        desk=Step(("joris",), dt.timedelta(seconds=20)),
        plans=PLANS,
    )
    found.people.contracts = {("main", one.number): one for one in CUSTOMERS}
    return found


@pytest.fixture
def floor():
    return sold()


def identified(floor, phone):
    call = floor.dial(phone)
    floor.pin(call, f"{PIN}#")
    floor.something_new(call)
    return call


def reasons(floor, event):
    return [note.reason for _, _, note in floor.book.rows.journal if note.event is event]


# Who is rung.


def test_the_people_of_the_plan_are_rung_before_those_of_the_steps(floor):
    floor.critical(BIG)
    assert floor.ringing() == [MILAN]
    assert "that of plan Enterprise: on call milan" in reasons(floor, JournalEvent.STEP)[0]
    floor.drop(MILAN, events.Heard.NO_ANSWER)
    assert floor.ringing() == [SANNE]


def test_a_step_with_the_same_people_is_not_rung_twice(floor):
    floor.apply(escalation=Escalation((Step(("large",)), Step(("secondary",)))))
    floor.critical(BIG)
    floor.drop(MILAN, events.Heard.NO_ANSWER)
    assert floor.ringing() == [JORIS]


def test_a_route_comes_before_the_people_of_the_plan(floor):
    route = Route(Condition(plans=("enterprise",)), Escalation((Step(("secondary",)),)))
    floor.apply(routes=(route,))
    floor.critical(BIG)
    assert floor.ringing() == [JORIS]
    assert "step 1: on call joris" in reasons(floor, JournalEvent.STEP)[0]


def test_at_level_2_the_people_of_the_plan_are_the_desk_and_the_desk_stands_in(floor):
    call = identified(floor, BIG)
    floor.press(call, "2")
    floor.work()
    assert floor.ringing() == [MILAN]
    floor.hang_up(call)
    floor.drop(MILAN)
    empty = replace(floor.line.schedules[-1], shifts=())
    floor.apply(schedules=(*floor.line.schedules[:-1], empty))
    again = identified(floor, BIG)
    floor.press(again, "2")
    floor.advance(1)
    assert floor.ringing() == [JORIS]


def test_a_level_that_is_always_covered_rings_its_people_at_night(floor):
    floor.now = NIGHT
    call = identified(floor, BIG)
    floor.press(call, "2")
    floor.work()
    assert floor.incident(call).escalation.phase is EscalationPhase.ROW
    assert floor.ringing() == [MILAN]
    floor.talk(call, MILAN)
    assert floor.incident(call).acknowledged_by == "milan"


def test_at_night_nobody_else_is_rung_at_level_2(floor):
    floor.now = NIGHT
    call = identified(floor, SMALL)
    floor.press(call, "2")
    floor.work()
    assert floor.call(call).stage is Stage.LATER
    assert floor.ringing() == []


def test_reported_at_night_the_people_of_the_plan_are_told_at_once(floor):
    floor.now = NIGHT
    report(floor, CUSTOMERS[0], urgency=2)
    floor.work()
    assert MILAN in floor.exchange.texts


# Level 1 in office hours only.


def test_in_office_hours_the_plan_has_level_1_by_right(floor):
    floor.apply(unverified_level_1="message")
    call = floor.critical(SMALL)
    assert floor.incident(call).entitlement is Entitlement.ENTITLED
    assert floor.ringing() == [MILAN]
    assert "which includes level 1 in office hours only" in reasons(floor, JournalEvent.OPENED)[0]


def test_outside_them_it_is_served_as_a_plan_without_priority_and_says_so(floor):
    floor.now = NIGHT
    call = identified(floor, SMALL)
    floor.press(call, "1")
    assert prompts(floor.script(call)) == ["plan_hours", "confirm_level_1"]
    assert words_of("plan_hours", plan="Plus") in heard(floor, call)
    floor.press(call, "1")
    floor.work()
    incident = floor.incident(call)
    assert (incident.entitlement, incident.rank) == (Entitlement.STANDARD, START.rank)
    assert floor.ringing() == [SANNE]
    floor.answer(SANNE)
    assert "whisper_outside_hours" in prompts(floor.whisper(SANNE))
    floor.take(SANNE)
    assert not floor.incident(call).premium


def test_outside_them_nobody_is_woken_where_the_file_says_message(floor):
    floor.now = NIGHT
    floor.apply(unverified_level_1="message")
    call = identified(floor, SMALL)
    floor.press(call, "1")
    assert prompts(floor.script(call)) == ["plan_hours", "confirm_message"]
    floor.press(call, "1")
    floor.work()
    assert floor.ringing() == []
    assert floor.call(call).stage is Stage.MESSAGE


def test_a_plan_that_always_includes_level_1_has_it_at_night(floor):
    floor.now = NIGHT
    floor.apply(unverified_level_1="message")
    call = identified(floor, BIG)
    floor.press(call, "1")
    assert prompts(floor.script(call)) == ["confirm_level_1"]
    floor.press(call, "1")
    floor.work()
    assert floor.incident(call).entitlement is Entitlement.ENTITLED
    assert floor.ringing() == [MILAN]


def test_an_incident_that_becomes_level_1_is_looked_at_again(floor):
    floor.now = NIGHT
    call = identified(floor, SMALL)
    floor.press(call, "3")
    assert floor.incident(call).entitlement is Entitlement.ENTITLED
    assert floor.incident(call).rank == PLUS.rank
    floor.press(call, "3")
    assert prompts(floor.script(call))[0] == "plan_hours"
    floor.press(call, "1")
    incident = floor.incident(call)
    assert (incident.entitlement, incident.rank) == (Entitlement.STANDARD, START.rank)
    assert "in office hours only" in reasons(floor, JournalEvent.RAISED)[0]


def test_what_is_reported_is_looked_at_in_the_same_way(floor):
    floor.apply(unverified_level_1="message")
    report(floor, CUSTOMERS[1], urgency=1)
    floor.work()
    assert floor.ringing() == [MILAN]
    floor.drop(MILAN)
    floor.now = NIGHT
    report(floor, CUSTOMERS[1], urgency=1, key="b" * 32)
    floor.work()
    assert floor.book.find_by_incident("b" * 32).incident.entitlement is Entitlement.STANDARD
    assert "not_rung" in floor.notes()


def report(floor, one, urgency, key="a" * 32):
    worth = find_entitlement(one, floor.line, floor.now)
    identity = build_identity(one, one.contacts[0], worth, floor.line)
    lodge(
        floor.desk,
        events.Lodged(
            key=key,
            line="main",
            source=IncidentSource.PORTAL,
            urgency=urgency,
            language="nl",
            entitlement=worth,
            identity=identity,
            words="De server is uit",
        ),
    )


def heard(floor, call):
    return floor.xml(floor.script(call))


# The telephone, and the requests.


def test_a_caller_whose_plan_has_no_telephone_hears_so_and_is_not_lost(floor):
    call = floor.dial(MAILER)
    floor.pin(call, f"{PIN}#")
    assert floor.call(call).remark is Preamble.NO_PHONE
    said = heard(floor, call)
    assert words_of("plan_without_phone_portal_email", plan="Begin") in said
    assert "toets 1" in said.lower()
    assert reasons(floor, JournalEvent.NOT_INCLUDED) == [
        "plan Start does not include the telephone"
    ]
    floor.press(call, "1")
    assert prompts(floor.script(call)) == ["confirm_level_1"]
    floor.press(call, "1")
    floor.work()
    assert floor.ringing() == [SANNE]
    floor.answer(SANNE)
    assert "Contract zonder telefoon." in floor.xml(floor.whisper(SANNE))


def test_a_plan_with_level_1_and_no_telephone_wakes_nobody_by_right(floor):
    floor.apply(
        plans=(replace(ENTERPRISE, doors=(Door.PORTAL,)), *PLANS[::2]),
        unverified_level_1="message",
    )
    call = identified(floor, BIG)
    floor.press(call, "1")
    assert prompts(floor.script(call)) == ["confirm_message"]
    floor.press(call, "1")
    floor.work()
    assert floor.ringing() == []


@pytest.mark.parametrize(("phone", "rung"), [(SMALL, JORIS), (MAILER, SANNE)])
def test_zero_is_the_desk_only_where_the_plan_has_a_telephone(floor, phone, rung):
    call = identified(floor, phone)
    floor.press(call, "0")
    floor.work()
    assert floor.ringing() == [rung]


def test_at_other_levels_they_leave_a_message_and_the_desk_is_told(floor):
    call = identified(floor, MAILER)
    floor.press(call, "2")
    floor.work()
    assert floor.call(call).stage is Stage.LATER
    assert floor.incident(call).queued_at is None
    assert floor.ringing() == []
    assert floor.exchange.texts == [JORIS]


@pytest.mark.parametrize(
    ("doors", "ways"),
    [
        ((Door.PORTAL,), ["plan_without_phone_portal"]),
        ((Door.EMAIL,), ["plan_without_phone_email"]),
        (tuple(Door), []),
    ],
)
def test_the_sentence_names_the_doors_of_the_plan(floor, doors, ways):
    floor.apply(plans=(*PLANS[:2], replace(START, doors=doors)))
    call = floor.dial(MAILER)
    floor.pin(call, f"{PIN}#")
    said = prompts(floor.script(call))
    assert [one for one in said if one.startswith("plan_")] == ways


def test_a_file_that_adds_the_telephone_during_the_call_leaves_no_silence(floor):
    call = floor.dial(MAILER)
    floor.pin(call, f"{PIN}#")
    floor.apply(plans=(*PLANS[:2], replace(START, doors=(Door.PHONE,))))
    assert prompts(floor.script(call))[0] == "urgency_menu"


@pytest.mark.parametrize(("phone", "offered"), [(SMALL, True), (MAILER, False)])
def test_virus_recognition_is_offered_where_the_plan_includes_it(floor, phone, offered):
    floor.apply(signature_desk=SignatureDesk(("joris",)))
    call = identified(floor, phone)
    assert ("urgency_request" in prompts(floor.script(call))) is offered
    floor.press(call, "5")
    assert (floor.call(call).stage is Stage.VERDICT) is offered


def test_who_is_not_identified_is_offered_all(floor):
    floor.apply(signature_desk=SignatureDesk(("joris",)))
    call = floor.dial("+31687654321")
    floor.press(call, "1")
    floor.contract(call, "0")
    assert "urgency_request" in prompts(floor.script(call))


def test_requests_about_recognition_stay_with_their_specialists(floor):
    floor.apply(signature_desk=SignatureDesk(("sanne",)))
    plan = replace(ENTERPRISE, levels=(*ENTERPRISE.levels, (3, level(ring=("large",)))))
    floor.apply(plans=(plan, *PLANS[2:]))
    call = identified(floor, BIG)
    for key in ("5", "1", "1", "2"):
        floor.press(call, key)
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, "http://said/1"))
    floor.work()
    assert floor.ringing() == [SANNE]


def test_a_plan_without_level_1_is_told_to_the_engineer(floor):
    floor.apply(plans=(*PLANS[:2], replace(START, doors=tuple(Door))))
    floor.critical(MAILER)
    floor.answer(SANNE)
    assert "Contract zonder voorrang." in floor.xml(floor.whisper(SANNE))
    assert "which does not include level 1" in reasons(floor, JournalEvent.OPENED)[0]


# The clock.


@pytest.mark.parametrize(
    ("phone", "key", "promised"),
    [
        (BIG, "1", OfficeTime(HOUR / 2)),
        (BIG, "2", OfficeTime(2 * HOUR)),
        (BIG, "3", OfficeTime(9 * HOUR)),
        (SMALL, "1", OfficeTime(4 * HOUR, office=True)),
        (SMALL, "3", OfficeTime(9 * HOUR)),
        (MAILER, "2", None),
    ],
)
def test_the_plan_comes_before_the_promise_of_the_line(floor, phone, key, promised):
    floor.apply(respond_within=((1, OfficeTime(8 * HOUR)), (3, OfficeTime(9 * HOUR))))
    call = identified(floor, phone)
    floor.press(call, key)
    if key == "1":
        floor.press(call, "1")
    assert floor.incident(call).clock.promised == promised


def test_a_contract_that_is_not_in_force_has_the_promise_of_the_line_and_the_last_rank(floor):
    late = replace(CUSTOMERS[0], valid_until=dt.date(2025, 12, 31))
    floor.people.contracts["main", late.number] = late
    call = floor.critical(BIG)
    incident = floor.incident(call)
    assert incident.clock.promised == dict(LINE.respond_within)[1]
    assert (incident.plan, incident.rank) == ("start", START.rank)
    assert floor.ringing() == [SANNE]
    assert reasons(floor, JournalEvent.OPENED) == ["level 1, expired"]


def test_who_is_not_identified_goes_last(floor):
    floor.apply(plans=(replace(START, rank=998),))
    call = floor.critical("+31687654321")
    assert floor.incident(call).rank == UNRANKED > 998


# What counts.


@pytest.mark.parametrize(("phone", "left"), [(BIG, None), (SMALL, 1)])
def test_what_is_left_is_said_where_the_plan_has_a_limit(floor, phone, left):
    floor.apply(plans=(replace(PLUS, premium_incidents=1), ENTERPRISE, START))
    call = floor.critical(phone)
    assert floor.incident(call).few_left == left
    floor.take(MILAN)
    assert floor.incident(call).premium
    nth = "of no limit" if left is None else "1 of 1"
    assert nth in reasons(floor, JournalEvent.COUNTED)[0]


def test_the_number_of_a_contract_comes_before_that_of_its_plan(floor):
    own = replace(CUSTOMERS[0], premium_incidents=2)
    floor.people.contracts["main", own.number] = own
    assert floor.incident(floor.critical(BIG)).few_left == 2


# The order.


def test_a_changed_rank_counts_for_those_who_call_after_it(floor):
    desk = Step(("joris",), dt.timedelta(seconds=20))
    floor.apply(plans=(PLUS, replace(ENTERPRISE, levels=()), START), desk=desk)
    busy = identified(floor, SMALL)
    floor.press(busy, "3")
    floor.work()
    floor.talk(busy, JORIS)
    waiting = [identified(floor, phone) for phone in (SMALL, BIG)]
    for call in waiting:
        floor.press(call, "3")
        floor.advance(1)
    order = floor.book.desk_queue.find_waiting("main")
    assert order == [floor.incident(call).key for call in (waiting[1], waiting[0])]
    floor.apply(plans=(replace(PLUS, rank=1), replace(ENTERPRISE, rank=2, levels=()), START))
    assert floor.book.desk_queue.find_waiting("main") == order
    new = identified(floor, SMALL)
    floor.press(new, "3")
    assert floor.incident(new).rank == 1


RANKS = st.lists(st.integers(1, 998), min_size=1, max_size=5)


def plans_of(ranks):
    included = ((1, PlanLevel(ALWAYS)),)
    return tuple(
        Plan(f"p{n}", names(f"P{n}"), rank, 12, levels=included) for n, rank in enumerate(ranks)
    )


def customers_of(ranks, chosen):
    return [
        (
            contract(f"4{n:05}", f"Klant {n}", f"+3162000{n:04}", plan=f"p{one % len(ranks)}"),
            ranks[one % len(ranks)],
        )
        for n, one in enumerate(chosen)
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RANKS, st.lists(st.integers(0, 4), min_size=2, max_size=5), st.sampled_from("13"))
def test_for_any_plans_the_lowest_rank_goes_first_at_the_desk_and_at_level_1(ranks, chosen, key):
    """One engineer, busy while all others call; whenever they are free, somebody is served."""
    floor = Floor(
        plans=plans_of(ranks),
        desk=Step(("joris",), dt.timedelta(seconds=20)),
        escalation=Escalation((Step(("joris",), dt.timedelta(minutes=9)),), repeat=100),
    )
    people = customers_of(ranks, [0, *chosen])
    floor.people.contracts = {("main", one.number): one for one, _ in people}
    calls = []
    for one, rank in people:
        call = identified(floor, one.contacts[0].phones[0])
        floor.press(call, key)
        if key == "1":
            floor.press(call, "1")
        floor.work()
        calls.append((rank, len(calls), call))
        if len(calls) == 1:
            floor.talk(call, JORIS)
        floor.advance(1)
    served = []
    talking = calls[0][2]
    for _ in chosen:
        floor.hang_up(talking)
        floor.drop(JORIS)
        floor.advance(2)
        leg = floor.leg(JORIS)
        incident = floor.desk.leg(leg.id).incident
        talking = incident.call
        served.append(talking)
        floor.talk(talking, JORIS)
    assert served == [call for _, _, call in sorted(calls[1:])]


@given(st.integers(1, 998), st.integers(1, 998), st.sampled_from(list(Entitlement)))
def test_the_sort_key_has_the_order_of_the_ranks(one, other, standing):
    line = replace(LINE, plans=(replace(PLUS, rank=one), replace(START, rank=other)))
    rank = coverage.find_rank(line, coverage.find_plan(line, standing, "plus"), standing)
    assert rank in {one, max(one, other), UNRANKED}
    assert (rank == UNRANKED) is (standing is Entitlement.UNVERIFIED)
