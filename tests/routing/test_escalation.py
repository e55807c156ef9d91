"""The hunt: steps, passes, a breath between them, the last resort, and again."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.incident import EscalationPhase, IncidentState
from routing.line import (
    Channel,
    Condition,
    Paging,
    RateLimit,
    Rotation,
    Route,
    Schedule,
    Shift,
    UnverifiedRates,
)
from routing.page import LegState, PageResult
from tests.routing.floor import (
    ENGINEERS,
    JORIS,
    LAST_RESORT,
    SANNE,
    SANNES_DESK,
    STRANGER,
    Floor,
    stepping,
)

BOTH = stepping(("primary", "secondary"))


def hunting(floor, call):
    hunt = floor.incident(call).escalation
    return hunt.phase, hunt.round, hunt.pass_, hunt.step


def rung(floor):
    """Every number in the order in which it was rung."""
    return [leg.to for leg in floor.legs()]


def test_a_person_is_rung_on_one_phone_after_the_other_and_then_the_next_step(floor):
    floor.critical()
    for at, numbers in ((29, [SANNE]), (31, [SANNES_DESK]), (61, [JORIS]), (91, [SANNE])):
        floor.advance(at - (floor.now - floor.legs()[0].at).total_seconds())
        assert floor.ringing() == numbers


def test_the_passes_repeat_then_the_last_resort_then_all_again_after_a_while(floor):
    call = floor.critical()
    floor.advance(180 + 29)
    assert hunting(floor, call)[0] is EscalationPhase.LAST_RESORT
    assert rung(floor) == [SANNE, SANNES_DESK, JORIS] * 2 + [LAST_RESORT]
    floor.advance(2)
    assert hunting(floor, call)[0] is EscalationPhase.RESTING
    floor.advance(298)
    assert len(rung(floor)) == 7
    floor.advance(2)
    assert hunting(floor, call) == (EscalationPhase.STEPS, 2, 1, 1)
    assert rung(floor)[7:] == [SANNE]


@pytest.mark.parametrize("repeat", [1, 2, 3])
def test_the_file_says_how_many_passes_there_are(repeat):
    floor = Floor(escalation=stepping(("joris",), repeat=repeat))
    floor.critical()
    floor.advance(30 * repeat + 5)
    assert rung(floor) == [JORIS] * repeat + [LAST_RESORT]


def test_each_step_lasts_as_long_as_the_file_says():
    floor = Floor(escalation=stepping(("joris",), ("primary",), seconds=7))
    floor.critical()
    floor.advance(6.9)
    assert floor.ringing() == [JORIS]
    floor.advance(0.2)
    assert floor.ringing() == [SANNE]


@pytest.mark.parametrize("seconds", [1, 2])
def test_the_shortest_step_rings_everybody_in_turn(seconds):
    floor = Floor(escalation=stepping(("primary",), ("joris",), seconds=seconds))
    floor.critical()
    floor.advance(3.5 * seconds)
    assert rung(floor) == [SANNE, SANNES_DESK, JORIS, LAST_RESORT]


def test_again_after_a_second_goes_round_without_standing_still():
    paging = Paging((Channel.SMS,), dt.timedelta(seconds=1))
    floor = Floor(escalation=stepping(("joris",), seconds=1), paging=paging)
    call = floor.critical()
    floor.advance(30)
    assert rung(floor)[:4] == [JORIS, LAST_RESORT] * 2
    assert floor.incident(call).escalation.round >= 8
    assert len(floor.incident(call).escalation.candidates) <= 2


def test_a_step_with_nobody_on_call_is_skipped_at_once():
    floor = Floor(escalation=stepping(("empty",), ("nobody",), ("joris",)))
    floor.critical()
    assert floor.ringing() == [JORIS]
    assert floor.notes().count("skipped") == 2


def test_with_nobody_on_call_at_all_the_last_resort_is_rung_at_once():
    floor = Floor(escalation=stepping(("empty",), ("empty",), repeat=5))
    call = floor.critical()
    assert floor.ringing() == [LAST_RESORT]
    floor.advance(31)
    assert hunting(floor, call)[0] is EscalationPhase.RESTING


def test_all_of_a_step_are_rung_at_once_and_it_lasts_for_the_slowest():
    floor = Floor(escalation=BOTH)
    floor.critical()
    assert floor.ringing() == [SANNE, JORIS]
    floor.pass_on(JORIS)
    assert floor.ringing() == [SANNE]
    floor.pass_on(SANNE)
    assert floor.ringing() == [LAST_RESORT]


def test_a_person_named_twice_in_a_step_is_rung_once():
    floor = Floor(escalation=stepping(("primary", "sanne", "primary")))
    floor.critical()
    assert rung(floor) == [SANNE]


def test_only_those_who_speak_the_callers_language_are_rung_if_there_are_any():
    english = (replace(ENGINEERS[0], languages=("en",)), ENGINEERS[1])
    floor = Floor(escalation=BOTH, engineers=english)
    floor.critical()
    assert floor.ringing() == [JORIS]
    floor = Floor(escalation=BOTH, engineers=tuple(replace(e, languages=("en",)) for e in english))
    floor.critical()
    assert floor.ringing() == [SANNE, JORIS]


def test_the_first_route_that_matches_replaces_the_escalation():
    routes = (
        Route(Condition(contracts=("999",)), stepping(("primary",))),
        Route(Condition(plans=("msa_plus",), urgencies=(1,)), stepping(("joris",))),
        Route(Condition(), stepping(("empty",))),
    )
    floor = Floor(routes=routes)
    floor.critical()
    assert floor.ringing() == [JORIS]
    other = Floor(routes=routes)
    other.critical(STRANGER)
    assert other.ringing() == [LAST_RESORT]


def test_a_pass_that_all_pass_on_is_followed_by_a_breath(floor):
    call = floor.critical()
    floor.pass_on(SANNE)
    floor.pass_on(JORIS)
    assert hunting(floor, call)[0] is EscalationPhase.BREATH
    floor.advance(9.9)
    assert floor.ringing() == []
    floor.advance(0.2)
    assert floor.ringing() == [SANNE]
    assert hunting(floor, call) == (EscalationPhase.STEPS, 1, 2, 1)


def test_a_pass_that_took_its_time_is_followed_by_the_next_at_once(floor):
    floor.critical()
    floor.advance(10.5)
    floor.pass_on(SANNE)
    floor.pass_on(JORIS)
    assert floor.ringing() == [SANNE]


def test_after_the_last_pass_no_breath_is_taken(floor):
    floor.apply(escalation=stepping(("joris",)))
    floor.critical()
    floor.pass_on(JORIS)
    assert floor.ringing() == [LAST_RESORT]


def test_the_numbers_of_the_last_resort_follow_one_another():
    numbers = ("+31201111111", "+31202222222")
    floor = Floor(escalation=stepping(("empty",)), last_resort=numbers)
    floor.critical()
    floor.advance(31)
    assert rung(floor) == list(numbers)


def callers(floor: Floor, count: int) -> list[str]:
    """So many strangers, one after the other, each with a level 1 of their own."""
    calls = []
    for n in range(count):
        calls.append(floor.critical(f"+3168765{n:04}"))
        floor.advance(0.1)
    return calls


def crowded(*numbers: str) -> Floor:
    """A line on which only the last resort is left, and many call."""
    many = UnverifiedRates(
        RateLimit(999, dt.timedelta(hours=1)), RateLimit(999, dt.timedelta(hours=1))
    )
    return Floor(escalation=stepping(("empty",)), last_resort=numbers, unverified=many)


def test_a_number_of_the_last_resort_is_rung_for_one_caller_at_a_time():
    floor = crowded(LAST_RESORT)
    waiting = callers(floor, 40)
    assert floor.ringing() == [LAST_RESORT]
    for _ in range(1300):
        floor.advance(1)
        assert len([leg for leg in floor.legs() if leg.live]) == 1
    rung = [incident.call for incident, page in floor.book.rows.pages.values()]
    assert list(dict.fromkeys(rung)) == waiting, "the oldest first"
    assert rung.index(waiting[39]) < len(rung) - 1 - rung[::-1].index(waiting[0]), "and all of them"


def test_a_number_that_talks_is_not_rung_for_others_until_it_is_free():
    floor = crowded(LAST_RESORT)
    first, second = callers(floor, 2)
    floor.take(LAST_RESORT)
    floor.advance(20)
    assert floor.ringing() == []
    assert floor.incident(second).escalation.missed == (f"last_resort {LAST_RESORT}",)
    floor.hang_up(first)
    floor.drop(LAST_RESORT)
    floor.work()
    assert floor.ringing() == [LAST_RESORT]
    assert floor.incident(second).legs()


def test_the_list_goes_on_with_the_next_number_while_others_have_one():
    numbers = (LAST_RESORT, "+31207654322")
    floor = crowded(*numbers)
    first, second, third = callers(floor, 3)
    assert floor.ringing() == list(numbers)
    assert [leg.to for leg in floor.incident(second).legs()] == ["+31207654322"]
    assert floor.incident(third).legs() == ()
    floor.pass_on(LAST_RESORT)
    floor.work()
    assert [leg.to for leg in floor.incident(third).legs()] == [LAST_RESORT]
    assert floor.incident(first).legs() == ()


def test_a_number_that_was_passed_over_is_rung_once_it_is_free():
    numbers = (LAST_RESORT, "+31207654322")
    floor = crowded(*numbers)
    first, second = callers(floor, 2)
    floor.take(LAST_RESORT)
    floor.advance(120)
    assert floor.rings("+31207654322") == 1, "free again, and nobody waits for this one"
    floor.hang_up(first)
    floor.drop(LAST_RESORT)
    floor.work()
    rung = [page.to for incident, page in floor.book.rows.pages.values() if incident.call == second]
    assert rung == ["+31207654322", LAST_RESORT]


def test_a_line_without_a_last_resort_rests():
    floor = Floor(escalation=stepping(("empty",)), last_resort=())
    call = floor.critical()
    assert hunting(floor, call)[0] is EscalationPhase.RESTING


def test_numbers_that_are_refused_never_stop_the_rest(floor):
    floor.exchange.refused = {SANNE, SANNES_DESK, JORIS}
    call = floor.critical()
    floor.advance(11)
    assert floor.ringing() == [LAST_RESORT]
    failed = [leg for leg in floor.legs() if leg.result is PageResult.FAILED]
    assert len(failed) == 6
    assert floor.call(call).live


def test_a_timer_of_an_earlier_move_does_nothing(floor):
    call = floor.critical()
    for mark in range(-1, floor.incident(call).escalation.mark):
        before = floor.desk.call(call)
        floor.desk.happen(events.EscalationTimerFired(floor.incident(call).key, mark))
        assert floor.desk.call(call) == before


def test_nor_does_it_cut_a_rest_short(floor):
    floor.apply(escalation=stepping(("joris",)))
    call = floor.critical()
    floor.advance(65)
    assert hunting(floor, call)[0] is EscalationPhase.RESTING
    for mark in range(floor.incident(call).escalation.mark):
        floor.desk.happen(events.EscalationTimerFired(floor.incident(call).key, mark))
    assert hunting(floor, call)[:2] == (EscalationPhase.RESTING, 1)


def test_every_errand_done_twice_and_late_changes_nothing_more(floor):
    floor.critical()
    floor.advance(500)
    before = [(leg.id, leg.state, leg.result) for leg in floor.legs()]
    for key in sorted(floor.done, key=lambda one: int(one[1:])):
        floor.do(key, attempt=2)
    assert [(leg.id, leg.state, leg.result) for leg in floor.legs()] == before


def test_a_file_with_fewer_steps_is_followed_from_the_next_move(floor):
    floor.apply(escalation=stepping(("primary",), ("secondary",), ("sanne",), repeat=1))
    call = floor.critical()
    floor.pass_on(SANNE)
    assert floor.ringing() == [JORIS]
    floor.apply(escalation=stepping(("primary",), repeat=1))
    floor.advance(31)
    assert floor.ringing() == [LAST_RESORT]
    assert floor.call(call).live


def test_an_engineer_taken_out_of_the_file_is_no_longer_rung_and_still_wins_with_a_key(floor):
    call = floor.critical()
    floor.apply(engineers=ENGINEERS[1:], schedules=floor.line.schedules[1:])
    floor.take(SANNE)
    assert floor.incident(call).acknowledged_by == "sanne"
    floor.drop(SANNE)
    assert floor.ringing() == [JORIS]


def test_who_is_on_call_is_asked_anew_at_each_step():
    turns = Rotation(
        1, "day", dt.datetime.fromisoformat("2026-03-02T00:00"), (("sanne",), ("joris",))
    )
    schedule = Schedule("primary", "Europe/Amsterdam", (Shift(rotation=turns),))
    floor = Floor(schedules=(schedule,), escalation=stepping(("primary",), repeat=2))
    floor.now = dt.datetime(2026, 3, 2, 22, 59, 30, tzinfo=dt.UTC)
    floor.critical()
    assert floor.ringing() == [SANNE]
    floor.advance(61)
    assert floor.ringing() == [JORIS]


# Busy people


def two_callers(floor):
    """Pieter talks with Sanne; a stranger waits."""
    first = floor.critical()
    floor.talk(first)
    return first, floor.critical(STRANGER)


def test_busy_is_not_absent_the_step_lasts_for_them(floor):
    _, second = two_callers(floor)
    assert (floor.ringing(), floor.rings(SANNE)) == ([], 1)
    assert floor.incident(second).escalation.missed == ("sanne",)
    floor.advance(29)
    assert floor.ringing() == []
    floor.advance(2)
    assert floor.ringing() == [JORIS]


def test_whoever_becomes_free_is_rung_at_once_whatever_the_step(floor):
    first, second = two_callers(floor)
    floor.advance(31)
    floor.hang_up(first)
    floor.part(SANNE, bridged=True)
    assert floor.rings(SANNE) == 1
    floor.drop(SANNE)
    assert floor.ringing() == [SANNE, JORIS]
    assert floor.incident(second).escalation.missed == ()


@pytest.mark.parametrize("doing", [EscalationPhase.LAST_RESORT, EscalationPhase.RESTING])
def test_whoever_becomes_free_is_rung_at_once_whatever_the_hunt_does(floor, doing):
    first, second = two_callers(floor)
    while hunting(floor, second)[0] is not doing:
        floor.advance(5)
    floor.hang_up(first)
    floor.drop(SANNE)
    assert SANNE in floor.ringing()


def test_the_first_in_the_row_gets_whoever_becomes_free(floor):
    first, second = two_callers(floor)
    third = floor.critical("anonymous")
    floor.hang_up(first)
    floor.drop(SANNE)
    assert [bool(floor.incident(c).legs()) for c in (second, third)] == [True, False]
    assert floor.incident(third).escalation.missed == ("sanne",)


def test_whoever_is_free_and_goes_to_an_older_caller_is_not_waited_for_anew(floor):
    first, second = two_callers(floor)
    third = floor.critical("anonymous")
    floor.advance(40)
    waits = floor.incident(third)
    floor.hang_up(first)
    floor.drop(SANNE)
    assert SANNE in [leg.to for leg in floor.incident(second).legs()]
    assert floor.incident(third) == waits


def test_once_somebody_free_is_rung_again_the_others_who_wait_are_not_looked_at(floor):
    first, second = two_callers(floor)
    third = floor.critical("anonymous")
    floor.hang_up(first)
    read, was = [], floor.book.find_by_incident
    floor.book.find_by_incident = lambda key: read.append(key) or was(key)
    floor.drop(SANNE)
    assert floor.incident(second).key in read
    assert floor.incident(third).key not in read


def test_somebody_busy_for_many_passes_is_remembered_once(floor):
    _, second = two_callers(floor)
    floor.apply(escalation=stepping(("primary",), seconds=1, repeat=3))
    floor.advance(400)
    assert floor.incident(second).escalation.missed == ("sanne",)


def test_nobody_is_rung_for_two_callers_at_once(floor):
    floor.critical()
    second = floor.critical(STRANGER)
    assert floor.rings(SANNE) == 1
    assert floor.incident(second).escalation.missed == ("sanne",)
    floor.pass_on(SANNE)
    assert floor.rings(SANNE) == 2
    (leg,) = floor.incident(second).legs()
    assert leg.to == SANNE


def test_being_free_means_nothing_to_a_hunt_that_never_missed_them_or_is_over(floor):
    call = floor.critical()
    key = floor.incident(call).key
    for event in (
        events.EngineerFree(key, "joris"),
        events.EngineerFree(key, "nobody"),
    ):
        floor.desk.happen(event)
        assert floor.ringing() == [SANNE]
    floor.talk(call)
    floor.desk.happen(events.EngineerFree(key, "joris"))
    assert floor.ringing() == []


def test_somebody_busy_who_texts_does_not_cut_the_rest_short(floor):
    """A wait for somebody busy is no end of the pause between two rounds."""
    floor.apply(escalation=stepping(("joris",), seconds=5))
    first = floor.critical()
    floor.talk(first, JORIS)
    floor.apply(escalation=stepping(("empty",), seconds=5))
    second = floor.critical(STRANGER)
    floor.advance(31)
    assert hunting(floor, second)[0] is EscalationPhase.RESTING
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(second).key, "joris"))
    floor.advance(40)
    assert hunting(floor, second)[:2] == (EscalationPhase.RESTING, 1)
    assert rung(floor).count(LAST_RESORT) == 1


def do_early(floor, kind):
    """Two machines' clocks differ: what is due by one is not yet due by the other."""
    waiting = [(e.due_at, key) for key, e in floor.pending().items() if e.command.kind == kind]
    due_at, key = min(waiting)
    floor.now = due_at - dt.timedelta(milliseconds=80)
    floor.do(key)
    floor.advance(1)


def test_the_end_of_a_ring_that_is_told_a_moment_early_is_not_lost(floor):
    floor.critical()
    do_early(floor, "end_ring")
    assert floor.ringing() == [SANNES_DESK]


def test_the_end_of_a_wait_that_is_told_a_moment_early_is_not_lost(floor):
    two_callers(floor)
    do_early(floor, "continue_escalation")
    assert floor.ringing() == [JORIS]


def test_a_clock_that_is_behind_does_not_hold_up_the_last_resort_for_somebody_busy():
    floor = Floor(escalation=stepping(("primary",)))
    _, second = two_callers(floor)
    floor.advance(31)
    assert floor.ringing() == [LAST_RESORT]
    floor.now -= dt.timedelta(seconds=2)
    floor.drop(LAST_RESORT, events.Heard.BUSY)
    assert hunting(floor, second)[0] is EscalationPhase.RESTING


# Texts back


def test_a_text_back_ends_the_paging_when_nobody_waits(floor):
    call = floor.critical()
    floor.hang_up(call)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    floor.advance(800)
    assert (floor.incident(call).state, floor.ringing()) == (IncidentState.ACKNOWLEDGED, [])
    assert floor.rings(SANNE) == 1


def test_a_text_back_rings_who_sent_it_at_once_and_goes_on_while_the_caller_waits(floor):
    call = floor.critical()
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    floor.work()
    assert floor.ringing() == [SANNE, JORIS]
    assert floor.incident(call).acknowledged_by == "joris"
    floor.advance(1000)
    assert floor.rings(SANNE) > 2


def test_once_the_caller_has_gone_the_one_who_texted_has_it_and_nobody_is_rung_any_more(floor):
    call = floor.critical()
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "joris"))
    floor.work()
    floor.hang_up(call)
    assert floor.ringing() == []
    floor.advance(800)
    assert (floor.rings(SANNE), floor.rings(JORIS)) == (1, 1)
    assert floor.incident(call).acknowledged_by == "joris"


def test_who_passed_it_on_and_then_texts_is_rung_again(floor):
    call = floor.critical()
    floor.pass_on(SANNE)
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "sanne"))
    floor.work()
    assert SANNE in floor.ringing()


def test_a_second_text_changes_nothing(floor):
    call = floor.critical()
    key = floor.incident(call).key
    floor.desk.happen(events.AcknowledgedWithoutKey(key, "joris"))
    floor.desk.happen(events.AcknowledgedWithoutKey(key, "sanne"))
    assert floor.incident(call).acknowledged_by == "joris"


def test_a_text_goes_out_once_a_round_to_each_who_is_rung(floor):
    call = floor.critical()
    floor.advance(200)
    assert sorted(floor.exchange.texts) == [SANNE, JORIS]
    floor.advance(500)
    assert floor.incident(call).escalation.round == 2
    assert sorted(floor.exchange.texts) == [SANNE, SANNE, JORIS, JORIS]


def test_in_a_round_that_outlasts_the_pause_each_is_still_told_once(floor):
    floor.apply(paging=Paging((Channel.SMS,), dt.timedelta(seconds=1)))
    floor.critical()
    floor.advance(80)
    assert floor.rings(SANNES_DESK) == 1
    assert floor.exchange.texts.count(SANNE) == 1


def test_the_same_decision_is_taken_from_the_same_facts(floor):
    call = floor.critical()
    (leg,) = floor.legs()
    assert leg.state is LegState.RINGING
    twin = Floor()
    again = twin.critical()
    assert (twin.call(again), twin.incident(again)) == (floor.call(call), floor.incident(call))
