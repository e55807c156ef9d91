"""Which incidents count as premium, when, and what the caller hears of it."""

import datetime as dt
from dataclasses import replace

import pytest

from routing import events
from routing.call import Stage
from routing.caller.hold import read_loop
from routing.contracts import PremiumUse
from routing.events import Left, LegKeyed, RescueTaken
from routing.incident import IncidentKind
from routing.voice_document import Redirect
from store.memory.call_repository import MemoryCallRepository
from tests.routing.floor import (
    BAKERY,
    JORIS,
    NOW,
    PIETER,
    PIN,
    SANNE,
    STRANGER,
    Floor,
    prompts,
    stepping,
)

EXPIRED, TO_COME, STANDARD = "+31612345680", "+31612345681", "+31612345682"
YEAR = dt.date(2026, 1, 1)


def sold(floor, incidents, since=None):
    """The bakery's contract has so many premium incidents a year, that begins on this day."""
    contract = replace(BAKERY, premium_incidents=incidents, valid_from=since)
    floor.people.contracts["main", "100234"] = contract


def taken(floor, shown=PIETER):
    """A call that Sanne takes, talks about and has done with; gives back the call."""
    call = floor.critical(shown)
    floor.talk(call)
    floor.hang_up(call)
    floor.part(SANNE, bridged=True)
    floor.key(SANNE, "1")
    floor.drop(SANNE)
    return call


def reasons(floor, *events):
    return [note.reason for _, _, note in floor.book.rows.journal if note.event in events]


def used(floor, year=YEAR):
    return floor.book.count_premium("main", "100234", year)


def set_premium(floor, call, *, premium, reason="a question"):
    key = floor.incident(call).key
    floor.desk.happen(events.PremiumSet(key, premium, "the console", reason))


# When it counts


def test_an_incident_counts_when_an_engineer_takes_the_call_and_not_before():
    floor = Floor()
    call = floor.critical()
    assert (floor.incident(call).premium, used(floor)) == (False, (0, 0))
    floor.take(SANNE)
    incident = floor.incident(call)
    assert (incident.premium, incident.counted) == (True, PremiumUse(NOW, YEAR, 1))
    assert used(floor) == (1, 1)
    assert reasons(floor, "counted") == [
        "premium incident 1 of 12 in the contract year from 2026-01-01"
    ]


@pytest.mark.parametrize("shown", [EXPIRED, TO_COME, STANDARD, STRANGER, "anonymous"])
def test_nobody_else_has_premium_incidents(shown):
    floor = Floor()
    call = floor.critical(shown)
    floor.take(SANNE)
    incident = floor.incident(call)
    assert (incident.premium, incident.counted, incident.few_left) == (False, None, None)


@pytest.mark.parametrize(
    ("shown", "plan"),
    [
        (PIETER, "msa_plus"),
        (EXPIRED, "standard"),
        (TO_COME, "standard"),
        (STANDARD, "standard"),
        (STRANGER, None),
    ],
)
def test_who_is_not_entitled_today_is_treated_as_standard(shown, plan):
    floor = Floor()
    assert floor.incident(floor.critical(shown)).plan == plan


def test_a_signature_request_and_the_lower_levels_do_not_count():
    for change in ({"kind": IncidentKind.SIGNATURE_REQUEST}, {"urgency": 3}):
        floor = Floor()
        call = floor.critical()
        key = floor.incident(call).key
        floor.book.rows.incidents[key] = replace(floor.book.rows.incidents[key], **change)
        floor.take(SANNE)
        assert not floor.incident(call).premium


def test_level_2_counts_as_level_1_does():
    floor = Floor()
    call = floor.critical()
    key = floor.incident(call).key
    floor.book.rows.incidents[key] = replace(floor.book.rows.incidents[key], urgency=2)
    floor.take(SANNE)
    assert floor.incident(call).premium


def test_an_incident_handed_over_and_taken_again_counts_once():
    floor = Floor()
    call = floor.critical()
    floor.talk(call)
    floor.left(call)
    floor.part(SANNE, bridged=True)
    floor.now += dt.timedelta(minutes=1)
    floor.key(SANNE, "2")
    floor.take(JORIS)
    assert floor.incident(call).counted == PremiumUse(NOW, YEAR, 1)
    assert used(floor) == (1, 1)


def test_an_incident_reopened_because_nobody_was_reached_counts_once():
    floor = Floor()
    floor.critical()
    floor.take(SANNE)
    floor.drop(SANNE)
    floor.take(SANNE)
    assert used(floor) == (1, 1)
    assert len(reasons(floor, "counted")) == 1


def test_a_call_that_the_last_resort_takes_directly_counts():
    floor = Floor()
    call = floor.critical()
    floor.left(call, Left.BROKEN)
    for key in "0123456789":
        floor.desk.happen(RescueTaken(call, key))
    assert floor.incident(call).acknowledged_by == "last_resort"
    assert used(floor) == (1, 1)


def test_a_talk_that_is_told_of_after_the_hunt_began_anew_counts_once():
    floor = Floor()
    call = floor.critical()
    floor.take(SANNE)
    floor.drop(SANNE)
    floor.left(call)
    assert used(floor) == (1, 1)


def test_a_text_back_takes_no_call_and_counts_nothing_until_a_key_does():
    floor = Floor()
    call = floor.critical()
    floor.desk.happen(events.AcknowledgedWithoutKey(floor.incident(call).key, "sanne"))
    assert not floor.incident(call).premium
    floor.take(SANNE)
    assert floor.incident(call).premium


def test_the_year_is_that_of_the_opening_as_clocks_of_the_line_show_it():
    floor = Floor()
    sold(floor, 12, since=dt.date(2020, 7, 1))
    floor.now = dt.datetime(2026, 6, 30, 22, 30, tzinfo=dt.UTC)  # 1 July in Amsterdam
    call = floor.critical()
    floor.take(SANNE)
    counted = floor.incident(call).counted
    assert (counted.year, used(floor, dt.date(2026, 7, 1))) == (dt.date(2026, 7, 1), (1, 1))


def test_an_incident_taken_after_the_years_end_counts_in_the_year_it_was_opened():
    floor = Floor()
    floor.now = dt.datetime(2026, 12, 31, 22, 59, 50, tzinfo=dt.UTC)
    call = floor.critical()
    floor.now += dt.timedelta(seconds=25)
    floor.take(SANNE)
    assert floor.incident(call).counted.year == YEAR


def test_beyond_the_bundle_the_call_is_taken_all_the_same():
    floor = Floor()
    sold(floor, 1)
    taken(floor)
    call = taken(floor)
    assert floor.incident(call).premium
    assert reasons(floor, "counted")[-1] == (
        "premium incident 2 of 1 in the contract year from 2026-01-01: over quota"
    )


class Interrupted(MemoryCallRepository):
    """A book in which somebody else writes just after a bundle was read, once."""

    def __init__(self, rows, between):
        self.between = [between]
        super().__init__(rows)

    def count_premium(self, line, contract, year):
        found = super().count_premium(line, contract, year)
        while self.between:
            self.between.pop()()
        return found


def test_two_taken_at_the_same_moment_are_both_taken_and_one_is_over_quota():
    floor = Floor()
    sold(floor, 1)
    first = floor.critical()
    floor.apply(escalation=stepping(("secondary",)))
    second = floor.critical()
    leg = floor.answer(SANNE)
    floor.answer(JORIS)
    book = Interrupted(floor.book.rows, lambda: floor.key(JORIS, floor.leg(JORIS).take_key))
    replace(floor.desk, calls=book).happen(LegKeyed(leg.id, 1, leg.take_key))
    takers = [floor.incident(call).acknowledged_by for call in (first, second)]
    places = [floor.incident(call).counted.place for call in (first, second)]
    assert (takers, places) == (["sanne", "joris"], [2, 1])
    in_year = "in the contract year from 2026-01-01"
    assert reasons(floor, "counted") == [
        f"premium incident 1 of 1 {in_year}",
        f"premium incident 2 of 1 {in_year}: over quota",
    ]


def test_a_contract_that_is_gone_by_then_is_noted_and_the_call_is_taken():
    floor = Floor()
    call = floor.critical()
    del floor.people.contracts["main", "100234"]
    floor.take(SANNE)
    assert not floor.incident(call).premium
    assert "contract 100234 is not known any more" in reasons(floor, "not_counted")


# What the caller hears


@pytest.mark.parametrize(
    ("incidents", "said"),
    [
        (0, "premium_left_none"),
        (1, "premium_left_one"),
        (2, "premium_left_many"),
        (3, "premium_left_many"),
        (4, None),
    ],
)
def test_a_caller_hears_how_many_are_left_once_three_or_fewer_are(incidents, said):
    floor = Floor()
    sold(floor, incidents)
    call = floor.critical()
    heard = [one for one in prompts(floor.room(call)) if one.startswith("premium_left")]
    assert heard == ([said] if said else [])
    assert "premium_left" not in str(prompts(floor.script(call)))


def test_it_is_said_once_and_not_after_a_while():
    floor = Floor()
    sold(floor, 2)
    call = floor.critical()
    first = floor.room(call)
    (again,) = [act.to for act in first.acts if isinstance(act, Redirect)]
    assert "premium_left_many" in prompts(first)
    assert "premium_left_many" not in prompts(floor.room(call, read_loop(dict(again.query))))
    floor.advance(21)
    assert "premium_left_many" not in prompts(floor.room(call))


def test_of_a_counted_incident_nothing_more_is_said():
    floor = Floor()
    sold(floor, 2)
    call = floor.critical()
    floor.take(SANNE)
    floor.drop(SANNE)
    assert "premium_left_many" not in prompts(floor.room(call))


@pytest.mark.parametrize(("level", "said"), [("2", True), ("3", False), ("4", False)])
def test_level_2_hears_it_too_and_the_lower_levels_do_not(level, said):
    floor = Floor()
    sold(floor, 1)
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, level)
    assert floor.call(call).stage is Stage.FAREWELL
    assert ("premium_left_one" in prompts(floor.script(call))) is said


# Set to standard, and back


def closing(floor):
    """They have talked, and the engineer hears the closing menu."""
    call = floor.critical()
    floor.talk(call)
    floor.left(call)
    floor.part(SANNE, bridged=True)
    return call


def test_a_key_of_the_closing_menu_sets_it_to_standard_and_the_menu_goes_on():
    floor = Floor()
    call = closing(floor)
    assert "closing_standard" in prompts(floor.whisper(SANNE))
    floor.key(SANNE, "5")
    incident = floor.incident(call)
    assert (incident.premium, incident.waived) == (False, "sanne: closing menu")
    assert prompts(floor.whisper(SANNE))[0] == "set_to_standard"
    assert reasons(floor, "standard") == ["sanne set it to standard: closing menu"]
    assert used(floor) == (0, 1)


def test_the_key_is_offered_and_heeded_only_where_the_incident_counts():
    floor = Floor()
    call = floor.critical(STANDARD)
    floor.talk(call)
    floor.left(call)
    floor.part(SANNE, bridged=True)
    assert "closing_standard" not in prompts(floor.whisper(SANNE))
    floor.key(SANNE, "5")
    assert floor.incident(call).waived is None


def test_what_was_set_to_standard_is_not_counted_again():
    floor = Floor()
    call = closing(floor)
    floor.key(SANNE, "5")
    floor.key(SANNE, "2")
    floor.take(JORIS)
    assert not floor.incident(call).premium
    early = floor.critical()
    set_premium(floor, early, premium=False)
    floor.drop(JORIS)
    floor.take(SANNE)
    assert not floor.incident(early).premium
    assert used(floor) == (0, 1)


def test_set_back_to_premium_it_has_its_old_place_and_the_next_has_one_of_its_own():
    floor = Floor()
    first = taken(floor)
    set_premium(floor, first, premium=False)
    second = taken(floor)
    assert floor.incident(second).counted.place == 2
    set_premium(floor, first, premium=True, reason="it was one")
    incident = floor.incident(first)
    assert (incident.premium, incident.counted.place, incident.waived) == (True, 1, None)
    assert reasons(floor, "premium") == ["the console set it to premium: it was one"]
    assert used(floor) == (2, 2)


def test_saying_the_same_twice_changes_nothing():
    floor = Floor()
    call = taken(floor)
    for premium in (True, False):
        set_premium(floor, call, premium=premium)
        once, told = floor.incident(call), floor.notes()
        set_premium(floor, call, premium=premium)
        assert (floor.incident(call), floor.notes()) == (once, told)


def test_what_nobody_is_entitled_to_cannot_be_set_to_premium():
    floor = Floor()
    call = floor.critical(STANDARD)
    set_premium(floor, call, premium=True)
    assert not floor.incident(call).premium
