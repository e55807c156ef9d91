"""A few calls of the example's cast, whose figures can be counted on the fingers."""

import datetime as dt

import pytest

from routing.call import Call, CallOutcome, Entitlement, Identity, Stage
from routing.contracts import PremiumUse
from routing.incident import Incident, IncidentState
from store.db.engine import writing
from store.log.cases import write_call, write_incident

BAKERY = Identity("100234", "Bakkerij Jansen BV", "Pieter Jansen", "msa_plus")
PLACE = 900
"""Of the first in its contract year; what other tests counted stands before it."""

LATE = dt.timedelta(hours=4)

LOG = (
    # days ago, level, who took it, seconds until then or until it ended
    (1, 1, "sanne", 40),
    (1, 1, "sanne", 50.5),
    (2, 1, "joris", 200),
    (2, 2, None, 30),
    (40, 2, "joris", 60),
    (40, 2, None, 300),
    (40, None, None, 10),
)
"""The clock of the tests stands at 2 March 2026, so the first four are of March and February."""


def wrote(engine, now):
    """Write them down as the line would have."""
    with writing(engine) as connection:
        for number, (days, level, taker, seconds) in enumerate(LOG):
            start = now - dt.timedelta(days=days) + dt.timedelta(minutes=number)
            end, key = start + dt.timedelta(seconds=seconds), f"{number:032}"
            call = Call(
                id=key,
                sid=f"CA{key}",
                line="main",
                shown="+31612345678",
                caller="+31612345678",
                language="nl",
                started_at=start,
                stage=Stage.ENDED,
                entitlement=Entitlement.ENTITLED if level else Entitlement.UNVERIFIED,
                identity=BAKERY if level else None,
                urgency=level,
                answered_by=taker,
                answered_at=end if taker else None,
                outcome=CallOutcome.CONNECTED if taker else CallOutcome.ABANDONED,
                ended_at=end + dt.timedelta(seconds=60 if taker else 0),
            )
            write_call(connection, None, call)
            if level:
                write_incident(connection, None, _incident(key, call, late=seconds == 200))


def _incident(key, call, *, late):
    due = call.started_at + LATE if call.urgency == 1 else None
    year = dt.date(2026, 1, 1)
    return Incident(
        key=key,
        line="main",
        opened_at=call.started_at,
        urgency=call.urgency,
        language="nl",
        entitlement=call.entitlement,
        contract="100234",
        customer="Bakkerij Jansen BV",
        state=IncidentState.CLOSED,
        acknowledged_by=call.answered_by,
        respond_by=due,
        breached_at=due if late else None,
        premium=call.urgency == 1,
        counted=PremiumUse(call.started_at, year, PLACE + int(key)) if call.urgency == 1 else None,
    )


@pytest.fixture
def log(board, clock):
    """All of them, before the clock of the tests."""
    wrote(board.engine, clock.now)
