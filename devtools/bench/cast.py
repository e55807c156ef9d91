"""Who takes part: one line, as many engineers as phones must ring at once, one kind of customer."""

from __future__ import annotations

import datetime as dt

from routing.contracts import Contact, Contract

BARE = "/voice/bare"
"""The bare view; requests below ``/voice/`` have the threads of telephones."""

LINE = "+31201234567"
CUSTOMER = "Bakkerij Jansen BV"
CONTACT = "Pieter Jansen"
PIN = "482913"
FIRST = 1_000_000
"""The number of the first contract."""

_ENGINEER = '  - {{id: sanne{n}, name: Sanne de Vries, phones: ["{phone}"], languages: [nl, en]}}\n'
_ROUTE = (
    '  - when: {{contracts: ["{contract}"]}}\n'
    "    escalation: {{steps: [{{ring: [sanne{n}], for: 30s}}], repeat: 3}}\n"
)
_PAPER = """line:
  name: MSA Plus prioriteitslijn
  number: "{line}"
  timezone: Europe/Amsterdam
  languages: [nl, en]
  office_hours: {{days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}}
  holidays: NL
  last_resort: "+31207654321"
engineers:
{engineers}schedules:
  - id: primary
    shifts:
      - rotation: {{every: 1 week, from: "2026-01-05T09:00", people: [sanne0, sanne1]}}
escalation:
  steps:
    - {{ring: [primary], for: 30s}}
  repeat: 3
keep: {{calls: 9 years, incidents: 9 years}}
carrier: {{calls_per_second: {granted}}}
{routes}"""


def paper(crew: int = 0, granted: int = 1) -> str:
    """The line's file: so many engineers, each the only one for one contract beside the two who
    are rung for all others; the carrier grants so many calls a second."""
    people = "".join(_ENGINEER.format(n=n, phone=engineer_phone(n)) for n in range(crew + 2))
    routes = "".join(_ROUTE.format(n=n + 2, contract=contract(n)) for n in range(crew))
    routes = f"routes:\n{routes}" if crew else ""
    return _PAPER.format(line=LINE, engineers=people, routes=routes, granted=granted)


def customer(pin_hash: str) -> Contract:
    """The first customer."""
    contact = Contact(CONTACT, (phone(0),), pin_hash, "nl")
    begun, end = dt.date(2020, 1, 1), dt.date(2035, 12, 31)
    return Contract(contract(0), CUSTOMER, "msa_plus", begun, end, 12, (contact,))


def contract(place: int) -> str:
    """The number of a contract."""
    return str(FIRST + place)


def phone(place: int) -> str:
    """The telephone of the contact of a contract."""
    return f"+316{10_000_000 + place}"


def engineer_phone(place: int) -> str:
    """The telephone of an engineer."""
    return f"+3168{8_000_000 + place}"
