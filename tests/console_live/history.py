"""A year of past calls, for the figures."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from itertools import count
from typing import Any

from sqlalchemy import Engine, select

from routing.call import Call, CallOutcome, Entitlement, Identity, Stage
from routing.contracts import PremiumUse, contract_year
from routing.incident import Incident, IncidentState
from store.db.engine import writing
from store.log.cases import write_call, write_incident
from store.tables.people import contracts

CALLS = 400
A_YEAR = dt.timedelta(days=330)
QUIET = range(80, 120)
"""Days ago without any calls."""

PROMISED = dt.timedelta(hours=4)
PHONE = "+31612345678"


def write(engine: Engine, line: str, now: dt.datetime) -> None:
    """Write the calls: most are answered in a minute or two, some are abandoned."""
    chance, places = random.Random(4), count(1)
    with writing(engine) as connection:
        known = select(contracts.c.number, contracts.c.customer, contracts.c.valid_from)
        customers = connection.execute(known.order_by(contracts.c.number)).all()
        for number, start in enumerate(sorted(_moments(chance, now))):
            key = f"{number:032}"
            customer = chance.choice(customers)
            who = Identity(customer.number, customer.customer, "Contact", "msa_plus")
            level = chance.choice((1, 1, 2, 2, 3, 4))
            call = _call(chance, key, line, start)
            write_call(connection, None, Call(**call, identity=who, urgency=level))
            year = contract_year(customer.valid_from, start.date())
            counts = level == 1 and chance.random() < 0.3
            counted = PremiumUse(start, year, next(places)) if counts else None
            told = {"urgency": level, "contract": who.contract, "customer": who.customer}
            late = start + PROMISED if level == 1 and chance.random() < 0.08 else None
            write_incident(
                connection,
                None,
                Incident(
                    **_incident(call),
                    **told,
                    respond_by=start + PROMISED if level == 1 else None,
                    breached_at=late,
                    premium=counts,
                    counted=counted,
                ),
            )


def _moments(chance: random.Random, now: dt.datetime) -> Iterator[dt.datetime]:
    for _ in range(CALLS):
        start = now - dt.timedelta(hours=1) - A_YEAR * chance.random()
        if (now - start).days not in QUIET:
            yield start


def _call(chance: random.Random, key: str, line: str, start: dt.datetime) -> dict[str, Any]:
    wait = dt.timedelta(seconds=chance.lognormvariate(4.0, 0.5))
    base = {"id": key, "sid": f"CA{key}", "line": line, "shown": PHONE, "caller": PHONE}
    base |= {
        "language": "nl",
        "started_at": start,
        "entitlement": Entitlement.ENTITLED,
        "incident": key,
    }
    if chance.random() < 0.15:
        ended = {"outcome": CallOutcome.ABANDONED, "ended_at": start + wait / 2}
    else:
        taken = {"answered_by": chance.choice(("sanne", "joris")), "answered_at": start + wait}
        ended = {"outcome": CallOutcome.CONNECTED, "ended_at": start + wait * 5, **taken}
    return base | ended | {"stage": Stage.ENDED}


def _incident(call: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of the incident of a call."""
    taker = call.get("answered_by", "sanne")
    known = {"key": call["id"], "line": call["line"], "opened_at": call["started_at"]}
    state = {
        "state": IncidentState.CLOSED,
        "acknowledged_by": taker,
        "acknowledged_at": call["ended_at"],
    }
    times = {"responded_at": call["ended_at"], "closed_at": call["ended_at"]}
    return known | state | times | {"language": "nl", "entitlement": call["entitlement"]}
