"""Lines and contracts, in a database; keeps what ``routing.ports.People`` promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection, Engine, Row, Select, and_, bindparam, or_, select

from routing.contract import Contract
from routing.drill import called, practised
from routing.line import Line
from routing.ports import People
from store.contracts import FILE, contracts_that, read_contracts
from store.engine import reading
from store.overrides import read_overrides, with_overrides
from store.phones import read_verified, with_phones
from store.subscribers import SqlSubscribers
from store.tables import contact_phones, contacts, contracts, lines

_VERSIONS = select(lines.c.id, lines.c.version).order_by(lines.c.id)
_VERSION = _VERSIONS.limit(1)
_OF_ID = _VERSION.where(lines.c.id == bindparam("given"))
_OF_NUMBER = _VERSION.where(lines.c.number == bindparam("given"))
_OURS = contracts.c.line == bindparam("its_line")
_CONTRACT = contracts_that(and_(_OURS, contracts.c.number == bindparam("its_number")))
_OWNERS = (
    select(contacts.c.contract)
    .join(contact_phones, contact_phones.c.contact == contacts.c.id)
    .where(contact_phones.c.phone == bindparam("its_phone"))
    .where(contacts.c.line == bindparam("its_line"))
)
_WHOSE = contracts_that(and_(_OURS, contracts.c.number.in_(_OWNERS)))

_ON_FILE = (
    select(contracts.c.number)
    .where(_OURS, contracts.c.origin == FILE, contracts.c.number.in_(_OWNERS))
    .limit(1)
)
_UNFILED = (
    select(contacts.c.contract, contact_phones.c.phone)
    .join(contact_phones, contact_phones.c.contact == contacts.c.id)
    .join(
        contracts,
        and_(contracts.c.line == contacts.c.line, contracts.c.number == contacts.c.contract),
    )
    .where(_OURS, contracts.c.origin != FILE)
    .order_by(contacts.c.contract)
)


class SqlPeople(SqlSubscribers, People):
    """Who calls and who answers, as the duty managers last wrote it down."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine
        self._read: dict[str, tuple[int, Line]] = {}

    def line(self, line_id: str) -> Line | None:
        """The line of this id."""
        return practised(lambda real: self._line(_OF_ID, real), line_id)

    def line_of_number(self, number: str) -> Line | None:
        """The line that this number reaches, in whatever way the carrier writes it."""
        drill = called(number)
        if drill is not None:
            return self.line(drill)
        return self._line(_OF_NUMBER, number) or next(
            (line for line in self.all_lines() if line.rings_at(number)), None
        )

    def lines_of_texts(self, number: str) -> Sequence[Line]:
        """The lines whose texts come from this number, or that ring at it, by id; written in any
        way."""
        theirs = or_(lines.c.texts_from == number, lines.c.number == number)
        exact = self._lines(_VERSIONS.where(theirs))
        return exact or [line for line in self.all_lines() if line.texts_at(number)]

    def all_lines(self) -> Sequence[Line]:
        """Every line, by id."""
        return self._lines(_VERSIONS)

    def changed_at(self, line_id: str) -> dt.datetime | None:
        """When the line or an override of its schedules last changed."""
        with reading(self._engine) as connection:
            return connection.scalar(select(lines.c.changed_at).where(lines.c.id == line_id))

    def contract(self, line_id: str, number: str) -> Contract | None:
        """The contract of this number with all its contacts, those that have ended included."""
        with reading(self._engine) as connection:
            found = read_contracts(connection, _CONTRACT, its_line=line_id, its_number=number)
            return next(iter(found), None)

    def contracts_of_phone(self, line_id: str, phone: str) -> Sequence[Contract]:
        """The contracts with a contact who has this phone, by number."""
        with reading(self._engine) as connection:
            return read_contracts(connection, _WHOSE, its_line=line_id, its_phone=phone)

    def phone_of_file(self, line_id: str, phone: str) -> bool:
        """True when a contact has this phone whose contract the file of the line holds."""
        given = {"its_line": line_id, "its_phone": phone}
        with reading(self._engine) as connection:
            return connection.execute(_ON_FILE, given).first() is not None

    def unfiled_phones(self, line_id: str) -> Sequence[tuple[str, str]]:
        """Numbers of contracts with each phone of their contacts, where the file holds none of
        it."""
        with reading(self._engine) as connection:
            found = connection.execute(_UNFILED, {"its_line": line_id})
            return [(row.contract, row.phone) for row in found]

    def _lines(self, wanted: Select[str, int]) -> Sequence[Line]:
        with reading(self._engine) as connection:
            return [self._current(connection, row) for row in connection.execute(wanted).all()]

    def _line(self, wanted: Select[str, int], given: str) -> Line | None:
        with reading(self._engine) as connection:
            row = connection.execute(wanted, {"given": given}).first()
            return None if row is None else self._current(connection, row)

    def _current(self, connection: Connection, row: Row[str, int]) -> Line:
        """Read the line's document only when it has changed since this process last did."""
        known = self._read.get(row.id)
        if known is None or known[0] != row.version:
            document = connection.scalars(select(lines.c.value).where(lines.c.id == row.id)).one()
            line = with_overrides(document, read_overrides(connection, row.id))
            line = with_phones(line, read_verified(connection, row.id))
            known = self._read[row.id] = (row.version, line)
        return known[1]
