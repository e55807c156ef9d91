"""The accounts of the console; every change of one is in the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from routing.names import name_key
from store.db.engine import reading, writing
from store.people.audit import AuditEntry, record
from store.people.calendar_links import withdraw_links_of_engineer
from store.tables.people import accounts, lines, sessions

# Somebody who may sign in to the console, and what their role lets them do.


class Role(StrEnum):
    """The rights of an account; each role includes those before it."""

    VIEWER = "viewer"
    ENGINEER = "engineer"
    MANAGER = "manager"
    ADMIN = "admin"

    def covers(self, other: Role) -> bool:
        """True when this role may do what the other one may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Account:
    """One person's way in; ``engineer`` of ``line`` is who they are on the rota, if anybody."""

    id: int
    name: str
    role: Role
    line: str | None = None
    engineer: str | None = None
    language: str | None = None
    zone: str | None = None
    password_hash: str | None = None
    password_once: bool = False
    totp_sealed: str | None = None
    subject: str | None = None


_FIELDS = tuple(c for c in accounts.c if c.name in Account.__dataclass_fields__)


class NameTakenError(Exception):
    """Somebody else has this name already."""


class LastAdminError(Exception):
    """The last admin can neither be deleted nor lose the role."""


class Accounts:
    """Everybody who may sign in. Names are kept in lower case, so that each is one person's."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def all(self) -> Sequence[Account]:
        """Everybody, by name."""
        with reading(self._engine) as connection:
            found = connection.execute(select(*_FIELDS).order_by(accounts.c.name))
            return [build_account(row) for row in found]

    def named(self, name: str) -> Account | None:
        """The account of this name."""
        return self._one(accounts.c.name == fold_name(name))

    def numbered(self, number: int) -> Account | None:
        """The account of this id."""
        return self._one(accounts.c.id == number)

    def of_subject(self, subject: str) -> Account | None:
        """The account with this subject at the OpenID provider."""
        return self._one(accounts.c.subject == subject)

    def add(self, account: Account, entry: AuditEntry) -> Account:
        """Create an account; the id is set here. Raises NameTakenError."""
        row = {field.name: getattr(account, field.name) for field in _FIELDS if field.name != "id"}
        row |= {"name": fold_name(account.name), "created_at": entry.at}
        try:
            with writing(self._engine) as connection:
                made = insert(accounts).values(row).returning(*_FIELDS)
                added = build_account(connection.execute(made).one())
                record(connection, entry.on("account", added.name, after=describe_account(added)))
        except IntegrityError:
            raise NameTakenError(account.name) from None
        return added

    def change(self, account: Account, entry: AuditEntry, **values: Any) -> Account | None:
        """Change fields of an account; None when it was deleted. A new password ends every session
        except ``entry.sitting``. Raises LastAdminError, also for an OpenID provider."""
        mine = accounts.c.id == account.id
        with writing(self._engine) as connection:
            if values.get("role", Role.ADMIN) is not Role.ADMIN:
                _spare(connection, account)
            before = connection.execute(select(*_FIELDS).where(mine).with_for_update()).first()
            if before is None:
                return None
            changed = update(accounts).where(mine).values(values).returning(*_FIELDS)
            after = build_account(connection.execute(changed).one())
            if "password_hash" in values:
                _sign_out(connection, account.id, but=entry.sitting)
            changes = describe_change(build_account(before), after)
            record(connection, entry.on("account", after.name, *changes))
            return after

    def end(self, account: Account, entry: AuditEntry) -> bool:
        """Delete an account; False when it was deleted already. Raises LastAdminError."""
        with writing(self._engine) as connection:
            _spare(connection, account)
            gone = connection.execute(delete(accounts).where(accounts.c.id == account.id)).rowcount
            if gone:
                record(
                    connection, entry.on("account", account.name, before=describe_account(account))
                )
                _see_off(connection, account, entry.at)
            return bool(gone)

    def _one(self, which: ColumnElement[bool]) -> Account | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(*_FIELDS).where(which)).first()
        if row is None:
            return None
        return build_account(row)


def fold_name(name: str) -> str:
    """A name in the spelling that is stored."""
    return name_key(name)


def build_account(row: Row[Any]) -> Account:
    """The account of a row."""
    values = {field.name: getattr(row, field.name) for field in _FIELDS}
    return Account(**values | {"role": Role(row.role)})


def _see_off(connection: Connection, account: Account, at: dt.datetime) -> None:
    """Withdraw the calendar links that an engineer who has left may know."""
    line = connection.scalar(select(lines.c.value).where(lines.c.id == account.line))
    if line is not None and account.engineer is not None:
        withdraw_links_of_engineer(connection, line, account.engineer, at)


def _sign_out(connection: Connection, account: int, but: str | None) -> None:
    theirs = delete(sessions).where(sessions.c.account == account)
    connection.execute(theirs.where(sessions.c.id != but) if but else theirs)


def _spare(connection: Connection, account: Account) -> None:
    """Two who let each other go at once do so one after the other: the second is the last."""
    admins = select(accounts.c.id).where(accounts.c.role == Role.ADMIN).order_by(accounts.c.id)
    if connection.scalars(admins.with_for_update()).all() == [account.id]:
        raise LastAdminError(account.name)


# What the audit log tells of an account: never a secret.


SHOWN = ("role", "line", "engineer", "language", "zone", "password_once")
Shown = dict[str, Any]


def describe_account(account: Account) -> Shown:
    """All that is set in an account."""
    return {name: value for name, value in _shown(account).items() if value}


def describe_change(before: Account, after: Account) -> tuple[Shown, Shown]:
    """What was and what is, where that is not the same."""
    was, now = _shown(before), _shown(after)
    names = [name for name in was if was[name] != now[name]]
    return {name: was[name] for name in names}, {name: now[name] for name in names}


def _shown(account: Account) -> Shown:
    second_step = {"second_step": account.totp_sealed is not None}
    return {name: getattr(account, name) for name in SHOWN} | second_step
