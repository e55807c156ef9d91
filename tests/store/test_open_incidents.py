"""What a contract may call about again is found without its history."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from routing.decision import Case, Decision
from routing.incident import IncidentState
from routing.ports import CallRepository
from store.db.engine import open_engine, reading
from store.db.schema import migrate
from store.log.call_repository import UNCLOSED_OF_CONTRACT
from tests.store.cast import NOW, incident, leg

BAKERY = "100234"


def keep(
    book: CallRepository,
    number: int,
    state: IncidentState,
    contract: str = BAKERY,
    line: str = "main",
) -> None:
    at = NOW + dt.timedelta(minutes=number)
    kept = incident(number, state=state, contract=contract, line=line, opened_at=at)
    book.save(Case(), Decision(Case(incident=kept)), NOW)


def test_the_newest_come_first_and_those_responded_to_last(book: CallRepository) -> None:
    keep(book, 1, IncidentState.ACKNOWLEDGED)
    keep(book, 2, IncidentState.OPEN)
    keep(book, 3, IncidentState.RESPONDED)
    keep(book, 4, IncidentState.CLOSED)
    keep(book, 5, IncidentState.OPEN)
    keep(book, 6, IncidentState.RESPONDED)
    keep(book, 7, IncidentState.OPEN, contract="100999")
    keep(book, 8, IncidentState.OPEN, line="other")
    found = [i.key for i in book.find_unclosed("main", BAKERY, 9)]
    assert found == ["incident-5", "incident-2", "incident-1", "incident-6", "incident-3"]
    assert [i.key for i in book.find_unclosed("main", BAKERY, 2)] == found[:2]
    assert book.find_unclosed("main", "100000", 9) == []


def test_an_incident_that_another_call_joins_is_compared_and_set(book: CallRepository) -> None:
    """The decision began with a call only; the incident came in by its key."""
    first, _ = book.save(Case(), Decision(Case(incident=incident(pages=(leg("leg-1"),)))), NOW)
    assert first.incident is not None
    joined, _ = book.save(Case(), Decision(Case(incident=first.incident)), NOW)
    assert joined.incident is not None
    assert joined.incident.version == first.incident.version + 1
    found = book.find_by_incident("incident-1")
    assert found is not None
    assert found.incident == joined.incident


def test_the_index_of_the_unclosed_serves(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/line.db")
    migrate(engine)
    query = f"EXPLAIN QUERY PLAN {UNCLOSED_OF_CONTRACT.compile(engine)}"
    with reading(engine) as connection:
        plan = connection.exec_driver_sql(query, ("main", BAKERY, "responded", 3, 0)).all()
    engine.dispose()
    assert "ix_incidents_unclosed" in str(plan)
