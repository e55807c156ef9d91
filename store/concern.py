"""What is held about a person: the calls and incidents that are theirs, and every other trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, or_, select

from routing.call import Call
from routing.contract import Contact
from routing.ended import done_at
from routing.incident import Incident
from routing.names import name_key
from routing.oblivion import Person
from store.engine import reading
from store.tables import added_phones, calls, incidents, letters, pages, recordings


@dataclass(frozen=True, slots=True)
class Concern:
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
) -> Person:
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
    return Person(frozenset((known | called) - shared), frozenset(names))


def of_engineer(engine: Engine, line: str, handle: str, names: Sequence[str]) -> Person:
    """An engineer who has left, with every number and address that was ever tried."""
    tried = select(pages.c.value).where(pages.c.line == line, pages.c.engineer == handle)
    wrote = select(letters.c.value).where(letters.c.line == line, letters.c.reader == handle)
    added = select(added_phones.c.number).where(added_phones.c.engineer == handle)
    with reading(engine) as connection:
        known = {each.to for find in (tried, wrote) for each in connection.scalars(find)}
        known |= set(connection.scalars(added.where(added_phones.c.line == line)))
    return Person(frozenset(known), frozenset(names), handle)


def concern(engine: Engine, line: str, person: Person, contract: str | None = None) -> Concern:
    """What is theirs on a line; an engineer has no matters, only what they said."""
    numbers = person.numbers if person.handle is None else frozenset()
    with reading(engine) as connection:
        near = or_(calls.c.contract == contract, calls.c.shown.in_(numbers))
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
        return Concern(tuple(called), tuple(asked), tuple(r.id for r in voices))


def _called(call: Call, person: Person) -> bool:
    who = call.identity
    return {call.caller, call.shown} & person.numbers != set() or (
        who is not None and who.contact in person.names
    )


def _asked(incident: Incident, person: Person) -> bool:
    return incident.caller in person.numbers or incident.contact in person.names


def _calls(connection: Connection, *which: ColumnElement[bool]) -> Sequence[Call]:
    return connection.scalars(select(calls.c.value).where(*which)).all()
