"""200 callers of mixed level and plan are served exactly in the stated order, whatever they do.

A plain list is the other opinion: whenever a phone is rung, it says who must be meant by it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing import events
from routing.call import Stage
from routing.line import Engineer, Step
from routing.page import LegState
from tests.routing.floor import PIN, Floor, contract

CALLERS = 200
DESK = tuple(
    Engineer(name, name.title(), (f"+3161000000{n}",))
    for n, name in enumerate(("anna", "bram", "cees"))
)
PHONES = {one.id: one.phones[0] for one in DESK}
PLANS = {
    "premium": {},
    "standard": {"plan": "standard"},
    "expired": {"valid_until": dt.date(2025, 12, 31)},
    "unverified": {},
}
RANKS = {"premium": 0, "standard": 1, "expired": 1, "unverified": 2}
RANG = (LegState.PLACING, LegState.RINGING)


@dataclass
class Waiting:
    """What the other opinion knows of a caller."""

    call: str
    level: int
    plan: str
    since: dt.datetime

    @property
    def order(self) -> tuple[int, int, dt.datetime]:
        return self.level, RANKS[self.plan], self.since


class Office:
    """A line with a desk, its callers, and the list that watches it."""

    def __init__(self, seed: int) -> None:
        self.floor = Floor(engineers=DESK, desk=Step(tuple(PHONES), dt.timedelta(seconds=20)))
        self.chance = random.Random(seed)
        self.waiting: list[Waiting] = []
        self.talking: dict[str, str] = {}
        self.passed: dict[tuple[str, str], dt.datetime] = {}
        self.seen: set[str] = set()
        self.served: list[Waiting] = []
        self.gone: list[tuple[str, str]] = []

    def customer(self) -> tuple[str, str]:
        """Somebody who has not called before, or one who hung up and calls again."""
        if self.gone and self.chance.random() < 0.3:
            return self.gone.pop()
        n = len(self.floor.people.contracts)
        plan, phone = self.chance.choice(list(PLANS)), f"+3162000{n:04}"
        one = contract(f"2{n:05}", f"Klant {n}", phone, **PLANS[plan])
        self.floor.people.contracts["main", one.number] = one
        return phone, plan

    # What callers do

    def calls(self, level: int | None = None) -> None:
        """Somebody calls: each a moment after the one before, so that time decides."""
        floor = self.floor
        floor.advance(self.chance.choice((0.01, 0.5, 3)))
        phone, plan = self.customer()
        call = floor.dial(phone)
        floor.pin(call, "0#" if plan == "unverified" else f"{PIN}#")
        if floor.call(call).stage is Stage.ABOUT:
            floor.press(call, "2")
        level = level or self.chance.choice((2, 3, 3, 4))
        floor.desk.happen(events.Chose(call, floor.call(call).turn, str(level)))
        self.waiting.append(Waiting(call, level, plan, floor.now))
        self.look()

    def holding(self) -> list[Waiting]:
        """Those on the line whom nobody is with."""
        return [w for w in self.waiting if self.floor.call(w.call).stage == "waiting"]

    def one(self) -> Waiting | None:
        holding = self.holding()
        return self.chance.choice(holding) if holding else None

    def leaves(self) -> None:
        if one := self.one():
            self.waiting.remove(one)
            self.gone.append((self.floor.call(one.call).shown, one.plan))
            self.floor.hang_up(one.call)
            self.look()

    def asks_to_be_called_back(self) -> None:
        if one := self.one():
            self.floor.wait_key(one.call, "8")
            self.floor.hang_up(one.call)
            self.look()

    def leaves_a_message_and_waits_on(self) -> None:
        if one := self.one():
            self.floor.wait_key(one.call, "7")
            turn = self.floor.call(one.call).turn
            self.floor.desk.happen(
                events.MessageLeft(one.call, turn, f"http://said/{one.call}-{turn}")
            )
            self.look()

    def says_it_has_become_level_1(self) -> None:
        """Or changes their mind at the confirmation, which costs nothing."""
        one = self.one()
        if one is None:
            return
        self.floor.wait_key(one.call, "3")
        if self.chance.random() < 0.5:
            self.floor.press(one.call, "2")
            self.look()
            return
        self.waiting.remove(one)
        self.floor.press(one.call, "1")
        self.floor.hang_up(one.call)
        self.floor.desk.happen(
            events.AcknowledgedWithoutKey(self.floor.incident(one.call).key, "manager")
        )
        self.look()

    # What the desk does

    def rung(self) -> dict[str, str]:
        """Whose phone rings for somebody who still waits."""
        live = [leg for leg in self.floor.legs() if leg.state in RANG]
        calls = {leg.engineer: self.floor.book.rows.pages[leg.id][0].call or "" for leg in live}
        waiting = {w.call for w in self.waiting}
        return {person: call for person, call in calls.items() if call in waiting}

    def somebody_takes(self) -> None:
        for person, call in sorted(self.rung().items()):
            (one,) = [w for w in self.waiting if w.call == call]
            self.waiting.remove(one)
            self.served.append(one)
            self.talking[person] = call
            leg = self.floor.take(PHONES[person])
            if leg.state is LegState.CONNECTING:
                self.floor.meet(PHONES[person])
            self.look()
            return

    def somebody_is_done(self) -> None:
        """The talk is over: mostly dealt with, sometimes handed over with the caller there."""
        if not self.talking:
            return
        person = self.chance.choice(sorted(self.talking))
        call = self.talking.pop(person)
        phone, leg = PHONES[person], self.floor.leg(PHONES[person])
        if leg.state is LegState.CALLING:
            self.floor.desk.happen(events.CustomerRung(leg.id, leg.turn, True))
        else:
            self.floor.left(call)
            self.floor.part(phone, bridged=True)
        if self.chance.random() < 0.2:
            one = next(w for w in self.served if w.call == call)
            self.served.remove(one)
            self.waiting.append(one)
            self.passed[person, call] = self.floor.now
            self.floor.key(phone, "2")
        else:
            self.floor.key(phone, "1")
            self.floor.hang_up(call)
        self.look()

    def somebody_passes(self) -> None:
        for person, call in sorted(self.rung().items()):
            self.passed[person, call] = self.floor.now
            self.floor.pass_on(PHONES[person])
            self.look()
            return

    def time_passes(self) -> None:
        for _ in range(self.chance.choice((1, 5, 30))):
            self.floor.advance(1)
            self.look()

    # What must hold

    def first_for(self, person: str) -> str | None:
        """Who must be next for this person, by the words of the promise alone."""
        ago = self.floor.now - dt.timedelta(minutes=2)
        free = [w for w in self.waiting if self.passed.get((person, w.call), ago) <= ago]
        return min(free, key=lambda w: w.order).call if free else None

    def look(self) -> None:
        """Every phone that has begun to ring rings for whoever is first."""
        self.floor.work()
        for leg in self.floor.legs():
            if leg.id in self.seen:
                continue
            self.seen.add(leg.id)
            if leg.state not in RANG:
                continue
            call = self.floor.book.rows.pages[leg.id][0].call
            assert call == self.first_for(leg.engineer), leg.engineer


DOINGS: dict[Callable[[Office], None], int] = {
    Office.calls: 6,
    Office.leaves: 2,
    Office.asks_to_be_called_back: 2,
    Office.leaves_a_message_and_waits_on: 1,
    Office.says_it_has_become_level_1: 1,
    Office.somebody_takes: 3,
    Office.somebody_is_done: 3,
    Office.somebody_passes: 1,
    Office.time_passes: 2,
}


def serve_all(office: Office) -> None:
    """Nobody calls any more: the desk works until the row is empty."""
    for _ in range(4000):
        if not office.waiting and not office.talking:
            return
        office.somebody_takes()
        office.somebody_is_done()
        office.time_passes()
    raise AssertionError(f"{len(office.waiting)} are never served")


@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_while_callers_come_and_go_every_phone_rings_for_whoever_is_first(seed):
    office = Office(seed)
    while len(office.floor.book.rows.calls) < 24:
        doing = office.chance.choices(list(DOINGS), weights=list(DOINGS.values()))[0]
        doing(office)
    serve_all(office)


@pytest.mark.parametrize("seed", [1])
def test_two_hundred_waiting_callers_are_served_in_the_stated_order(seed):
    office = Office(seed)
    for _ in PHONES:
        office.calls(2)
        office.somebody_takes()
    for _ in range(CALLERS):
        office.calls()
    for doing in (office.leaves, office.asks_to_be_called_back, office.says_it_has_become_level_1):
        for _ in range(20):
            doing()
    assert len(office.waiting) > 150
    order = [w.call for w in sorted(office.waiting, key=lambda w: w.order)]
    before = len(office.served)
    for _ in range(len(order)):
        person = sorted(office.talking)[0]
        call = office.talking.pop(person)
        office.floor.hang_up(call)
        office.floor.drop(PHONES[person])
        office.look()
        office.somebody_takes()
    assert [w.call for w in office.served[before:]] == order
