"""Contracts lent to drills, and how the last drill of a line went."""

from __future__ import annotations

from sqlalchemy import Engine, select

from routing.call import Call
from routing.contract import Contract
from store.contracts import add_contracts, remove_contracts
from store.engine import reading, writing
from store.tables import calls

ORIGIN = "drill"


def lend(engine: Engine, line_id: str, contract: Contract) -> None:
    """Let somebody be identified by this contract, on the line of a drill."""
    with writing(engine) as connection:
        add_contracts(connection, line_id, [contract], ORIGIN)


def take_back(engine: Engine, line_id: str, contract: Contract) -> None:
    """It identifies nobody any more."""
    with writing(engine) as connection:
        remove_contracts(connection, line_id, [contract.number])


def last_drill(engine: Engine, line_id: str) -> Call | None:
    """The latest call on the line of a drill."""
    held = select(calls.c.value).where(calls.c.line == line_id)
    with reading(engine) as connection:
        return connection.scalar(held.order_by(calls.c.started_at.desc()).limit(1))
