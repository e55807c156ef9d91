"""The desk's row as it is kept: its order, its talks, and an index that finds it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import text

from routing.call import CallOutcome
from routing.decision import Case, Decision
from routing.incident import UNRANKED, EscalationPhase, EscalationState, Incident
from routing.ports import CallRepository
from store.db.engine import open_engine
from store.log.call_repository import SqlCallRepository
from tests.conftest import fresh_database
from tests.store.cast import NOW, call, ended, incident, leg

MINUTE = dt.timedelta(minutes=1)
ROW = EscalationState(EscalationPhase.ROW)


def keep(book: CallRepository, after: Case, before: Case = Case()) -> Case:  # noqa: B008
    saved, _ = book.save(before, Decision(after), NOW)
    return saved


def waits(number: int, urgency: int, rank: int, minutes: int) -> Incident:
    since = NOW + minutes * MINUTE
    return incident(number, urgency=urgency, rank=rank, queued_at=since, escalation=ROW)


def talk(
    book: CallRepository, number: int, minutes: int, urgency: int = 3, **changes: object
) -> None:
    """A call that was talked for so long, ``number`` minutes from now."""
    begins = NOW + number * MINUTE
    spoken = {
        "started_at": begins,
        "answered_at": begins,
        "ended_at": begins + minutes * MINUTE,
        "outcome": CallOutcome.CONNECTED,
        "incident": f"incident-{number}",
    }
    known = replace(call(number), **(spoken | changes))  # type: ignore[arg-type]
    keep(book, Case(known, incident(number, urgency=urgency, line=known.line)))


def test_the_row_is_ordered_by_level_then_plan_then_time(book: CallRepository) -> None:
    keep(book, Case(incident=waits(1, 3, UNRANKED, 0)))
    keep(book, Case(incident=waits(2, 3, 10, 1)))
    keep(book, Case(incident=waits(3, 3, 10, 2)))
    keep(book, Case(incident=waits(4, 3, 2, 9)))
    keep(book, Case(incident=waits(5, 3, 2, 3)))
    keep(book, Case(incident=waits(6, 4, 1, 0)))
    keep(book, Case(incident=waits(7, 2, UNRANKED, 9)))
    assert book.desk_queue.find_waiting("main") == [f"incident-{n}" for n in (7, 5, 4, 2, 3, 1, 6)]


def test_only_who_waits_has_a_place_and_gives_it_up(book: CallRepository) -> None:
    saved = keep(book, Case(incident=waits(1, 3, 1, 0)))
    keep(book, Case(incident=replace(waits(2, 3, 1, 0), line="other")))
    keep(
        book,
        Case(
            incident=incident(3, queued_at=NOW, escalation=EscalationState(EscalationPhase.LATER))
        ),
    )
    assert book.desk_queue.find_waiting("main") == ["incident-1"]
    assert saved.incident is not None
    keep(
        book,
        Case(incident=replace(saved.incident, escalation=EscalationState(EscalationPhase.OVER))),
        saved,
    )
    assert book.desk_queue.find_waiting("main") == []
    assert book.desk_queue.find_waiting("other") == ["incident-2"]


def test_the_talks_of_levels_2_to_4_come_latest_first(book: CallRepository) -> None:
    for number, minutes in ((1, 10), (2, 20), (3, 30)):
        talk(book, number, minutes)
    talk(book, 4, 40, urgency=1)
    talk(book, 5, 50, outcome=CallOutcome.CALLBACK)
    talk(book, 6, 60, line="other")
    assert book.desk_queue.find_talks("main", NOW + 2 * MINUTE) == [30 * MINUTE, 20 * MINUTE]
    assert book.desk_queue.find_talks("other", NOW) == [60 * MINUTE]


def test_twenty_talks_are_enough(book: CallRepository) -> None:
    for number in range(1, 26):
        talk(book, number, number)
    assert book.desk_queue.find_talks("main", NOW) == [n * MINUTE for n in range(25, 5, -1)]


def test_the_latest_leg_is_that_of_the_line(book: CallRepository) -> None:
    older = ended(leg("leg-1", at=NOW - MINUTE))
    keep(book, Case(incident=incident(1, pages=(older, ended(leg("leg-2"))))))
    elsewhere = ended(leg("leg-3", at=NOW + MINUTE))
    keep(book, Case(incident=replace(incident(2, pages=(elsewhere,)), line="other")))
    last = book.find_pages_to("main", "sanne", NOW).last_leg
    assert last is not None
    assert last.id == "leg-2"
    assert book.find_pages_to("main", "joris", NOW).last_leg is None


def test_among_100000_incidents_the_row_is_found_by_its_index(request, tmp_path) -> None:
    engine = open_engine(fresh_database("sqlite", request, tmp_path))
    book = SqlCallRepository(engine)
    keep(book, Case(incident=waits(1, 3, 1, 0)))
    many = """
        WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100001)
        INSERT INTO incidents ({0}) SELECT {1} FROM incidents, n WHERE number = 1001
    """
    with engine.begin() as connection:
        columns = [row[1] for row in connection.execute(text("PRAGMA table_info(incidents)"))]
        made = {"key": "'x' || i", "number": "i + 5000", "queue_key": "NULL"}
        chosen = ", ".join(made.get(name, name) for name in columns)
        connection.execute(text(many.format(", ".join(columns), chosen)))
        plan = connection.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT key FROM incidents"
                " WHERE line = 'main' AND queue_key IS NOT NULL ORDER BY queue_key"
            )
        ).all()
    assert book.desk_queue.find_waiting("main") == ["incident-1"]
    assert ["ix_incidents_queue" in step[-1] for step in plan] == [True]
    engine.dispose()
