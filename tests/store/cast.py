"""The standing cast: one caller, two engineers, one stranger."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from routing.call import Call, Entitlement, Identity, Stage
from routing.contracts import Contact, Contract
from routing.incident import EscalationPhase, EscalationState, Incident
from routing.line import Channel, Engineer, Escalation, Hours, Line, Schedule, Shift, Step
from routing.page import LegState, Page

NOW = dt.datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=dt.UTC)
PIETER = "+31612345678"
EMAIL = "pieter@bakkerij.example"
STRANGER = "+31699999999"

LINE = Line(
    id="main",
    names=(("nl", "MSA Plus prioriteitslijn"),),
    number="+31201234567",
    timezone="Europe/Amsterdam",
    languages=("nl", "en"),
    office_hours=(Hours(days=("mon", "tue"), start=dt.time(9), end=dt.time(18)),),
    last_resort=("+31207654321",),
    engineers=(
        Engineer("sanne", "Sanne de Vries", ("+31612345601", "+31208881101")),
        Engineer("joris", "Joris Bakker", ("+31612345602",)),
    ),
    schedules=(Schedule("primary", "Europe/Amsterdam", (Shift(people=("sanne",)),)),),
    escalation=Escalation((Step(("primary",)), Step(("joris",)))),
)

BAKERY = Contract(
    number="100234",
    customer="Bakkerij Jansen BV",
    plan="msa_plus",
    valid_from=dt.date(2026, 1, 1),
    valid_until=dt.date(2026, 12, 31),
    contacts=(
        Contact("Pieter Jansen", (PIETER, "+31612345679"), "hash of a PIN", "nl", EMAIL),
        Contact("Anna Jansen", (), "another hash", ends=dt.date(2026, 2, 1)),
    ),
)


def call(number: int = 1, caller: str | None = PIETER, at: dt.datetime = NOW) -> Call:
    return Call(f"call-{number}", f"CA{number}", "main", caller or "anonymous", caller, "nl", at)


def proven(value: Call) -> Call:
    who = Identity("100234", "Bakkerij Jansen BV", "Pieter Jansen", "msa_plus")
    return replace(
        value, entitlement=Entitlement.ENTITLED, identity=who, urgency=1, stage=Stage.WAITING
    )


def incident(number: int = 1, **changes: object) -> Incident:
    plain = Incident(
        key=f"incident-{number}",
        line="main",
        opened_at=NOW,
        urgency=1,
        language="nl",
        entitlement=Entitlement.ENTITLED,
        caller=PIETER,
        escalation=EscalationState(EscalationPhase.STEPS),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def leg(name: str, engineer: str = "sanne", at: dt.datetime = NOW, take_key: str = "7") -> Page:
    return Page(
        name,
        at,
        engineer,
        Channel.CALL,
        "+31612345601",
        take_key=take_key,
        ring_for=dt.timedelta(seconds=30),
    )


def ended(page: Page) -> Page:
    return replace(page, state=LegState.ENDED)


def text_page(name: str, at: dt.datetime = NOW) -> Page:
    return Page(name, at, "sanne", Channel.SMS, "+31612345601")
