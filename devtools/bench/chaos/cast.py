"""Who is there: a line with four engineers and as many customers as there are calls."""

from __future__ import annotations

LINE = "+31201234567"
LAST_RESORT = ("+31207654321", "+31207654322")
PIN = "482913"
MOST = 2000
"""Customers; beyond that they call again."""

NAMES = ("sanne", "joris", "milan", "noor")
ENGINEERS = {f"+3161234560{place}": name for place, name in enumerate(NAMES, 1)}

_HEADING = """
line:
  name: MSA Plus prioriteitslijn
  number: "{line}"
  timezone: Europe/Amsterdam
  languages: [nl]
  office_hours: {{days: [mon, tue, wed, thu, fri], hours: "00:00-00:00"}}
  last_resort: [{last_resort}]
engineers:
{engineers}
schedules:
  - {{id: primary, shifts: [{{people: [{first}]}}]}}
  - {{id: secondary, shifts: [{{people: [{second}]}}]}}
escalation:
  steps:
    - {{ring: [primary], for: 3s}}
    - {{ring: [secondary], for: 3s}}
  repeat: 2
paging: {{channels: [sms], again_after: 5s}}
carrier: {{calls_per_second: 50}}
contracts:
{contracts}
"""
_ENGINEER = '  - {{id: {name}, name: {name}, phones: ["{number}"]}}'
_CONTRACT = (
    '  - {{contract: "{number}", customer: Company {n}, plan: msa_plus, contacts: '
    '[{{name: Contact {n}, phone: "{phone}", pin: "{pin}", language: nl}}]}}'
)


def phone_of(n: int) -> str:
    """The number of the n-th customer's telephone."""
    return f"+3161{1000000 + n % MOST:07d}"


def paper(calls: int) -> str:
    """The line's file for so many calls; a call a customer, up to a bound."""
    count = min(calls, MOST)
    people = [_ENGINEER.format(name=name, number=number) for number, name in ENGINEERS.items()]
    contracts = [
        _CONTRACT.format(number=200000 + n, n=n, phone=phone_of(n), pin=PIN) for n in range(count)
    ]
    return _HEADING.format(
        line=LINE,
        last_resort=", ".join(f'"{number}"' for number in LAST_RESORT),
        engineers="\n".join(people),
        first=", ".join(NAMES[:2]),
        second=", ".join(NAMES[2:]),
        contracts="\n".join(contracts),
    )
