"""Calls as the line itself writes them down: told to a real desk once, to be copied many times."""

from __future__ import annotations

import datetime as dt
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Engine, Table, text

from config.holidays import build_holiday_check
from config.line import parse_line_file
from devtools.bench import cast
from routing import events
from routing.call_service import CallService
from routing.incident import IncidentState
from routing.message import Via
from store.db.engine import open_engine, reading
from store.db.schema import migrate
from store.log.call_repository import SqlCallRepository
from store.people.hashing import Argon2PinVerifier
from store.people.lines import SqlLineRepository, apply_line
from store.tables.log import calls, incidents, journal, pages
from store.tables.people import contact_phones, contacts, contracts
from store.work.redis_client import NoJobNotifier

T = TypeVar("T")

AT = dt.datetime(2026, 1, 5, 3, 12, tzinfo=dt.UTC)
"""When both calls take place, all within this minute; a copy has another minute."""

LOG = (calls, incidents, pages, journal)
CUSTOMERS = (contracts, contacts, contact_phones)
SID, LEG_SID = "CAstory", "CAleg"
NUMBER, PLACE, CONTACT_ID = "<number>", "<place>", "<contact>"
YEAR = "2026-01-01"


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """The rows of one call by table, as the database has them, and the ids that stand in them."""

    rows: Mapping[str, Sequence[Row]]
    ids: Sequence[str]


def hung_up() -> Story:
    """The caller hangs up before saying anything."""
    with _told() as (desk, engine):
        desk.happen(
            events.CallEnded(_known(desk.answer(SID, cast.LINE, cast.phone(0)).case.call).id)
        )
        return _story(engine)


def taken() -> Story:
    """Level 1: an engineer takes the call, talks, and the incident is closed."""
    with _told() as (desk, engine):
        take(desk)
        return _story(engine)


def take(desk: CallService) -> None:
    """Play that call, from the first ring to the end of its incident."""
    call = _known(desk.answer(SID, cast.LINE, cast.phone(0)).case.call)
    call = _known(desk.pin_keyed(call.id, call.turn, f"{cast.PIN}#").case.call)
    call = _known(desk.happen(events.Chose(call.id, call.turn, "1")).call)
    incident = _known(desk.happen(events.Chose(call.id, call.turn, "1")).incident)
    (leg,) = incident.legs()
    desk.happen(events.LegPlaced(leg.id, LEG_SID))
    matter = desk.happen(events.LegListens(leg.id, LEG_SID))
    leg = _known(_known(matter.incident).page(leg.id))
    desk.happen(events.LegKeyed(leg.id, leg.turn, leg.take_key, LEG_SID))
    desk.happen(events.LegConnected(leg.id))
    desk.happen(events.LegHeard(leg.id, events.Heard.COMPLETED, LEG_SID))
    desk.happen(events.CallEnded(call.id))
    desk.happen(events.Responded(incident.key, leg.engineer, Via.COMMAND))
    matter = desk.happen(events.Closed(incident.key, leg.engineer, Via.COMMAND))
    if _known(matter.incident).state is not IncidentState.CLOSED:
        raise LookupError("the story has another end")


def customer(pin_hash: str) -> Story:
    """A customer; all have the same PIN, as hashing a million would take hours."""
    with _told(pin_hash) as (_, engine):
        return Story(_rows(engine, CUSTOMERS), ())


@contextmanager
def _told(pin_hash: str = "") -> Iterator[tuple[CallService, Engine]]:
    with tempfile.TemporaryDirectory(prefix="line-story-") as folder:
        engine = open_engine(f"sqlite:///{folder}/story.db")
        migrate(engine)
        locksmith = Argon2PinVerifier("pepper")
        own = cast.customer(pin_hash or locksmith.hash(cast.PIN, "story"))
        apply_line(engine, parse_line_file(cast.paper(), locksmith.hash).line, [own], AT)
        book, people = SqlCallRepository(engine), SqlLineRepository(engine)
        seed = partial(secrets.token_bytes, 32)
        yield (
            CallService(
                book, people, locksmith, NoJobNotifier(), lambda: AT, seed, build_holiday_check
            ),
            engine,
        )
        engine.dispose()


def _known(value: T | None) -> T:
    if value is None:
        raise LookupError("the story takes another course")
    return value


def _story(engine: Engine) -> Story:
    rows = _rows(engine, LOG)
    drawn = [row.get("id", row.get("key")) for each in rows.values() for row in each]
    return Story(rows, [SID, LEG_SID, *(one for one in drawn if one is not None)])


def _rows(engine: Engine, tables: Sequence[Table]) -> Mapping[str, Sequence[Row]]:
    """All rows as they are, but for numbers that differ from copy to copy: words stand there."""
    rows: dict[str, list[Row]] = {}
    with reading(engine) as connection:
        for table in tables:
            found = connection.execute(text(f"SELECT * FROM {table.name}"))  # noqa: S608
            rows[table.name] = [_open(table, dict(row)) for row in found.mappings()]
    return rows


def _open(table: Table, row: dict[str, Any]) -> Row:
    if table is journal:
        del row["id"]
    if table is incidents:
        for column, name, word in (("number", "number", NUMBER), ("premium_place", "place", PLACE)):
            was = f'"{name}":{row[column]}'
            row |= {column: word, "value": row["value"].replace(was, f'"{name}":{word}')}
    for name in {"contacts": ["id"], "contact_phones": ["contact"]}.get(table.name, ()):
        row[name] = CONTACT_ID
    return row
