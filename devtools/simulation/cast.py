"""Who is there: a line, its engineers and contracts, and the people who call."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random

from devtools.simulation.people import Caller, Phone
from routing.contracts import Contact, Contract
from routing.contracts.plans import (
    CoveredHours,
    Door,
    OfficeTime,
    Plan,
    PlanLevel,
    list_default_plans,
)
from routing.line import (
    CarrierLimits,
    Engineer,
    Escalation,
    Hours,
    Line,
    Paging,
    PinRules,
    RateLimit,
    Schedule,
    Shift,
    SignatureDesk,
    Step,
    UnverifiedRates,
)

NUMBER = "+31201234567"
LAST_RESORT = ("+31207654321", "+31207654322")
ENGINEERS = (
    Engineer("sanne", "Sanne de Vries", ("+31612345601", "+31208881101")),
    Engineer("joris", "Joris Bakker", ("+31612345602",)),
    Engineer("milan", "Milan Smit", ("+31612345603", "+31208881103"), languages=("en",)),
    Engineer("noor", "Noor Visser", ("+31612345604",)),
)
ON_FILE = (*(phone for e in ENGINEERS for phone in e.phones), *LAST_RESORT)
OWN = ENGINEERS[1].phones[0]
"""An engineer calls the line, too."""

NEVER_DIALLED = frozenset(("+319061234", "+4930901820"))
"""A number that costs whoever calls it, and one abroad: strangers show them."""

PIN = "482913"
TWENTY = dt.timedelta(seconds=20)
A_MINUTE = dt.timedelta(minutes=1)
FIVE_MINUTES = 5 * A_MINUTE
PLANS = ("msa_plus", "msa_plus", "msa_plus", "standard")


def theirs(n: int) -> str:
    """The number that the n-th contract knows."""
    return f"+3161000{n:04d}"


def contract(n: int) -> Contract:
    """The n-th contract, with one contact."""
    contact = Contact(f"Contact {n}", (theirs(n),), PIN, "nl" if n % 3 else "en")
    return Contract(f"{100200 + n}", f"Company {n}", PLANS[n % 4], contacts=(contact,))


CONTRACTS = tuple(contract(n) for n in range(12))
KNOWN = frozenset((*ON_FILE, *(phone for c in CONTRACTS for p in c.contacts for phone in p.phones)))


def evening(chance: Random) -> dt.datetime:
    """Some moment of some week; now and then shortly before the office opens."""
    monday = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    if chance.random() < 0.2:
        opens = monday + dt.timedelta(days=chance.randrange(5), hours=8)
        return opens - dt.timedelta(minutes=chance.randrange(5, 35))
    return monday + dt.timedelta(minutes=chance.randrange(7 * 24 * 60))


def line(chance: Random) -> Line:
    """A line with steps of its own."""
    names = ("primary", "secondary", "all")
    lasts = dt.timedelta(seconds=chance.choice((15, 20, 30)))
    pin = PinRules(ask="while_ringing") if lasts < TWENTY else PinRules()  # one night in three
    steps = tuple(Step((name,), lasts) for name in names[: chance.randint(1, 3)])
    schedules = (
        Schedule("primary", "Europe/Amsterdam", (Shift(people=("sanne", "milan")),)),
        Schedule("secondary", "Europe/Amsterdam", (Shift(people=("joris",)),)),
        Schedule("all", "Europe/Amsterdam", (Shift(people=tuple(e.id for e in ENGINEERS)),)),
    )
    office = Hours(days=("mon", "tue", "wed", "thu", "fri"), start=dt.time(9), end=dt.time(18))
    return Line(
        id="main",
        names=(("nl", "MSA Plus"),),
        number=NUMBER,
        timezone="Europe/Amsterdam",
        languages=("nl", "en"),
        office_hours=(office,),
        last_resort=LAST_RESORT[: chance.randint(1, 2)],
        engineers=ENGINEERS,
        schedules=schedules,
        escalation=Escalation(steps, chance.randint(1, 2)),
        paging=Paging(again_after=FIVE_MINUTES, reach_within=FIVE_MINUTES),
        desk=Step(("all",), TWENTY) if chance.random() < 0.7 else None,
        signature_desk=SignatureDesk(("secondary",), TWENTY) if chance.random() < 0.7 else None,
        respond_within=tuple((level, promised(chance)) for level in (1, 2, 3, 4)),
        pin=pin,
        carrier=CarrierLimits(calls_per_second=10),
    )


def plans(chance: Random) -> tuple[Plan, ...]:
    """The two plans of a line that defines none, or others by the same ids, in any order."""
    known = list_default_plans()
    if chance.random() < 0.5:
        return known
    ranks = [chance.randint(1, 3) for _ in known]
    return tuple(
        replace(plan, rank=rank, levels=_levels(chance), doors=_doors(chance))
        for plan, rank in zip(known, ranks, strict=True)
    )


def _levels(chance: Random) -> tuple[tuple[int, PlanLevel], ...]:
    included = [level for level in (1, 2, 3) if chance.random() < 0.7]
    return tuple(
        (
            level,
            PlanLevel(
                chance.choice(list(CoveredHours)),
                promised(chance) if chance.random() < 0.5 else None,
                chance.choice(((), (), ("secondary",), ("noor",))),
            ),
        )
        for level in included
    )


def _doors(chance: Random) -> tuple[Door, ...]:
    return (Door.PORTAL, Door.EMAIL) if chance.random() < 0.1 else tuple(Door)


def promised(chance: Random) -> OfficeTime:
    """A response within minutes, so that some promises are broken in a night."""
    return OfficeTime(chance.choice((10, 20, 240)) * A_MINUTE, office=chance.random() < 0.5)


def phone(chance: Random, number: str) -> Phone:
    """A telephone of a night: mostly answered, or a mailbox, or dead; now and then a key sticks."""
    human = chance.choice((0.95, 0.9, 0.7, 0.2))
    mailbox, takes = chance.choice((0.0, 1.0)), chance.choice((1.0, 0.8))
    return Phone(chance, number, human, mailbox, takes, stuck(chance))


def unverified(chance: Random) -> UnverifiedRates:
    """In most nights as many strangers as usual are rung for, in some nearly none."""
    few = chance.random() < 0.3
    return UnverifiedRates(line=RateLimit(1 if few else 10, 60 * A_MINUTE))


def stuck(chance: Random) -> str | None:
    """The key of one telephone in thirty that knows no other."""
    return chance.choice("0679*#") if chance.random() < 1 / 30 else None


def shown(chance: Random, n: int) -> str:
    """The number of somebody of the n-th contract: mostly the one that is known."""
    stranger = f"+3162000{n:04d}"
    return chance.choice(
        (*(theirs(n),) * 8, *(stranger, "anonymous") * 3, OWN, *sorted(NEVER_DIALLED))
    )


def caller(chance: Random) -> Caller:
    """Known or not, with a PIN that is right or not, mostly with a level 1."""
    n, only_key = chance.randrange(12), stuck(chance)
    patience = chance.choice((8, 45, 120, 240, 360)) * chance.uniform(0.5, 1.5)
    return Caller(
        chance,
        shown=shown(chance, n),
        contract=f"{100200 + n}",
        pin=PIN if chance.random() < 0.9 else "918273",
        level=chance.choice("11111111223345"),
        patience=patience if only_key is None else 300.0,
        odd=chance.choice((0.0, 0.0, 0.05, 0.2)),
        stuck=only_key,
    )
