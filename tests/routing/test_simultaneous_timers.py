"""Timers of one moment may run in any order: each phone of each person of a step is tried."""

from __future__ import annotations

import datetime as dt
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.line import parse_line_file
from routing import events
from routing.incident import EscalationPhase
from routing.line import Engineer, Line, Schedule, Shift
from routing.page import LegState
from tests.routing.floor import JORIS, LAST_RESORT, SANNE, SANNES_DESK, STRANGER, Floor, stepping

EXAMPLE = Path(__file__).parents[2] / "docs" / "line.example.yaml"
IDS = ("anna", "bram", "cato")


class Tied(Floor):
    """Of the jobs that are due at one moment, this floor does the one that the order names."""

    order: tuple[int, ...] = (0,)

    def work(self) -> None:
        turn = 0
        while due := [(e.due_at, k) for k, e in self.pending().items() if e.due_at <= self.now]:
            first = min(at for at, _ in due)
            tied = sorted((k for at, k in due if at == first), key=lambda key: int(key[1:]))
            self.do(tied[self.order[turn % len(self.order)] % len(tied)])
            turn += 1


def of_steps(floor: Floor) -> list[tuple[str, list[str]]]:
    """Each step that began, in words, and the numbers that were rung while it lasted."""
    steps: list[tuple[str, list[str]]] = []
    for _, _, note in floor.book.rows.journal:
        if note.event in ("step", "last_resort"):
            steps.append((note.reason, []))
        if note.event == "ring" and steps:
            steps[-1][1].append(floor.book.rows.pages[note.leg or ""][1].to)
    return steps


def a_line(phones: tuple[int, ...], ids: tuple[str, ...]) -> tuple[Engineer, ...]:
    """Engineers with so many phones each."""
    return tuple(
        Engineer(name, name.title(), tuple(f"+3161{n}00000{m}" for m in range(count)))
        for n, (name, count) in enumerate(zip(ids, phones, strict=True))
    )


def tied(engineers: tuple[Engineer, ...], order: tuple[int, ...], steps: int = 2) -> Tied:
    """A line on which all of these are in each of the steps."""
    everybody = Schedule("all", "Europe/Amsterdam", (Shift(people=tuple(e.id for e in engineers)),))
    floor = Tied(
        engineers=engineers,
        schedules=(everybody,),
        escalation=stepping(*(("all",),) * steps, repeat=2),
    )
    floor.order = order
    return floor


@pytest.mark.parametrize("ids", list(permutations(IDS)))
def test_each_phone_of_each_person_is_tried_before_the_step_ends_whatever_the_ids(ids):
    engineers = a_line((2, 1, 3), ids)
    for order in permutations(range(4)):
        floor = tied(engineers, order)
        floor.critical()
        floor.advance(4 * 3 * 30 + 20)
        steps = of_steps(floor)
        assert len(steps) == 5
        for _, rung in steps[:4]:
            assert sorted(rung) == sorted(phone for e in engineers for phone in e.phones)
        assert steps[4][1] == [LAST_RESORT]


@given(
    phones=st.tuples(*[st.integers(1, 3)] * 3),
    order=st.lists(st.integers(0, 11), min_size=1, max_size=9).map(tuple),
    ids=st.permutations(IDS).map(tuple),
)
def test_nor_does_any_other_order_of_simultaneous_timers_skip_a_phone(phones, order, ids):
    engineers = a_line(phones, ids)
    floor = tied(engineers, order)
    floor.critical()
    floor.advance(4 * max(phones) * 30 + 20)
    for _, rung in of_steps(floor)[:4]:
        assert sorted(rung) == sorted(phone for e in engineers for phone in e.phones)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_second_phone_of_the_examples_sanne_rings_in_the_first_step(order):
    line = parse_line_file(EXAMPLE.read_text(), lambda *_: "a hash").line
    assert isinstance(line, Line)
    floor = Tied(line)
    floor.order = order
    floor.critical()
    floor.advance(40)
    at_once, after_that = floor.legs()[:2], floor.legs()[2:]
    assert {leg.to for leg in at_once} == {SANNE, JORIS}
    assert [leg.to for leg in after_that] == [SANNES_DESK]
    assert after_that[0].at - at_once[0].at == dt.timedelta(seconds=30)


def test_a_leg_that_rings_past_its_time_holds_the_step_while_its_owner_has_a_phone_left():
    floor = Floor(escalation=stepping(("primary", "secondary"), ("joris",)))
    floor.critical()
    floor.now += dt.timedelta(seconds=30)
    floor.desk.happen(events.RangLongEnough(floor.leg(JORIS).id))
    assert floor.leg(JORIS).state is LegState.STOPPING
    floor.advance(0)
    assert floor.ringing() == [SANNES_DESK]


def mailbox(steps: tuple[tuple[str, ...], ...], repeat: int = 1) -> tuple[Floor, str]:
    """Sanne's first phone is answered by a mailbox, which talks past the end of the step."""
    floor = Floor(escalation=stepping(*steps, repeat=repeat))
    call = floor.critical()
    floor.advance(25)
    floor.answer(SANNE)
    floor.advance(6)
    return floor, call


def test_the_next_step_goes_on_where_a_persons_phones_were_left():
    floor, call = mailbox((("primary",), ("primary", "secondary")))
    assert (floor.ringing(), floor.incident(call).escalation.step) == ([JORIS], 2)
    floor.drop(SANNE)
    assert floor.ringing() == [SANNES_DESK, JORIS]
    floor.advance(61)
    assert [leg.to for leg in floor.legs()] == [SANNE, JORIS, SANNES_DESK, LAST_RESORT]


def test_so_does_the_next_pass():
    floor, call = mailbox((("primary",), ("secondary",)), repeat=2)
    floor.advance(24)
    floor.pass_on(JORIS)
    assert floor.incident(call).escalation.pass_ == 2
    floor.drop(SANNE)
    assert floor.ringing() == [SANNES_DESK, JORIS]


@pytest.mark.parametrize("seconds", [35, 100])
def test_whoever_was_busy_meanwhile_is_rung_on_the_next_phone(seconds):
    """Sanne's first phone was tried; then she was rung for another caller, whom she passes on."""
    floor = Floor(escalation=stepping(("primary",), ("secondary",), ("primary",), repeat=1))
    first = floor.critical()
    floor.advance(10)
    other = floor.critical(STRANGER)
    assert floor.incident(other).escalation.missed == ("sanne",)
    floor.drop(SANNE, events.Heard.BUSY)
    assert floor.ringing() == [SANNES_DESK]
    floor.advance(seconds)
    sought = [[leg.to for leg in of] for of in (theirs(floor, first), theirs(floor, other))]
    for numbers in sought:
        sannes = [to for to in numbers if to in (SANNE, SANNES_DESK)]
        assert sannes == ([SANNE, SANNES_DESK] * 3)[: len(sannes)]


def theirs(floor: Floor, call: str):
    key = floor.incident(call).key
    return [page for page in floor.book.rows.pages_of[key].values() if page.channel == "call"]


def test_the_row_goes_on_where_a_persons_phones_were_left_too():
    engineers = (Engineer("sanne", "Sanne de Vries", (SANNE, SANNES_DESK)),)
    floor = Floor(engineers=engineers, desk=stepping(("primary",)).steps[0])
    call = floor.dial()
    floor.pin(call, "4829130057")
    floor.press(call, "3")
    floor.work()
    assert floor.incident(call).escalation.phase is EscalationPhase.ROW
    floor.advance(1)
    other = floor.critical(STRANGER)
    floor.drop(SANNE, events.Heard.BUSY)
    assert [leg.to for leg in theirs(floor, other)] == [SANNE], "level 1 comes first"
    floor.pass_on(SANNE)
    assert [leg.to for leg in theirs(floor, call)] == [SANNE, SANNES_DESK]
