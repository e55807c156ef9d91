"""Erasure: removes a person from every row. What happened, when and how often stays as it was."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
from routing.correspondence import Author
from routing.incident import Incident, done_at
from routing.jobs import Lane
from routing.names import name_key
from store.db.engine import reading, writing
from store.db.sql_types import JsonValue
from store.log.correspondence import delete_files
from store.log.received_mails import forget_mails
from store.tables import all_tables
from store.tables.log import (
    calls,
    customer_messages,
    files,
    incidents,
    messages,
    notes,
    pages,
    received_mails,
    recordings,
)
from store.tables.people import added_phones, audit_log, contact_phones, contacts, portal_sessions
from store.tables.work import import_previews, jobs, webhook_deliveries

ERASED = "(forgotten)"
"""Replaces a name or a number in text."""

NUMBER_FIELDS = ("caller", "phone")
"""Fields that hold a number to call: they become empty, as the replacement cannot be called."""

FREE_TEXT_FIELDS = ("waiting_for", "waived", "subject", "products", "affected_since")
"""Fields of an incident in which an engineer or the customer may have named anybody."""


@dataclass(frozen=True, slots=True)
class DataSubject:
    """Whom to erase. ``numbers`` (phones and mail addresses) and ``handle`` (an engineer's id) are
    erased everywhere, ``names`` only in the person's own calls and incidents. ``former`` replaces
    the handle, so that counts stay."""

    numbers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    handle: str | None = None
    former: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SubjectData:
    """A person's own calls and incidents, and the ids of the recordings of their voice, of the
    messages that they wrote, and of the files that they sent."""

    calls: tuple[Call, ...]
    incidents: tuple[Incident, ...]
    recordings: tuple[str, ...]
    messages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def undone(self) -> tuple[int, ...]:
        """The numbers of the incidents that are not done."""
        return tuple(i.number for i in self.incidents if done_at(i) is None)

    @property
    def on_the_line(self) -> bool:
        """True while one of the calls is live."""
        return any(call.live for call in self.calls)

    @property
    def keys(self) -> frozenset[str]:
        """The ids of the calls and the messages, and the keys of the incidents."""
        keys = (*(c.id for c in self.calls), *(i.key for i in self.incidents))
        return frozenset((*keys, *self.messages))


# Finding: who the person is, and what is theirs.


def find_contact_subject(
    engine: Engine, contract: str, contact: Contact, others: Sequence[Contact]
) -> DataSubject:
    """A contact, with every spelling of their name in the log. A number that a colleague has too
    belongs to the company and stays."""
    key = name_key(contact.name)
    same = [other for other in others if name_key(other.name) == key]
    shared = {phone for other in others if other not in same for phone in other.phones}
    numbers = {phone for one in same for phone in one.phones}
    numbers |= {one.email for one in same if one.email}
    names = {one.name for one in same}
    with reading(engine) as connection:
        for call in _read_calls(connection, calls.c.contract == contract):
            if call.identity is None or name_key(call.identity.contact) != key:
                continue
            names.add(call.identity.contact)
            if call.caller:
                numbers.add(call.caller)
        opened = select(incidents.c.value).where(incidents.c.contract == contract)
        for incident in connection.scalars(opened):
            if incident.contact and name_key(incident.contact) == key:
                names.add(incident.contact)
    return DataSubject(frozenset(numbers - shared), frozenset(names))


def find_engineer_subject(
    engine: Engine, line: str, handle: str, names: Sequence[str]
) -> DataSubject:
    """An engineer who has left, with every number and address that was ever used."""
    paged = select(pages.c.value).where(pages.c.line == line, pages.c.engineer == handle)
    written = select(messages.c.value).where(
        messages.c.line == line, messages.c.recipient == handle
    )
    added = select(added_phones.c.number).where(
        added_phones.c.line == line, added_phones.c.engineer == handle
    )
    with reading(engine) as connection:
        known = {each.to for found in (paged, written) for each in connection.scalars(found)}
        known |= set(connection.scalars(added))
    return DataSubject(frozenset(known), frozenset(names), handle)


def find_subject_data(
    engine: Engine, line: str, person: DataSubject, contract: str | None = None
) -> SubjectData:
    """The person's data on a line. An engineer has no calls or incidents, only recordings."""
    numbers = person.numbers if person.handle is None else frozenset()
    with reading(engine) as connection:
        near = or_(calls.c.contract == contract, calls.c.caller_id.in_(numbers))
        called = [
            call
            for call in _read_calls(connection, calls.c.line == line, near)
            if _is_their_call(call, person)
        ]
        keys = {call.incident for call in called}
        about = or_(
            incidents.c.contract == contract,
            incidents.c.caller.in_(numbers),
            incidents.c.key.in_(keys),
        )
        found = connection.scalars(select(incidents.c.value).where(incidents.c.line == line, about))
        opened = [i for i in found if i.key in keys or _is_their_incident(i, person)]
        spoken = select(recordings.c.value).where(recordings.c.line == line)
        if person.handle is None:
            spoken = spoken.where(recordings.c.incident.in_([i.key for i in opened]))
        voices = [r.id for r in connection.scalars(spoken) if r.by == person.handle]
        wrote = _find_messages(connection, line, person, contract)
        sent = _find_files(connection, line, person, contract)
        return SubjectData(tuple(called), tuple(opened), tuple(voices), wrote, sent)


def _find_messages(
    connection: Connection, line: str, person: DataSubject, contract: str | None
) -> tuple[str, ...]:
    """The messages that a customer wrote: by their name on the contract, or by their address."""
    if person.handle is not None:
        return ()
    of_line = select(customer_messages.c.value, incidents.c.contract).join(incidents)
    found = connection.execute(of_line.where(incidents.c.line == line)).all()
    customers = [(m, owner) for m, owner in found if m.author is Author.CUSTOMER]
    return tuple(m.id for m, owner in customers if _is_by(m.by, owner, person, contract))


def _find_files(
    connection: Connection, line: str, person: DataSubject, contract: str | None
) -> tuple[str, ...]:
    """The files that a customer sent."""
    if person.handle is not None:
        return ()
    of_line = (files.c.line == line, files.c.author == Author.CUSTOMER)
    found = connection.execute(select(files.c.id, files.c.by, files.c.contract).where(*of_line))
    return tuple(id_ for id_, by, owner in found if _is_by(by, owner, person, contract))


def _is_by(by: str, owner: str | None, person: DataSubject, contract: str | None) -> bool:
    if by in person.numbers:
        return True
    return contract is not None and owner == contract and by in person.names


def _is_their_call(call: Call, person: DataSubject) -> bool:
    if {call.caller, call.shown} & person.numbers:
        return True
    return call.identity is not None and call.identity.contact in person.names


def _is_their_incident(incident: Incident, person: DataSubject) -> bool:
    leg = incident.customer_leg
    if leg is not None and (leg.by in person.names or leg.to in person.numbers):
        return True
    return incident.caller in person.numbers or incident.contact in person.names


def _read_calls(connection: Connection, *which: ColumnElement[bool]) -> Sequence[Call]:
    return connection.scalars(select(calls.c.value).where(*which)).all()


# Erasing: a few rows in each transaction. Doing it twice changes nothing more.

AT_ONCE = 50
_SKIPPED = ("lines", "contracts", "contacts", "contact_phones", "added_phones", "sounds")
"""People edit the file of the line, ``erase_contact`` deletes contacts, sound is deleted whole."""


def count_traces(engine: Engine, person: DataSubject, theirs: SubjectData) -> Counter[str]:
    """By table, the number of rows that an erasure would change."""
    found = _find_rows(engine, person, theirs)
    return Counter({each.name: len(keys) for each, keys in found if keys})


def erase(engine: Engine, person: DataSubject, theirs: SubjectData) -> None:
    """Remove the person from the log, and delete the files and mails that they sent. What was
    exported before is deleted too."""
    for file_id in theirs.files:
        with writing(engine) as connection:
            delete_files(connection, [file_id])
    read = (received_mails.c.sender.in_(person.numbers), received_mails.c.wakes_at.is_(None))
    with writing(engine) as connection:
        connection.execute(delete(jobs).where(jobs.c.lane == Lane.TASKS.value))
        forget_mails(connection, connection.scalars(select(received_mails.c.id).where(*read)).all())
    for each, keys in _find_rows(engine, person, theirs):
        for start in range(0, len(keys), AT_ONCE):
            with writing(engine) as connection:
                _rewrite(connection, each, keys[start : start + AT_ONCE], person, theirs)


def erase_contact(engine: Engine, line: str, person: DataSubject, contract: str | None) -> None:
    """Delete the contact, their phones and sessions, their name from their changes in the portal,
    and the phones that an engineer added."""
    theirs = (contacts.c.line == line, contacts.c.contract == contract)
    known = select(contacts.c.id).where(*theirs, contacts.c.name.in_(person.names))
    added = (added_phones.c.line == line, added_phones.c.engineer == person.handle)
    keys = [name_key(name) for name in person.names]
    of_contract = (portal_sessions.c.line == line, portal_sessions.c.contract == contract)
    signed_in = (*of_contract, portal_sessions.c.contact.in_(keys))
    changed = (audit_log.c.source == "portal", audit_log.c.actor.in_(person.names))
    of_it = (audit_log.c.object_type == "contract", audit_log.c.object_id == f"{line}/{contract}")
    with writing(engine) as connection:
        phones = or_(
            contact_phones.c.phone.in_(person.numbers), contact_phones.c.contact.in_(known)
        )
        connection.execute(delete(contact_phones).where(phones))
        connection.execute(delete(contacts).where(contacts.c.id.in_(known)))
        connection.execute(delete(portal_sessions).where(*signed_in))
        connection.execute(update(audit_log).where(*changed, *of_it).values(actor=ERASED))
        connection.execute(delete(added_phones).where(*added))
        connection.execute(delete(import_previews))  # one could bring the contact back


def _find_rows(
    engine: Engine, person: DataSubject, theirs: SubjectData
) -> Iterator[tuple[Table, Sequence[Any]]]:
    """Each table with the keys of the rows that would change."""
    words = [*person.numbers]
    if person.handle:
        words.append(person.handle)
    for each in all_tables().sorted_tables:
        if each.name in _SKIPPED or len(each.primary_key.columns) > 1:
            continue
        raw = _raw(each)
        named = [raw.c[name].contains(w, autoescape=True) for name in _texts(each) for w in words]
        (key,) = each.primary_key.columns
        with reading(engine) as connection:
            which = or_(false(), *named, *_belongs(raw, theirs))
            found = connection.scalars(select(raw.c[key.name]).where(which)).all()
            rows = _read_rows(connection, each, found)
            yield each, [old[key.name] for old in rows if _erased(each, old, person, theirs) != old]


def _belongs(raw: Any, theirs: SubjectData) -> list[ColumnElement[bool]]:
    """Conditions under which a row belongs to a call or an incident of theirs."""
    called, opened = [c.id for c in theirs.calls], [i.key for i in theirs.incidents]
    if raw.name == "calls":
        return [raw.c.id.in_(called)]
    if raw.name == "incidents":
        return [raw.c.key.in_(opened)]
    names = {"call": called, "incident": opened}
    if raw.name == "customer_messages":
        names["id"] = list(theirs.messages)
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
    for old in _read_rows(connection, each, keys):
        row = _erased(each, old, person, theirs)
        if row != old:
            its = raw.c[key.name] == old[key.name]
            connection.execute(update(raw).where(its).values(row))


def _read_rows(connection: Connection, each: Table, keys: Sequence[Any]) -> list[dict[str, Any]]:
    raw = _raw(each)
    (key,) = each.primary_key.columns
    found: list[dict[str, Any]] = []
    for start in range(0, len(keys), AT_ONCE):
        wanted = select(raw).where(raw.c[key.name].in_(keys[start : start + AT_ONCE]))
        found += [dict(row) for row in connection.execute(wanted).mappings()]
    return found


def _erased(
    each: Table, old: dict[str, Any], person: DataSubject, theirs: SubjectData
) -> dict[str, Any]:
    """The row without the person. Its version counts up, so that a decision on it is redone."""
    own = any(old.get(name) in theirs.keys for name in ("id", "key", "call", "incident"))
    row = dict(old)
    for name in _texts(each):
        if isinstance(each.c[name].type, JsonValue):
            row[name] = _redact_json(each, old[name], person, theirs, own=own)
        elif name in NUMBER_FIELDS and old[name] in person.numbers:
            row[name] = None
        elif old[name] is not None:
            row[name] = redact(old[name], person, own=own)
    if each is customer_messages and old["id"] in theirs.messages:
        row["mail_id"] = None
    if own and each is webhook_deliveries:
        row["body"] = _erase_message(row["body"])
    if row != old and "version" in row:
        row["version"] += 1
        row["value"] = json.dumps(json.loads(row["value"]) | {"version": row["version"]})
    return row


def _erase_message(body: str) -> str:
    """The body of a delivery without the words and the writer of its message."""
    sent = json.loads(body)
    if "words" not in sent.get("message", ()):
        return body
    sent["message"] |= {"words": ERASED, "by": ERASED}
    return json.dumps(sent, separators=(",", ":"))


def _redact_json(
    each: Table, value: str, person: DataSubject, theirs: SubjectData, *, own: bool
) -> str:
    before = json.loads(value)
    after = redact_value(before, person, own=own)
    if own and each is notes:
        after["words"] = ERASED
    if each is customer_messages and _tells_of(before, theirs):
        after["words"], after["mail_id"] = ERASED, None
    if after == before:
        return value
    return json.dumps(after, ensure_ascii=False)


def _tells_of(message: Mapping[str, Any], theirs: SubjectData) -> bool:
    """True for a message that the person wrote, or that answers them. What a colleague wrote about
    the same incident stays, without the person's name."""
    if message["id"] in theirs.messages:
        return True
    return message["incident"] in theirs.keys and message["author"] == Author.STAFF


def _texts(each: Table) -> list[str]:
    keys = {c.name for c in each.primary_key.columns}
    plain = [c for c in each.columns if isinstance(c.type, (String, JsonValue))]
    return [c.name for c in plain if c.name not in keys]


def _raw(each: Table) -> Any:
    """The table with values as their text."""
    return table(each.name, *(column(c.name) for c in each.columns))


# Redaction of one text or value.


def redact(text: str, person: DataSubject, *, own: bool) -> str:
    """The text without the person; ``own`` is True in a call or an incident of theirs."""
    words = [*person.numbers]
    if own:
        words += person.names
    if words:
        text = _match_words(words).sub(ERASED, text)
    if person.handle:
        text = _match_words([person.handle]).sub(person.former, text)
    return text


def redact_value(value: Any, person: DataSubject, *, own: bool) -> Any:
    """The same for a JSON value."""
    if isinstance(value, Mapping):
        return {name: _redact_field(name, each, person, own=own) for name, each in value.items()}
    if isinstance(value, list):
        return [redact_value(each, person, own=own) for each in value]
    if isinstance(value, str):
        return redact(value, person, own=own)
    return value


def _redact_field(name: str, value: Any, person: DataSubject, *, own: bool) -> Any:
    if name in NUMBER_FIELDS and value in person.numbers:
        return None
    if own and name in FREE_TEXT_FIELDS and value:
        return ERASED
    return redact_value(value, person, own=own)


def _match_words(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern for these as whole words, the longest first."""
    known = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w.-])(?:{known})(?![\w-])")
