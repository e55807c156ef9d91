"""The desk's row as it is kept: its order, its talks, and an index that finds it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import text

from routing.call import Outcome, Standing
from routing.decision import Decision, Matter
from routing.incident import Hunt, Hunting, Incident
from routing.ports import Book
from store.db.engine import open_engine
from store.log.call_repository import SqlBook
from tests.conftest import fresh_database
from tests.store.cast import NOW, call, ended, incident, leg

MINUTE = dt.timedelta(minutes=1)
ROW = Hunt(Hunting.ROW)


def keep(book: Book, after: Matter, before: Matter = Matter()) -> Matter:  # noqa: B008
    saved, _ = book.save(before, Decision(after), NOW)
    return saved


def waits(number: int, urgency: int, standing: Standing, minutes: int) -> Incident:
    since = NOW + minutes * MINUTE
    return incident(number, urgency=urgency, standing=standing, rowed_at=since, hunt=ROW)


def talk(book: Book, number: int, minutes: int, urgency: int = 3, **changes: object) -> None:
    """A call that was talked for so long, ``number`` minutes from now."""
    begins = NOW + number * MINUTE
    spoken = {
        "started_at": begins,
        "answered_at": begins,
        "ended_at": begins + minutes * MINUTE,
        "outcome": Outcome.CONNECTED,
        "incident": f"incident-{number}",
    }
    known = replace(call(number), **(spoken | changes))  # type: ignore[arg-type]
    keep(book, Matter(known, incident(number, urgency=urgency, line=known.line)))


def test_the_row_is_ordered_by_level_then_plan_then_time(book: Book) -> None:
    entitled, standard = Standing.ENTITLED, Standing.STANDARD
    keep(book, Matter(incident=waits(1, 3, Standing.UNVERIFIED, 0)))
    keep(book, Matter(incident=waits(2, 3, standard, 1)))
    keep(book, Matter(incident=waits(3, 3, Standing.EXPIRED, 2)))
    keep(book, Matter(incident=waits(4, 3, entitled, 9)))
    keep(book, Matter(incident=waits(5, 3, entitled, 3)))
    keep(book, Matter(incident=waits(6, 4, entitled, 0)))
    keep(book, Matter(incident=waits(7, 2, Standing.UNVERIFIED, 9)))
    assert book.row("main") == [f"incident-{n}" for n in (7, 5, 4, 2, 3, 1, 6)]


def test_only_who_waits_has_a_place_and_gives_it_up(book: Book) -> None:
    saved = keep(book, Matter(incident=waits(1, 3, Standing.ENTITLED, 0)))
    keep(book, Matter(incident=replace(waits(2, 3, Standing.ENTITLED, 0), line="other")))
    keep(book, Matter(incident=incident(3, rowed_at=NOW, hunt=Hunt(Hunting.LATER))))
    assert book.row("main") == ["incident-1"]
    assert saved.incident is not None
    keep(book, Matter(incident=replace(saved.incident, hunt=Hunt(Hunting.OVER))), saved)
    assert book.row("main") == []
    assert book.row("other") == ["incident-2"]


def test_the_talks_of_levels_2_to_4_come_latest_first(book: Book) -> None:
    for number, minutes in ((1, 10), (2, 20), (3, 30)):
        talk(book, number, minutes)
    talk(book, 4, 40, urgency=1)
    talk(book, 5, 50, outcome=Outcome.CALLBACK)
    talk(book, 6, 60, line="other")
    assert book.desk_talks("main", NOW + 2 * MINUTE) == [30 * MINUTE, 20 * MINUTE]
    assert book.desk_talks("other", NOW) == [60 * MINUTE]


def test_twenty_talks_are_enough(book: Book) -> None:
    for number in range(1, 26):
        talk(book, number, number)
    assert book.desk_talks("main", NOW) == [n * MINUTE for n in range(25, 5, -1)]


def test_the_latest_leg_is_that_of_the_line(book: Book) -> None:
    older = ended(leg("leg-1", at=NOW - MINUTE))
    keep(book, Matter(incident=incident(1, pages=(older, ended(leg("leg-2"))))))
    elsewhere = ended(leg("leg-3", at=NOW + MINUTE))
    keep(book, Matter(incident=replace(incident(2, pages=(elsewhere,)), line="other")))
    last = book.last_leg("main", "sanne")
    assert last is not None
    assert last.id == "leg-2"
    assert book.last_leg("main", "joris") is None


def test_among_100000_incidents_the_row_is_found_by_its_index(request, tmp_path) -> None:
    engine = open_engine(fresh_database("sqlite", request, tmp_path))
    book = SqlBook(engine)
    keep(book, Matter(incident=waits(1, 3, Standing.ENTITLED, 0)))
    many = """
        WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100001)
        INSERT INTO incidents ({0}) SELECT {1} FROM incidents, n WHERE number = 1001
    """
    with engine.begin() as connection:
        columns = [row[1] for row in connection.execute(text("PRAGMA table_info(incidents)"))]
        made = {"key": "'x' || i", "number": "i + 5000", "row_place": "NULL"}
        chosen = ", ".join(made.get(name, name) for name in columns)
        connection.execute(text(many.format(", ".join(columns), chosen)))
        plan = connection.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT key FROM incidents"
                " WHERE line = 'main' AND row_place IS NOT NULL ORDER BY row_place"
            )
        ).all()
    assert book.row("main") == ["incident-1"]
    assert ["ix_incidents_row" in step[-1] for step in plan] == [True]
    engine.dispose()
