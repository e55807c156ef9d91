"""Two incidents are one matter: one clock, one premium place, one owner, and no silence."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.call import CallOutcome, Stage
from routing.decision import Case, LostRaceError
from routing.incident import (
    ClockState,
    EscalationPhase,
    IncidentKind,
    IncidentSource,
    IncidentState,
)
from routing.incidents.merging import why_not_merged
from routing.line import DutyManager, OfficeTime, Step, Webhook
from routing.message import DUTY_MANAGER, Via
from routing.page import LegState
from tests.routing.floor import JORIS, PIETER, PIN, SANNE, Floor, stepping
from tests.routing.test_correspondence import MANAGER, had, told, wrote
from tests.routing.test_reports_by_api import KNOWN, NOBODY, lodged, now

DESK = Step(("joris",), dt.timedelta(seconds=20))


def promising():
    """A line with a desk, which promises a response at three levels."""
    hours = ((1, 1), (2, 2), (3, 8))
    promises = tuple((level, OfficeTime(dt.timedelta(hours=h))) for level, h in hours)
    manager = DutyManager(MANAGER)
    return Floor(desk=DESK, respond_within=promises, duty_manager=manager)


@pytest.fixture
def floor():
    return promising()


def written(floor, key, urgency=3, **changes):
    floor.now += dt.timedelta(seconds=1)
    return lodged(floor, replace(KNOWN, key=key * 32, urgency=urgency, **changes))


def merge(floor, one, into, by="duty_manager"):
    floor.desk.happen(events.Merged(one.key, into.key, by, Via.CONSOLE, "one matter"))
    floor.work()
    return now(floor, one), now(floor, into)


def assert_nobody_rings_for(floor, incident):
    assert floor.book.find_by_incident(incident.key).incident.legs() == ()


# The matter


def test_one_is_closed_and_points_to_the_other(floor):
    one, other = written(floor, "a"), written(floor, "b")
    merged, into = merge(floor, one, other)
    assert (merged.state, merged.merged_into) == (IncidentState.CLOSED, into.key)
    assert (into.state, into.merged) == (IncidentState.OPEN, (merged.key,))
    reasons = [entry.reason for _, _, entry in floor.book.rows.journal]
    assert f"goes on as incident {into.number}, duty_manager by console: one matter" in reasons


def test_what_was_written_is_seen_under_the_survivor_even_after_a_second_merge(floor):
    one, other, third = (written(floor, key, words=key) for key in "abc")
    merge(floor, one, other)
    merge(floor, other, third)
    found = floor.book.correspondence.find_messages(third.key)
    assert [message.words for message in found] == ["a", "b", "c"]
    assert now(floor, third).merged == (other.key, one.key)


MAIL = replace(NOBODY, source=IncidentSource.EMAIL, urgency=3, by="x@elders.example", phone=None)


def test_a_stranger_is_not_told_that_their_report_goes_on_under_a_contract(floor):
    strange, ours = lodged(floor, replace(MAIL, key="a" * 32)), written(floor, "b")
    merge(floor, strange, ours)
    assert told(floor, "customer_merged") == []


def test_a_stranger_and_a_customer_are_told_the_number_of_what_is_their_own(floor):
    strange, other = (lodged(floor, replace(MAIL, key=key * 32)) for key in "ab")
    merge(floor, strange, other)
    merge(floor, written(floor, "c"), written(floor, "d"))
    assert told(floor, "customer_merged") == ["contact", "contact"]


def test_what_the_customer_writes_to_the_old_number_reaches_the_survivor(floor):
    one, other, third = (written(floor, key) for key in "abc")
    had(floor, third)
    merge(floor, one, other)
    merge(floor, other, third)
    after = wrote(floor, one)
    assert after.key == third.key
    assert floor.book.correspondence.find_messages(third.key)[-1].incident == third.key


def test_what_an_engineer_says_of_the_old_number_is_done_to_the_survivor(floor):
    one, other = written(floor, "a"), written(floor, "b")
    merge(floor, one, other)
    floor.desk.happen(events.Responded(one.key, "joris", Via.CONSOLE))
    assert now(floor, other).state is IncidentState.RESPONDED


def test_programs_are_told_that_one_is_closed(floor):
    floor.apply(webhooks=(Webhook("tickets", "https://tickets.example.org/", "WEBHOOK_TICKETS"),))
    one, other = written(floor, "a", 1), written(floor, "b", 3)
    floor.book.rows.webhook_events.clear()
    merge(floor, one, other)
    happened = {(d.incident, d.happening) for d in floor.book.rows.webhook_events}
    assert happened == {(one.key, "closed"), (other.key, "raised")}


# The clock


def test_the_clock_that_is_due_first_goes_on(floor):
    soon, late = written(floor, "a", 2), written(floor, "b", 3)
    merged, into = merge(floor, soon, late)
    assert (into.respond_by, into.urgency) == (soon.respond_by, 2)
    assert (into.clock.state, merged.clock.state) == (ClockState.RUNNING, ClockState.STOPPED)
    floor.now = soon.respond_by + dt.timedelta(seconds=1)
    floor.work()
    assert now(floor, into).breached_at == soon.respond_by
    assert now(floor, merged).breached_at is None


def test_the_survivors_own_clock_goes_on_when_it_is_due_first(floor):
    late, soon = written(floor, "a", 3), written(floor, "b", 2)
    _, into = merge(floor, late, soon)
    assert into.respond_by == soon.respond_by
    floor.now = late.respond_by + dt.timedelta(hours=1)
    floor.work()
    assert told(floor, "response_broken_nobody") == [DUTY_MANAGER]


def test_a_clock_that_runs_goes_on_for_one_that_waits_for_the_customer(floor):
    runs, waits = written(floor, "a"), written(floor, "b")
    asked = events.WaitsForCustomer(waits.key, "joris", Via.CONSOLE, "a log", "n" * 32)
    floor.desk.happen(asked)
    _, into = merge(floor, runs, waits)
    assert (into.clock.state, into.waiting_since) == (ClockState.RUNNING, None)
    assert into.respond_by == runs.respond_by


# The contract year


def test_the_place_of_the_merged_one_is_moved(floor):
    one, other = written(floor, "a", 2), written(floor, "b", 2)
    had(floor, one)
    place = now(floor, one).counted
    merged, into = merge(floor, one, other)
    assert (merged.premium, merged.counted) == (False, None)
    assert (into.premium, into.counted) == (True, place)
    year = place.year
    assert floor.book.count_premium("main", "100234", year) == (1, 1)


def test_of_two_places_one_is_given_back(floor):
    one, other = written(floor, "a", 2), written(floor, "b", 2)
    had(floor, one)
    had(floor, other)
    merged, into = merge(floor, one, other)
    assert (merged.premium, into.premium) == (False, True)
    assert floor.book.count_premium("main", "100234", into.counted.year) == (1, 2)


def test_a_matter_that_is_standard_stays_standard(floor):
    one, other = written(floor, "a", 2), written(floor, "b", 2)
    had(floor, one)
    floor.desk.happen(events.PremiumSet(other.key, False, "duty_manager", "a question"))
    merged, into = merge(floor, one, other)
    assert (merged.premium, into.premium) == (False, False)


# The owner


def test_the_owner_of_the_merged_one_has_the_survivor_if_nobody_had(floor):
    one, other = written(floor, "a"), written(floor, "b")
    had(floor, one)
    _, into = merge(floor, one, other)
    assert (into.state, into.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "joris")
    assert told(floor, "merged_here") == ["joris"]


def test_of_two_owners_the_survivors_has_it_and_the_other_is_told(floor):
    one, other = written(floor, "a"), written(floor, "b")
    had(floor, one, "joris")
    had(floor, other, "sanne")
    _, into = merge(floor, one, other)
    assert into.acknowledged_by == "sanne"
    assert (told(floor, "merged_away"), told(floor, "merged_here")) == (["joris"], ["sanne"])


def test_a_report_from_after_the_response_opens_the_matter_again(floor):
    answered = written(floor, "a")
    had(floor, answered)
    floor.desk.happen(events.Responded(answered.key, "joris", Via.CONSOLE))
    again = written(floor, "b")
    _, into = merge(floor, again, answered)
    assert (into.state, into.escalation.phase) == (IncidentState.OPEN, EscalationPhase.LATER)


def test_a_report_from_before_the_response_is_answered_by_it(floor):
    doubled, answered = written(floor, "a"), written(floor, "b")
    had(floor, answered)
    floor.desk.happen(events.Responded(answered.key, "joris", Via.CONSOLE))
    merged, into = merge(floor, doubled, answered)
    assert (into.state, into.clock.state) == (IncidentState.RESPONDED, ClockState.STOPPED)
    assert_nobody_rings_for(floor, merged)


def test_two_that_are_answered_stay_answered(floor):
    first, second = written(floor, "a"), written(floor, "b")
    for incident in (first, second):
        floor.now += dt.timedelta(seconds=1)
        floor.desk.happen(events.Responded(incident.key, "joris", Via.CONSOLE))
    third = written(floor, "c")
    floor.desk.happen(events.Responded(third.key, "joris", Via.CONSOLE))
    _, into = merge(floor, third, first)
    assert into.state is IncidentState.RESPONDED


# The telephones


def test_a_level_1_from_after_the_response_rings_on_for_the_matter(floor):
    answered = written(floor, "a")
    had(floor, answered)
    floor.desk.happen(events.Responded(answered.key, "joris", Via.CONSOLE))
    _, into = merge(floor, written(floor, "b", 1), answered)
    assert (into.state, into.escalation.phase) == (IncidentState.OPEN, EscalationPhase.STEPS)
    assert floor.ringing() == [SANNE]


def test_the_pause_of_an_escalation_that_moved_ends_in_time(floor):
    floor.apply(escalation=stepping(("primary",), seconds=30))
    rings, waits = written(floor, "a", 1), written(floor, "b", 3)
    while now(floor, rings).escalation.phase is not EscalationPhase.RESTING:
        floor.advance(10)
    _, into = merge(floor, rings, waits)
    assert into.escalation.phase is EscalationPhase.RESTING
    floor.advance(301)
    assert now(floor, into).escalation.round == 2


def test_nobody_is_rung_any_more_for_one_that_somebody_has(floor):
    rings, owned = written(floor, "a", 1), written(floor, "b", 1)
    had(floor, owned, "joris")
    merged, into = merge(floor, rings, owned)
    floor.drop(SANNE)
    floor.work()
    assert_nobody_rings_for(floor, merged)
    assert (into.acknowledged_by, floor.ringing()) == ("joris", [])


def test_who_wants_to_call_about_it_is_not_rung_for_it_when_they_put_down(floor):
    one, other = written(floor, "a", 1), written(floor, "b")
    floor.answer(SANNE)
    floor.desk.happen(events.AcknowledgedWithoutKey(one.key, "sanne"))
    floor.desk.happen(events.CallWanted(one.key, "sanne", Via.CONSOLE))
    merged, _ = merge(floor, one, other)
    assert merged.leg_of("sanne") is not None
    floor.drop(SANNE)
    floor.advance(30)
    assert_nobody_rings_for(floor, one)
    assert floor.rings(SANNE) == 1


def test_the_telephone_that_rings_goes_on_for_the_survivor_and_its_key_takes_it(floor):
    rings, waits = written(floor, "a", 1), written(floor, "b", 3)
    leg = floor.leg(SANNE)
    merged, into = merge(floor, rings, waits)
    assert floor.ringing() == [SANNE]
    assert into.escalation.phase is EscalationPhase.STEPS
    assert_nobody_rings_for(floor, merged)
    floor.answer(SANNE)
    floor.take(SANNE)
    assert now(floor, into).acknowledged_by == "sanne"
    assert now(floor, into).leg_of("sanne").id == leg.id


def test_an_escalation_that_moved_still_reaches_the_next_step(floor):
    rings, waits = written(floor, "a", 1), written(floor, "b", 3)
    merge(floor, rings, waits)
    floor.advance(120)
    assert JORIS in {placing.to for placing in floor.exchange.placed.values()}


def test_who_waits_for_the_merged_one_is_connected_with_whoever_takes_the_survivor(floor):
    call = floor.critical()
    waits, other = floor.incident(call), written(floor, "b", 3)
    merged, into = merge(floor, waits, other)
    assert (floor.call(call).incident, into.call) == (into.key, call)
    assert floor.call(call).stage is Stage.WAITING
    floor.answer(SANNE)
    floor.take(SANNE)
    floor.meet(SANNE)
    assert floor.call(call).stage is Stage.BRIDGED
    floor.part(SANNE, bridged=True)
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.CONNECTED
    assert now(floor, into).reached
    assert floor.book.find_by_incident(merged.key).incident.state is IncidentState.CLOSED


def test_who_waits_is_put_through_to_the_owner_of_the_survivor(floor):
    owned = written(floor, "b", 1)
    had(floor, owned, "joris")
    call = floor.critical()
    waits = floor.incident(call)
    _, into = merge(floor, waits, owned)
    floor.drop(SANNE)
    floor.work()
    assert floor.ringing() == [JORIS]
    assert into.call == call


def test_a_talk_goes_on_and_its_closing_menu_is_about_the_survivor(floor):
    call = floor.critical()
    floor.talk(call, SANNE)
    talking, other = floor.incident(call), written(floor, "b", 3)
    had(floor, other, "joris")
    _, into = merge(floor, talking, other)
    assert (into.acknowledged_by, into.winner().state) == ("sanne", LegState.TALKING)
    assert told(floor, "merged_away") == ["joris"]
    floor.part(SANNE, bridged=True)
    floor.desk.happen(events.Responded(into.key, "sanne", Via.CONSOLE))
    assert now(floor, into).state is IncidentState.RESPONDED


def test_who_waits_for_the_desk_keeps_the_earlier_place(floor):
    call = floor.dial(PIETER)
    floor.pin(call, PIN)
    floor.something_new(call)
    floor.press(call, "3")
    floor.work()
    waits, other = floor.incident(call), written(floor, "b", 3)
    assert waits.escalation.phase is EscalationPhase.ROW
    _, into = merge(floor, waits, other)
    assert (into.escalation.phase, into.queued_at) == (EscalationPhase.ROW, waits.queued_at)
    assert floor.ringing() == [JORIS]
    floor.answer(JORIS)
    floor.take(JORIS)
    floor.meet(JORIS)
    assert floor.call(call).stage is Stage.BRIDGED


def test_a_level_1_that_is_added_rings_for_a_caller_who_waits_for_the_desk(floor):
    call = floor.dial(PIETER)
    floor.pin(call, PIN)
    floor.something_new(call)
    floor.press(call, "3")
    floor.work()
    row, stopped = floor.incident(call), written(floor, "b", 1)
    _, into = merge(floor, stopped, row)
    assert (into.urgency, into.escalation.phase) == (1, EscalationPhase.STEPS)
    floor.answer(SANNE)
    floor.take(SANNE)
    floor.meet(SANNE)
    assert floor.call(call).stage is Stage.BRIDGED


# What is refused


def why(floor, one, other):
    return why_not_merged(
        floor.book.find_by_incident(one.key), floor.book.find_by_incident(other.key)
    )


def test_an_incident_is_not_merged_with_itself_or_with_nothing(floor):
    one = written(floor, "a")
    assert why(floor, one, one) == "merge_itself"
    assert why_not_merged(Case(None, one), None) == "merge_unknown"
    before = now(floor, one)
    floor.desk.happen(events.Merged(one.key, one.key, "joris", Via.CONSOLE))
    floor.desk.happen(events.Merged(one.key, "f" * 32, "joris", Via.CONSOLE))
    assert now(floor, one) == before


def test_one_that_is_merged_or_closed_is_not_merged(floor):
    one, other, third = (written(floor, key) for key in "abc")
    merge(floor, one, other)
    assert why(floor, one, third) == "merge_merged"
    assert why(floor, third, one) == "merge_merged"
    floor.desk.happen(events.Responded(third.key, "joris", Via.CONSOLE))
    floor.desk.happen(events.Closed(third.key, "joris", Via.CONSOLE))
    assert why(floor, other, third) == "merge_closed"


def test_nothing_goes_to_another_contract(floor):
    one = written(floor, "a")
    theirs = replace(KNOWN.identity, contract="100242", customer="Bedrijf 100242")
    other = written(floor, "b", identity=theirs)
    unknown = lodged(floor, replace(NOBODY, key="c" * 32, urgency=3))
    assert why(floor, one, other) == "merge_other_contract"
    assert why(floor, one, unknown) == "merge_other_contract"
    assert why(floor, unknown, one) is None


def test_a_request_is_no_incident(floor):
    one = written(floor, "a")
    request = written(floor, "b", kind=IncidentKind.SIGNATURE_REQUEST)
    assert why(floor, one, request) == "merge_other_kind"


def test_two_callers_are_not_one(floor):
    first = floor.critical()
    second = floor.dial(PIETER)
    floor.pin(second, PIN)
    floor.something_new(second)
    floor.press(second, "2")
    floor.work()
    one, other = floor.incident(first), floor.incident(second)
    assert why(floor, one, other) == "merge_both_on_telephone"


def test_a_merge_that_lost_a_race_is_decided_again(floor):
    one, other = written(floor, "a"), written(floor, "b")
    happen, saves = floor.book.save, []

    def save(before, decision, at, finishes=None):
        saves.append(decision)
        if len(saves) == 1:
            raise LostRaceError
        return happen(before, decision, at)

    floor.book.save = save
    merge(floor, one, other)
    assert now(floor, one).merged_into == other.key


def test_a_survivor_that_changed_meanwhile_undoes_the_whole_merge(floor):
    one, other = written(floor, "a"), written(floor, "b")
    save = floor.book.save

    def save_late(before, decision, at, finishes=None):
        if decision.also:
            floor.book.save = save
            had(floor, other)
        return save(before, decision, at)

    floor.book.save = save_late
    merge(floor, one, other)
    assert now(floor, one).merged_into == other.key
    assert now(floor, other).acknowledged_by == "joris"


def test_the_merge_again_changes_nothing(floor):
    one, other = written(floor, "a"), written(floor, "b")
    before = merge(floor, one, other)
    assert merge(floor, one, other) == before


def test_a_caller_who_hears_when_it_is_handled_makes_the_survivor_level_1(floor):
    floor.now += dt.timedelta(hours=12)  # nobody is at the desk, so the call waits for nobody
    one, other = written(floor, "a"), written(floor, "b")
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, "4")  # about the older one
    assert (floor.call(call).stage, floor.call(call).incident) == (Stage.LATER, one.key)
    assert now(floor, one).call is None
    merge(floor, one, other)
    for key in "31":
        floor.press(call, key)
    floor.work()
    assert now(floor, other).urgency == 1
    assert floor.call(call).incident == other.key
    assert (now(floor, one).state, now(floor, one).urgency) == (IncidentState.CLOSED, 3)
    assert floor.ringing() == [SANNE]
