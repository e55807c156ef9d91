"""The accounts of the console; every change of one is in the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from routing.names import name_key
from store.calendar_links import withdraw_known_to
from store.engine import reading, writing
from store.staff.account import Account, Role
from store.staff.audit import Deed, record
from store.staff.told import differing, had
from store.tables import accounts, lines, sittings

_FIELDS = tuple(c for c in accounts.c if c.name in Account.__dataclass_fields__)


class NameTakenError(Exception):
    """Somebody else has this name already."""


class LastAdminError(Exception):
    """Without this one nobody could let anybody in."""


class Accounts:
    """Everybody who may sign in. Names are kept in lower case, so that each is one person's."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def all(self) -> Sequence[Account]:
        """Everybody, by name."""
        with reading(self._engine) as connection:
            found = connection.execute(select(*_FIELDS).order_by(accounts.c.name))
            return [account_of(row) for row in found]

    def named(self, name: str) -> Account | None:
        """The account of this name."""
        return self._one(accounts.c.name == folded(name))

    def numbered(self, number: int) -> Account | None:
        """The account of this id."""
        return self._one(accounts.c.id == number)

    def of_subject(self, subject: str) -> Account | None:
        """The account of somebody whom an OpenID provider knows by this."""
        return self._one(accounts.c.subject == subject)

    def add(self, account: Account, deed: Deed) -> Account:
        """Give somebody a way in; the id is ours to choose. Raises NameTakenError."""
        row = {field.name: getattr(account, field.name) for field in _FIELDS if field.name != "id"}
        row |= {"name": folded(account.name), "made_at": deed.at}
        try:
            with writing(self._engine) as connection:
                made = insert(accounts).values(row).returning(*_FIELDS)
                added = account_of(connection.execute(made).one())
                record(connection, deed.on("account", added.name, after=had(added)))
        except IntegrityError:
            raise NameTakenError(account.name) from None
        return added

    def change(self, account: Account, deed: Deed, **values: Any) -> Account | None:
        """Change some of an account; None when it is gone. Whoever loses or changes the password
        is signed out everywhere but at ``deed.sitting``. Raises LastAdminError, whoever says so: a
        provider, too."""
        mine = accounts.c.id == account.id
        with writing(self._engine) as connection:
            if values.get("role", Role.ADMIN) is not Role.ADMIN:
                _spare(connection, account)
            before = connection.execute(select(*_FIELDS).where(mine).with_for_update()).first()
            if before is None:
                return None
            changed = update(accounts).where(mine).values(values).returning(*_FIELDS)
            after = account_of(connection.execute(changed).one())
            if "password_hash" in values:
                _sign_out(connection, account.id, but=deed.sitting)
            told = differing(account_of(before), after)
            record(connection, deed.on("account", after.name, *told))
            return after

    def end(self, account: Account, deed: Deed) -> bool:
        """Nobody signs in by this name any more; False when it was gone already. Raises
        LastAdminError."""
        with writing(self._engine) as connection:
            _spare(connection, account)
            gone = connection.execute(delete(accounts).where(accounts.c.id == account.id)).rowcount
            if gone:
                record(connection, deed.on("account", account.name, before=had(account)))
                _see_off(connection, account, deed.at)
            return bool(gone)

    def _one(self, which: ColumnElement[bool]) -> Account | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(*_FIELDS).where(which)).first()
            return None if row is None else account_of(row)


def folded(name: str) -> str:
    """A name as it is kept."""
    return name_key(name)


def account_of(row: Row[Any]) -> Account:
    """The account that a row of it tells."""
    values = {field.name: getattr(row, field.name) for field in _FIELDS}
    return Account(**values | {"role": Role(row.role)})


def _see_off(connection: Connection, account: Account, at: dt.datetime) -> None:
    """An engineer who has left reads no calendar of their line any more."""
    line = connection.scalar(select(lines.c.value).where(lines.c.id == account.line))
    if line is not None and account.engineer is not None:
        withdraw_known_to(connection, line, account.engineer, at)


def _sign_out(connection: Connection, account: int, but: str | None) -> None:
    theirs = delete(sittings).where(sittings.c.account == account)
    connection.execute(theirs.where(sittings.c.id != but) if but else theirs)


def _spare(connection: Connection, account: Account) -> None:
    """Two who let each other go at once do so one after the other: the second is the last."""
    admins = select(accounts.c.id).where(accounts.c.role == Role.ADMIN).order_by(accounts.c.id)
    if connection.scalars(admins.with_for_update()).all() == [account.id]:
        raise LastAdminError(account.name)
