"""Takes a person out of every row: what happened, when and how often stays as it was."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    column,
    delete,
    false,
    or_,
    select,
    table,
    update,
)

from routing.oblivion import FORGOTTEN, NUMBERS, Person, blank, blanked
from store.columns import Value
from store.concern import Concern
from store.engine import reading, writing
from store.tables import added_phones, contact_phones, contacts, memos, metadata, previews

AT_ONCE = 50
NOBODYS = ("lines", "contracts", "contacts", "contact_phones", "added_phones", "sounds")
"""Who stands in the file is taken out of the file; a sound is deleted whole."""


def traces(engine: Engine, person: Person, theirs: Concern) -> Counter[str]:
    """How many rows of each table would lose something."""
    return Counter({t.name: len(found) for t, found in _found(engine, person, theirs) if found})


def forget(engine: Engine, person: Person, theirs: Concern) -> None:
    """Take the person out of everything, a few rows at a time; twice changes nothing more."""
    for each, keys in _found(engine, person, theirs):
        for start in range(0, len(keys), AT_ONCE):
            with writing(engine) as connection:
                _rewrite(connection, each, keys[start : start + AT_ONCE], person, theirs)


def forget_contact(engine: Engine, line: str, person: Person, contract: str | None) -> None:
    """Who stands among the contacts stands there no more, nor do their numbers."""
    theirs = (contacts.c.line == line, contacts.c.contract == contract)
    known = select(contacts.c.id).where(*theirs, contacts.c.name.in_(person.names))
    mine = (added_phones.c.line == line, added_phones.c.engineer == person.handle)
    with writing(engine) as connection:
        phones = or_(
            contact_phones.c.phone.in_(person.numbers), contact_phones.c.contact.in_(known)
        )
        connection.execute(delete(contact_phones).where(phones))
        connection.execute(delete(contacts).where(contacts.c.id.in_(known)))
        connection.execute(delete(added_phones).where(*mine))
        connection.execute(delete(previews))  # or a confirmation would bring them back


def _found(
    engine: Engine, person: Person, theirs: Concern
) -> Iterator[tuple[Table, Sequence[Any]]]:
    """The keys of the rows of each table in which the person stands, or may stand."""
    for each in metadata.sorted_tables:
        if each.name in NOBODYS or len(each.primary_key.columns) > 1:
            continue
        raw = _raw(each)
        words = (*person.numbers, *([person.handle] if person.handle else ()))
        named = [raw.c[name].contains(w, autoescape=True) for name in _texts(each) for w in words]
        (key,) = each.primary_key.columns
        with reading(engine) as connection:
            which = or_(false(), *named, *_own(raw, theirs))
            found = connection.scalars(select(raw.c[key.name]).where(which)).all()
            rows = _rows(connection, each, found)
            yield each, [old[key.name] for old in rows if _new(each, old, person, theirs) != old]


def _own(raw: Any, theirs: Concern) -> list[ColumnElement[bool]]:
    """What makes a row part of a matter of theirs."""
    called, asked = [c.id for c in theirs.calls], [i.key for i in theirs.incidents]
    if raw.name == "calls":
        return [raw.c.id.in_(called)]
    if raw.name == "incidents":
        return [raw.c.key.in_(asked)]
    names = {"call": called, "incident": asked}
    return [raw.c[name].in_(keys) for name, keys in names.items() if name in raw.c]


def _rewrite(
    connection: Connection, each: Table, keys: Sequence[Any], person: Person, theirs: Concern
) -> None:
    raw = _raw(each)
    (key,) = each.primary_key.columns
    for old in _rows(connection, each, keys):
        row = _new(each, old, person, theirs)
        if row != old:
            its = raw.c[key.name] == old[key.name]
            connection.execute(update(raw).where(its).values(row))


def _rows(connection: Connection, each: Table, keys: Sequence[Any]) -> list[dict[str, Any]]:
    raw = _raw(each)
    (key,) = each.primary_key.columns
    found: list[dict[str, Any]] = []
    for start in range(0, len(keys), AT_ONCE):
        wanted = select(raw).where(raw.c[key.name].in_(keys[start : start + AT_ONCE]))
        found += [dict(row) for row in connection.execute(wanted).mappings()]
    return found


def _new(each: Table, old: dict[str, Any], person: Person, theirs: Concern) -> dict[str, Any]:
    """The row without the person; whoever decides on it meanwhile has to read it again."""
    keys = {c.id for c in theirs.calls} | {i.key for i in theirs.incidents}
    own = any(old.get(name) in keys for name in ("id", "key", "call", "incident"))
    row = dict(old)
    for name in _texts(each):
        if isinstance(each.c[name].type, Value):
            row[name] = _whole(each, old[name], person, own=own)
        elif name in NUMBERS and old[name] in person.numbers:
            row[name] = None
        elif old[name] is not None:
            row[name] = blank(old[name], person, own=own)
    if row != old and "version" in row:
        row["version"] += 1
        row["value"] = json.dumps(json.loads(row["value"]) | {"version": row["version"]})
    return row


def _whole(each: Table, value: str, person: Person, *, own: bool) -> str:
    before = json.loads(value)
    after = blanked(before, person, own=own)
    if own and each is memos:
        after["words"] = FORGOTTEN
    return value if after == before else json.dumps(after, ensure_ascii=False)


def _texts(each: Table) -> list[str]:
    keys = {c.name for c in each.primary_key.columns}
    plain = [c for c in each.columns if isinstance(c.type, (String, Value))]
    return [c.name for c in plain if c.name not in keys]


def _raw(each: Table) -> Any:
    """The table as the database has it: values as their text."""
    return table(each.name, *(column(c.name) for c in each.columns))
