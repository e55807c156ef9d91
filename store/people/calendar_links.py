"""How often the secret link of each calendar was withdrawn. The link itself is not stored.

A row has a hash of its subject, so that it does not contain the id of an erased person.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping

from sqlalchemy import Connection, Engine, insert, select, update

from routing.line import Line
from store.db.engine import reading, writing
from store.tables.people import calendar_links

ENGINEER, SCHEDULE = "engineer", "schedule"


def hash_subject(line: str, kind: str, id_: str) -> str:
    """The hash of the calendar of a schedule or an engineer."""
    return hashlib.sha256(json.dumps([line, kind, id_]).encode()).hexdigest()


def read_generations(engine: Engine) -> Mapping[str, int]:
    """How often each link was withdrawn, by its key; those that never were are not in it."""
    with reading(engine) as connection:
        found = connection.execute(select(calendar_links.c.subject, calendar_links.c.generation))
        return {row.subject: row.generation for row in found}


def withdraw_link(engine: Engine, line: str, kind: str, id_: str, at: dt.datetime) -> None:
    """The link of this calendar opens nothing from now on; another takes its place."""
    with writing(engine) as connection:
        withdraw(connection, line, kind, id_, at)


def withdraw(connection: Connection, line: str, kind: str, id_: str, at: dt.datetime) -> None:
    """The same within a transaction."""
    subject = hash_subject(line, kind, id_)
    mine = calendar_links.c.subject == subject
    again = {"generation": calendar_links.c.generation + 1, "withdrawn_at": at}
    if not connection.execute(update(calendar_links).where(mine).values(again)).rowcount:
        first = {"subject": subject, "generation": 1, "withdrawn_at": at}
        connection.execute(insert(calendar_links), first)


def withdraw_links_of_engineer(
    connection: Connection, line: Line, engineer: str, at: dt.datetime
) -> None:
    """Somebody has left, who may know the links of every schedule: all of them, and their own."""
    withdraw(connection, line.id, ENGINEER, engineer, at)
    for schedule in line.schedules:
        withdraw(connection, line.id, SCHEDULE, schedule.id, at)
