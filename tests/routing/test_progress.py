"""What a customer may see: one headline for every state, and nothing about an engineer in it."""

import datetime as dt
from dataclasses import asdict, dataclass, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import events
from routing.call import Call, Entitlement, Stage
from routing.decision import Case
from routing.incident import EscalationPhase, EscalationState, Incident, IncidentState
from routing.incidents.progress import Progress, ProgressKind, ProgressStep, describe_progress
from routing.journal import JournalEvent
from routing.line import LAST_RESORT, Channel
from routing.message import Via
from routing.page import CustomerLeg, LegState, Page, PageResult
from tests.routing.floor import (
    ENGINEERS,
    JORIS,
    NOW,
    PIETER,
    SANNE,
    SANNES_DESK,
    Floor,
    stepping,
)

KIND = ProgressKind
FLOOR = Floor()
FACTS = FLOOR.desk.facts(FLOOR.line)

PEOPLE = ("sanne", "joris", LAST_RESORT)
PHONES = {"sanne": SANNE, "joris": JORIS, LAST_RESORT: "+31207654321"}
SECRETS = (
    *(one.id for one in ENGINEERS),
    *(one.name for one in ENGINEERS),
    *(word for one in ENGINEERS for word in one.name.split() if len(word) > 3),
    *(phone for one in ENGINEERS for phone in one.phones),
    *(phone[-4:] for one in ENGINEERS for phone in one.phones),
)
MOMENTS = st.none() | st.integers(0, 9999).map(lambda s: NOW - dt.timedelta(seconds=s))
NUMBERS = st.sampled_from([None, PIETER, "+31612345699"])


@st.composite
def pages(draw: st.DrawFn) -> Page:
    person = draw(st.sampled_from(PEOPLE))
    return Page(
        id=draw(st.uuids()).hex,
        at=NOW,
        engineer=person,
        channel=draw(st.sampled_from(Channel)),
        to=PHONES[person],
        result=draw(st.none() | st.sampled_from(PageResult)),
        state=draw(st.sampled_from(LegState)),
        retried=draw(st.booleans()),
        reason="sanne is not there",
    )


CUSTOMER_LEGS = st.none() | st.builds(
    CustomerLeg,
    number=st.just(1),
    at=st.just(NOW),
    by=st.just("Pieter Jansen"),
    to=st.just(PIETER),
    language=st.just("nl"),
    state=st.sampled_from(LegState),
    result=st.none() | st.sampled_from(PageResult),
    reason=st.just("busy"),
)


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    people = draw(st.lists(st.sampled_from(PEOPLE), unique=True))
    escalation = EscalationState(
        phase=draw(st.sampled_from(EscalationPhase)),
        rung=tuple(people),
        missed=tuple(draw(st.lists(st.sampled_from(PEOPLE), unique=True))),
        resumes_at=draw(MOMENTS),
        first=draw(st.none() | st.sampled_from(PEOPLE)),
    )
    person = st.none() | st.sampled_from(PEOPLE)
    return Incident(
        key="a" * 32,
        line="main",
        opened_at=NOW - dt.timedelta(hours=1),
        urgency=draw(st.integers(1, 4)),
        language="nl",
        entitlement=Entitlement.ENTITLED,
        caller=draw(NUMBERS),
        undialled=draw(st.none() | st.just("an expensive number")),
        state=draw(st.sampled_from(IncidentState)),
        acknowledged_by=draw(person),
        acknowledged_at=draw(MOMENTS),
        waiting_since=draw(MOMENTS),
        waiting_for="sanne wants the logs",
        waiting_by=draw(person),
        responded_at=draw(MOMENTS),
        responded_by=draw(person),
        closed_at=draw(MOMENTS),
        closed_by=draw(person),
        previous_engineer=draw(person),
        reached=draw(st.booleans()),
        escalation=escalation,
        pages=tuple(draw(st.lists(pages(), max_size=4))),
        customer_leg=draw(CUSTOMER_LEGS),
    )


CALLS = st.none() | st.builds(
    Call,
    id=st.just("b" * 32),
    sid=st.just("CA1"),
    line=st.just("main"),
    shown=st.just(PIETER),
    caller=NUMBERS,
    language=st.just("nl"),
    started_at=st.just(NOW),
    stage=st.sampled_from(Stage),
    answered_by=st.none() | st.sampled_from(PEOPLE),
)


@given(incidents(), CALLS, st.lists(pages(), max_size=4))
def test_no_state_shows_an_engineers_name_or_number(incident, call, ended):
    progress = describe_progress(FACTS, Case(call, incident), ended)
    shown = repr(asdict(progress)) + "".join(
        step.sentence for step in (progress.headline, *progress.steps)
    )
    assert not [secret for secret in SECRETS if secret in shown]


@given(incidents(), CALLS)
def test_digits_are_those_of_the_number_that_is_called(incident, call):
    progress = describe_progress(FACTS, Case(call, incident))
    called = {(incident.dialled or "")[-4:], ""}
    if incident.customer_leg is not None:
        called.add(incident.customer_leg.to[-4:])
    assert {step.digits for step in (progress.headline, *progress.steps)} <= called


@given(incidents(), CALLS)
def test_the_same_state_is_described_alike_with_its_steps_in_order(incident, call):
    case = Case(call, incident)
    progress = describe_progress(FACTS, case)
    assert progress == describe_progress(FACTS, case)
    moments = [step.at for step in progress.steps if step.at is not None]
    assert moments == sorted(moments)
    assert progress.over == (incident.state is IncidentState.CLOSED)


def test_a_step_has_room_for_nothing_else():
    assert [field.name for field in fields(ProgressStep)] == [
        "kind",
        "at",
        "ordinal",
        "count",
        "digits",
        "until",
    ]


def progress_of(floor: Floor, call: str) -> Progress:
    """As the page reads it: the incident, its latest call, and all of its pages."""
    case = floor.book.find_by_incident(floor.incident(call).key)
    facts = floor.desk.facts(floor.line)
    journal = [Happened(at, entry.event) for at, _, entry in floor.book.rows.journal]
    return describe_progress(facts, case, floor.legs(), journal)


@dataclass(frozen=True)
class Happened:
    at: dt.datetime
    event: str


def headline(floor: Floor, call: str) -> tuple[ProgressKind, int]:
    shown = progress_of(floor, call).headline
    return shown.kind, shown.ordinal


def kinds(progress: Progress) -> list[str]:
    return [step.sentence for step in progress.steps]


def test_the_page_says_what_a_caller_would_hear(floor):
    call = floor.critical()
    assert headline(floor, call) == (KIND.TRYING, 1)
    assert progress_of(floor, call).on_line
    floor.hang_up(call)
    assert not progress_of(floor, call).on_line
    floor.advance(31)
    assert floor.ringing() == [SANNES_DESK]
    assert headline(floor, call) == (KIND.TRYING_AGAIN, 1)  # her other telephone: still the first
    floor.advance(31)
    assert floor.ringing() == [JORIS]
    assert headline(floor, call) == (KIND.TRYING, 2)
    assert progress_of(floor, call).headline.sentence == "trying_2"
    floor.take(JORIS)
    taken = progress_of(floor, call).headline
    assert (taken.kind, taken.digits) == (KIND.ENGINEER_CALLS, PIETER[-4:])
    assert kinds(progress_of(floor, call)) == ["received", "tried_1", "tried_2", "taken"]


def test_people_who_are_rung_at_once_are_in_their_order(floor):
    floor.apply(escalation=stepping(("primary", "secondary")))
    call = floor.critical()
    shown = progress_of(floor, call)
    assert (shown.headline.kind, shown.headline.count) == (KIND.TRYING_MANY, 2)
    backwards = describe_progress(
        floor.desk.facts(floor.line),
        floor.book.find_by_incident(floor.incident(call).key),
        floor.legs()[::-1],
    )
    assert kinds(backwards) == ["received", "tried_1", "tried_2"]


def test_everybody_was_tried_and_it_says_when_again(floor):
    call = floor.critical()
    floor.hang_up(call)
    seen = set()
    for _ in range(60):
        floor.advance(5)
        shown = progress_of(floor, call).headline
        seen.add(shown.kind)
        if shown.kind is KIND.ALL_TRIED:
            break
    assert shown.until is not None
    assert shown.until > floor.now
    assert seen >= {KIND.TRYING, KIND.TRYING_AGAIN, KIND.LAST_RESORT, KIND.ALL_TRIED}
    assert kinds(progress_of(floor, call))[-1] == "last_resort_tried"


def test_the_conversation_and_what_follows_it(floor):
    call = floor.critical()
    floor.take(SANNE)
    assert headline(floor, call)[0] is KIND.CONNECTING
    floor.meet(SANNE)
    assert headline(floor, call)[0] is KIND.TALKING
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    assert headline(floor, call)[0] is KIND.WORKING
    key = floor.incident(call).key
    floor.desk.happen(events.WaitsForCustomer(key, "sanne", Via.CONSOLE, "the logs", "c" * 32))
    assert headline(floor, call)[0] is KIND.WAITS_FOR_YOU
    floor.desk.happen(events.CustomerReplied(key, "contact", Via.CONSOLE))
    floor.desk.happen(events.Responded(key, "sanne", Via.CONSOLE))
    assert headline(floor, call)[0] is KIND.RESPONDED
    floor.desk.happen(events.Closed(key, "sanne", Via.CONSOLE))
    assert headline(floor, call)[0] is KIND.CLOSED
    assert progress_of(floor, call).over


def test_what_was_taken_and_answered_stays_when_it_is_opened_again(floor):
    call = floor.critical()
    floor.advance(5)
    floor.take(SANNE)
    floor.meet(SANNE)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    floor.drop(SANNE)
    key = floor.incident(call).key
    floor.advance(60)
    floor.desk.happen(events.Responded(key, "sanne", Via.CONSOLE))
    floor.advance(60)
    floor.desk.happen(events.CustomerWrote(key, "d" * 32, "Pieter", Via.PORTAL, "stil"))
    floor.work()
    shown = progress_of(floor, call)
    assert shown.headline.kind is KIND.ANSWERED_BEFORE
    assert kinds(shown) == ["received", "tried_1", "taken_without_number", "responded"]
    floor.advance(5)
    floor.take(SANNE)
    assert headline(floor, call)[0] is KIND.TAKEN
    assert kinds(progress_of(floor, call))[-2:] == ["responded", "taken"]


def test_whoever_is_rung_after_it_was_taken_is_rung_again(floor):
    call = floor.critical()
    case = floor.book.find_by_incident(floor.incident(call).key)
    taken = Happened(floor.now, JournalEvent.ACCEPTED)
    shown = describe_progress(floor.desk.facts(floor.line), case, floor.legs(), [taken])
    assert shown.headline.kind is KIND.CALLING_AGAIN
    assert "taken_without_number" in kinds(shown)


def test_an_engineer_who_calls_back_is_announced_with_the_digits_of_the_number(floor):
    call = floor.critical()
    floor.hang_up(call)
    floor.take(SANNE)
    shown = progress_of(floor, call).headline
    assert (shown.kind, shown.digits) == (KIND.ENGINEER_CALLS, PIETER[-4:])


@pytest.mark.parametrize(
    ("state", "result", "kind"),
    [
        (LegState.RINGING, None, KIND.RINGING_YOU),
        (LegState.ENDED, PageResult.ACCEPTED, KIND.YOU_ANSWERED),
        (LegState.ENDED, PageResult.BUSY, KIND.YOU_BUSY),
        (LegState.ENDED, PageResult.NO_ANSWER, KIND.YOU_NO_ANSWER),
        (LegState.ENDED, PageResult.NO_KEY, KIND.YOU_NO_KEY),
        (LegState.ENDED, PageResult.FAILED, KIND.YOU_NOT_REACHED),
        (LegState.ENDED, PageResult.CANCELED, KIND.YOU_CALLED),
    ],
)
def test_what_became_of_the_call_that_the_customer_asked_for(state, result, kind):
    leg = CustomerLeg(1, NOW, "Pieter Jansen", PIETER, "nl", state, result=result)
    incident = Incident("a" * 32, "main", NOW, 1, "nl", Entitlement.ENTITLED, customer_leg=leg)
    progress = describe_progress(FACTS, Case(None, incident))
    assert [(step.kind, step.digits) for step in progress.steps if step.digits] == [
        (kind, PIETER[-4:])
    ]
    assert (progress.headline.kind is KIND.RINGING_YOU) == leg.live


def test_there_is_progress_of_an_incident_only():
    with pytest.raises(ValueError, match="incident"):
        describe_progress(FACTS, Case())
