"""Takes a person out of every row: what happened, when and how often stays as it was."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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

from routing.call import Call
from routing.contracts import Contact
from routing.incident import Incident, done_at
from routing.names import name_key
from store.db.engine import reading, writing
from store.db.sql_types import JsonValue
from store.log.redaction import FORGOTTEN, NUMBERS, DataSubject, redact, redact_value
from store.tables import all_tables
from store.tables.log import calls, incidents, messages, notes, pages, recordings
from store.tables.people import added_phones, contact_phones, contacts
from store.tables.work import import_previews

# What is held about a person: the calls and incidents that are theirs, and every other trace.


@dataclass(frozen=True, slots=True)
class SubjectData:
    """A person's own calls and incidents, and the recordings in which their voice is."""

    calls: tuple[Call, ...]
    incidents: tuple[Incident, ...]
    recordings: tuple[str, ...]

    @property
    def undone(self) -> tuple[int, ...]:
        """The numbers of incidents that somebody has still to deal with."""
        return tuple(i.number for i in self.incidents if done_at(i) is None)

    @property
    def on_the_line(self) -> bool:
        """True while one of the calls is not over."""
        return any(call.live for call in self.calls)


def of_contact(
    engine: Engine, contract: str, contact: Contact, others: Sequence[Contact]
) -> DataSubject:
    """A contact, in whatever spellings of their name they are kept: numbers that a colleague has
    too are the company's, and stay."""
    key = name_key(contact.name)
    same = [other for other in others if name_key(other.name) == key]
    shared = {phone for other in others if other not in same for phone in other.phones}
    known = {phone for one in same for phone in (*one.phones, *([one.email] if one.email else []))}
    with reading(engine) as connection:
        theirs = _calls(connection, calls.c.contract == contract)
        named = [c for c in theirs if c.identity and name_key(c.identity.contact) == key]
        asked = select(incidents.c.value).where(incidents.c.contract == contract)
        about = [i.contact for i in connection.scalars(asked) if i.contact]
    called = {call.caller for call in named if call.caller}
    said = {*(c.identity.contact for c in named if c.identity), *about}
    names = {one.name for one in same} | {name for name in said if name_key(name) == key}
    return DataSubject(frozenset((known | called) - shared), frozenset(names))


def of_engineer(engine: Engine, line: str, handle: str, names: Sequence[str]) -> DataSubject:
    """An engineer who has left, with every number and address that was ever tried."""
    tried = select(pages.c.value).where(pages.c.line == line, pages.c.engineer == handle)
    wrote = select(messages.c.value).where(messages.c.line == line, messages.c.recipient == handle)
    added = select(added_phones.c.number).where(added_phones.c.engineer == handle)
    with reading(engine) as connection:
        known = {each.to for find in (tried, wrote) for each in connection.scalars(find)}
        known |= set(connection.scalars(added.where(added_phones.c.line == line)))
    return DataSubject(frozenset(known), frozenset(names), handle)


def concern(
    engine: Engine, line: str, person: DataSubject, contract: str | None = None
) -> SubjectData:
    """What is theirs on a line; an engineer has no matters, only what they said."""
    numbers = person.numbers if person.handle is None else frozenset()
    with reading(engine) as connection:
        near = or_(calls.c.contract == contract, calls.c.caller_id.in_(numbers))
        called = [c for c in _calls(connection, calls.c.line == line, near) if _called(c, person)]
        keys = {call.incident for call in called}
        about = or_(
            incidents.c.contract == contract,
            incidents.c.caller.in_(numbers),
            incidents.c.key.in_(keys),
        )
        found = select(incidents.c.value).where(incidents.c.line == line, about)
        asked = [i for i in connection.scalars(found) if i.key in keys or _asked(i, person)]
        theirs = [incident.key for incident in asked]
        said = select(recordings.c.value).where(recordings.c.line == line)
        if person.handle is None:
            said = said.where(recordings.c.incident.in_(theirs))
        voices = [r for r in connection.scalars(said) if r.by == person.handle]
        return SubjectData(tuple(called), tuple(asked), tuple(r.id for r in voices))


def _called(call: Call, person: DataSubject) -> bool:
    who = call.identity
    return {call.caller, call.shown} & person.numbers != set() or (
        who is not None and who.contact in person.names
    )


def _asked(incident: Incident, person: DataSubject) -> bool:
    return incident.caller in person.numbers or incident.contact in person.names


def _calls(connection: Connection, *which: ColumnElement[bool]) -> Sequence[Call]:
    return connection.scalars(select(calls.c.value).where(*which)).all()


AT_ONCE = 50
NOBODYS = ("lines", "contracts", "contacts", "contact_phones", "added_phones", "sounds")
"""Who stands in the file is taken out of the file; a sound is deleted whole."""


def traces(engine: Engine, person: DataSubject, theirs: SubjectData) -> Counter[str]:
    """How many rows of each table would lose something."""
    return Counter({t.name: len(found) for t, found in _found(engine, person, theirs) if found})


def forget(engine: Engine, person: DataSubject, theirs: SubjectData) -> None:
    """Take the person out of everything, a few rows at a time; twice changes nothing more."""
    for each, keys in _found(engine, person, theirs):
        for start in range(0, len(keys), AT_ONCE):
            with writing(engine) as connection:
                _rewrite(connection, each, keys[start : start + AT_ONCE], person, theirs)


def forget_contact(engine: Engine, line: str, person: DataSubject, contract: str | None) -> None:
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
        connection.execute(delete(import_previews))  # or a confirmation would bring them back


def _found(
    engine: Engine, person: DataSubject, theirs: SubjectData
) -> Iterator[tuple[Table, Sequence[Any]]]:
    """The keys of the rows of each table in which the person stands, or may stand."""
    for each in all_tables().sorted_tables:
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


def _own(raw: Any, theirs: SubjectData) -> list[ColumnElement[bool]]:
    """What makes a row part of a matter of theirs."""
    called, asked = [c.id for c in theirs.calls], [i.key for i in theirs.incidents]
    if raw.name == "calls":
        return [raw.c.id.in_(called)]
    if raw.name == "incidents":
        return [raw.c.key.in_(asked)]
    names = {"call": called, "incident": asked}
    return [raw.c[name].in_(keys) for name, keys in names.items() if name in raw.c]


def _rewrite(
    connection: Connection,
    each: Table,
    keys: Sequence[Any],
    person: DataSubject,
    theirs: SubjectData,
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


def _new(
    each: Table, old: dict[str, Any], person: DataSubject, theirs: SubjectData
) -> dict[str, Any]:
    """The row without the person; whoever decides on it meanwhile has to read it again."""
    keys = {c.id for c in theirs.calls} | {i.key for i in theirs.incidents}
    own = any(old.get(name) in keys for name in ("id", "key", "call", "incident"))
    row = dict(old)
    for name in _texts(each):
        if isinstance(each.c[name].type, JsonValue):
            row[name] = _whole(each, old[name], person, own=own)
        elif name in NUMBERS and old[name] in person.numbers:
            row[name] = None
        elif old[name] is not None:
            row[name] = redact(old[name], person, own=own)
    if row != old and "version" in row:
        row["version"] += 1
        row["value"] = json.dumps(json.loads(row["value"]) | {"version": row["version"]})
    return row


def _whole(each: Table, value: str, person: DataSubject, *, own: bool) -> str:
    before = json.loads(value)
    after = redact_value(before, person, own=own)
    if own and each is notes:
        after["words"] = FORGOTTEN
    return value if after == before else json.dumps(after, ensure_ascii=False)


def _texts(each: Table) -> list[str]:
    keys = {c.name for c in each.primary_key.columns}
    plain = [c for c in each.columns if isinstance(c.type, (String, JsonValue))]
    return [c.name for c in plain if c.name not in keys]


def _raw(each: Table) -> Any:
    """The table as the database has it: values as their text."""
    return table(each.name, *(column(c.name) for c in each.columns))
