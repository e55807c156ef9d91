"""Drills: their contract, whose turn it is, and the results."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, and_, exists, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from routing.call import Call
from routing.contracts import Contract, ContractOrigin
from routing.journal import JournalEvent
from routing.line import Channel
from store.db.engine import reading, writing
from store.people.contracts import add_contracts, remove_contracts
from store.tables.log import calls, counters, journal, pages

_TURN = "drill "


def add_drill_contract(engine: Engine, line_id: str, contract: Contract) -> None:
    """Add a contract to the line of a drill."""
    with writing(engine) as connection:
        add_contracts(connection, line_id, [contract], ContractOrigin.DRILL)


def remove_drill_contract(engine: Engine, line_id: str, contract: Contract) -> None:
    """Delete the contract of a drill."""
    with writing(engine) as connection:
        remove_contracts(connection, line_id, [contract.number])


def claim_drill(engine: Engine, line_id: str, due: dt.datetime) -> bool:
    """True for the one process of all hosts that runs the drill of this moment.

    When a line is new, no drill has been missed, so the first call is False everywhere.
    """
    name, minute = f"{_TURN}{line_id}", int(due.timestamp()) // 60
    moved = update(counters).where(counters.c.name == name, counters.c.value < minute)
    try:
        with writing(engine) as connection:
            if connection.execute(moved.values(value=minute)).rowcount:
                return True
            known = exists().where(counters.c.name == name)
            row = select(literal(name), literal(minute)).where(~known)
            connection.execute(insert(counters).from_select(["name", "value"], row))
    except IntegrityError:  # another process wrote the row of the line first
        pass
    return False


def find_last_drill(engine: Engine, line_id: str) -> Call | None:
    """The latest call on the line of a drill."""
    held = select(calls.c.value).where(calls.c.line == line_id)
    with reading(engine) as connection:
        return connection.scalar(held.order_by(calls.c.started_at.desc()).limit(1))


def list_answers(engine: Engine, incident: str) -> dict[str, dt.timedelta | None]:
    """The engineers rung in a drill, in that order; how long they took to answer, or None."""
    answered = and_(journal.c.leg == pages.c.id, journal.c.event == JournalEvent.PRACTISED)
    rung = (
        select(pages.c.engineer, pages.c.at, journal.c.at.label("answered_at"))
        .outerjoin(journal, answered)
        .where(pages.c.incident == incident, pages.c.channel == Channel.CALL)
        .order_by(pages.c.at, pages.c.id)
    )
    found: dict[str, dt.timedelta | None] = {}
    with reading(engine) as connection:
        for row in connection.execute(rung):
            after = None
            if row.answered_at:
                after = row.answered_at - row.at
            found[row.engineer] = found.get(row.engineer) or after
    return found
