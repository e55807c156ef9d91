"""A dozen wait for two at the desk; some leave, come back, or are called back: the order holds."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from devtools.phone_company.driver.handset import Handset
from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, SANNE

OFFICE = 'hours: "09:00-18:00"'
PLANS = {
    "premium": "plan: msa_plus",
    "standard": "plan: standard",
    "expired": "plan: msa_plus\n    valid: {until: 2020-12-31}",
}
RANKS = {"premium": 0, "standard": 1, "expired": 1, "unverified": 2}
TALKING = [(2, "premium"), (2, "premium")]
WAITING = [
    *((4, "premium"), (3, "unverified"), (3, "standard"), (2, "expired"), (3, "premium")),
    *((4, "standard"), (2, "premium"), (3, "expired"), (2, "unverified"), (3, "premium")),
    *((2, "standard"), (4, "unverified")),
]
A_SENTENCE = 15  # seconds at most until what a caller hears has been said
LEAVE, COME_BACK, CALLED_BACK = (2, 6, 9), (2, 6), (3, 10)


@dataclass
class Customer:
    """A caller of this level and plan, and since when they wait, by the order of their calls."""

    number: int
    level: int
    plan: str
    since: int = 0
    handset: Handset | None = None

    @property
    def phone(self) -> str:
        return f"+316200000{self.number:02}"

    @property
    def pin(self) -> str:
        return f"7301{self.number:02}"

    @property
    def order(self) -> tuple[int, int, int]:
        return self.level, RANKS[self.plan], self.since

    @property
    def on_paper(self) -> str:
        """Their contract, as the file says it; none for whoever is not identified."""
        if self.plan == "unverified":
            return ""
        return f"""  - contract: "3000{self.number:02}"
    customer: Klant {self.number}
    {PLANS[self.plan]}
    contacts:
      - {{name: Klant {self.number}, phone: "{self.phone}", pin: "{self.pin}", language: nl}}
"""


CUSTOMERS = [Customer(n, *given) for n, given in enumerate((*TALKING, *WAITING))]


@pytest.fixture
def paper():
    staffed = PAPER.replace(
        "{days: [mon, tue, wed, thu, fri], " + OFFICE + "}",
        '{days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-00:00"}',
    ).replace("paging:", "desk: {ring: [sanne, joris], for: 20s}\npaging:")
    return staffed + "".join(customer.on_paper for customer in CUSTOMERS)


class Morning:
    """The desk's morning: who waits, and who talks with whom."""

    def __init__(self, stage):
        self.stage = stage
        self.calls = 0

    def calls_in(self, customer):
        """They say who they are and how urgent it is; a moment passes before the next."""
        stage, self.calls = self.stage, self.calls + 1
        customer.since, customer.handset = self.calls, stage.dial(customer.phone)
        known = customer.plan != "unverified"
        for digits in (f"{customer.pin}#",) if known else ("1", "0#"):
            stage.press(customer.handset, digits)
        stage.something_new(customer.handset)
        stage.press(customer.handset, str(customer.level))
        stage.advance(0.5)

    def takes(self, phone):
        """Whoever sits there picks up and takes it; gives back their handset."""
        taker = self.stage.answer(phone)
        self.stage.press(taker, self.stage.leg(taker).take_key)
        self.stage.advance(6)
        return taker

    def met(self, taker):
        """Who of the customers they talk with, called back where nobody holds the line."""
        for _ in range(A_SENTENCE):
            for customer in CUSTOMERS:
                called = self.stage.office.phone(customer.phone)
                if called.ringing():
                    customer.handset = called.answer()
                    self.stage.advance(2)
                if customer.handset is not None and customer.handset.bridged_with == taker.sid:
                    return customer
            self.stage.advance(1)
        raise AssertionError(f"{taker} talks with nobody")

    def done(self, taker, customer):
        """Both hang up."""
        self.stage.hang_up(customer.handset)
        self.stage.hang_up(taker)
        self.stage.advance(0.5)


def test_a_dozen_callers_are_served_exactly_in_the_stated_order(stage):
    morning, talks = Morning(stage), {}
    talking, waiting = CUSTOMERS[:2], CUSTOMERS[2:]
    for customer in talking:
        morning.calls_in(customer)
        phone = next(p for p in (SANNE, JORIS) if stage.office.phone(p).ringing())
        talks[phone] = (morning.takes(phone), customer)
    for customer in waiting:
        morning.calls_in(customer)
    for n in LEAVE:
        stage.hang_up(waiting[n].handset)
    for n in CALLED_BACK:
        stage.press(waiting[n].handset, "8")
    stage.advance(12)
    for n in COME_BACK:
        morning.calls_in(waiting[n])
    gone = {waiting[n].number for n in set(LEAVE) - set(COME_BACK)}
    expected = sorted((c for c in waiting if c.number not in gone), key=lambda c: c.order)
    served = []
    for n in range(len(expected)):
        phone = (SANNE, JORIS)[n % 2]
        morning.done(*talks[phone])
        taker = morning.takes(phone)
        talks[phone] = (taker, morning.met(taker))
        served.append(talks[phone][1])
    assert [c.number for c in served] == [c.number for c in expected]
    assert stage.desk.calls.desk_queue.find_waiting("main") == []
