"""Sessions: a row for each browser in which somebody is signed in to the console or the portal."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from store.db.engine import reading, writing
from store.people.accounts import Account, build_account
from store.tables.people import accounts, portal_sessions, sessions

_NOTED = dt.timedelta(minutes=1)
"""How often the time of the last request is stored: not every page is a write."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """After how long a session ends: without a request, and in any case."""

    idle: dt.timedelta
    whole: dt.timedelta


class SessionRows:
    """The sessions of one table: they begin, are used, and end."""

    def __init__(self, engine: Engine, table: Table, limits: SessionLimits) -> None:
        """Does not connect yet."""
        self._engine, self._table, self._limits = engine, table, limits

    def begin_row(self, owner: Mapping[str, Any], at: dt.datetime) -> str:
        """Start a session; return its key, of which only a hash is stored."""
        key = secrets.token_urlsafe(32)
        row = {**owner, "id": hash_key(key), "started_at": at, "seen_at": at}
        with writing(self._engine) as connection:
            connection.execute(delete(self._table).where(self._over(at)))
            connection.execute(insert(self._table), row)
        return key

    def find_row(
        self, wanted: Select[Any], key: str, at: dt.datetime, *, noted: bool
    ) -> Row[Any] | None:
        """The row of a key, or None when its session has ended. ``noted`` is False for requests
        that a page makes by itself, which do not prolong the session."""
        mine = self._table.c.id == hash_key(key)
        with reading(self._engine) as connection:
            row = connection.execute(wanted.where(mine, ~self._over(at))).first()
        if row is not None and noted and at - row.seen_at >= _NOTED:
            with writing(self._engine) as connection:
                connection.execute(update(self._table).where(mine).values(seen_at=at))
        return row

    def end(self, sitting: str) -> None:
        """End one session."""
        self.end_where(self._table.c.id == sitting)

    def end_where(self, *which: ColumnElement[bool]) -> int:
        """End these sessions; return how many there were."""
        with writing(self._engine) as connection:
            return connection.execute(delete(self._table).where(*which)).rowcount

    def count_where(self, at: dt.datetime, *which: ColumnElement[bool]) -> int:
        """The number of these sessions that have not ended."""
        wanted = select(func.count()).select_from(self._table).where(*which, ~self._over(at))
        with reading(self._engine) as connection:
            return connection.scalar(wanted) or 0

    def _over(self, at: dt.datetime) -> Any:
        idle, whole = at - self._limits.idle, at - self._limits.whole
        return or_(self._table.c.seen_at <= idle, self._table.c.started_at <= whole)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser in which somebody is signed in to the console."""

    id: str
    account: Account


class Sessions(SessionRows):
    """The sessions of every account."""

    def __init__(self, engine: Engine, limits: SessionLimits) -> None:
        """Does not connect yet."""
        super().__init__(engine, sessions, limits)

    def begin(self, account: Account, at: dt.datetime) -> str:
        """Start a session; return its key."""
        return self.begin_row({"account": account.id}, at)

    def find(self, key: str, at: dt.datetime, *, noted: bool = True) -> Session | None:
        """The session of a key, or None when it has ended."""
        wanted = select(accounts, sessions.c.seen_at.label("seen_at")).join(sessions)
        row = self.find_row(wanted, key, at, noted=noted)
        if row is None:
            return None
        return Session(hash_key(key), build_account(row))

    def end_others(self, account: Account, but: str) -> int:
        """End every other session; return how many there were."""
        return self.end_where(sessions.c.account == account.id, sessions.c.id != but)

    def end_all(self, account: Account) -> None:
        """End every session of an account."""
        self.end_where(sessions.c.account == account.id)

    def places(self, account: Account, at: dt.datetime) -> int:
        """The number of sessions of an account."""
        return self.count_where(at, sessions.c.account == account.id)


@dataclass(frozen=True, slots=True)
class PortalOwner:
    """Whose session of the portal it is: a contact of a contract, by the key of the name.

    ``way_in`` is a hash of the address that proved them. The session ends when the contact has it
    no more.
    """

    line: str
    contract: str
    contact: str
    way_in: str


@dataclass(frozen=True, slots=True)
class PortalSession:
    """One browser in which a contact is signed in to the portal."""

    id: str
    owner: PortalOwner


Draft = dict[str, list[str]]
"""The fields of a form that was not sent yet."""


class PortalSessions(SessionRows):
    """The sessions of every contact."""

    def __init__(self, engine: Engine, limits: SessionLimits) -> None:
        """Does not connect yet."""
        super().__init__(engine, portal_sessions, limits)

    def begin(self, owner: PortalOwner, at: dt.datetime) -> str:
        """Start a session; return its key."""
        values = {name: getattr(owner, name) for name in PortalOwner.__slots__}
        return self.begin_row(values, at)

    def find(self, key: str, at: dt.datetime, *, noted: bool = True) -> PortalSession | None:
        """The session of a key, or None when it has ended."""
        columns = (column for column in portal_sessions.c if column.name != "draft")
        row = self.find_row(select(*columns), key, at, noted=noted)
        if row is None:
            return None
        return PortalSession(row.id, PortalOwner(row.line, row.contract, row.contact, row.way_in))

    def keep_draft(self, session_id: str, name: str, draft: Draft | None) -> None:
        """Keep what is being written in a form, by the name of the form, as long as the session;
        None forgets it."""
        theirs = update(portal_sessions).where(portal_sessions.c.id == session_id)
        with writing(self._engine) as connection:
            drafts = _read_drafts(connection, session_id)
            drafts.pop(name, None)
            if draft is not None:
                drafts[name] = draft
            connection.execute(theirs.values(draft=json.dumps(drafts)))

    def find_draft(self, session_id: str, name: str) -> Draft | None:
        """What is being written in a form, if anything."""
        with reading(self._engine) as connection:
            return _read_drafts(connection, session_id).get(name)

    def end_all(self, owner: PortalOwner) -> int:
        """End every session of a contact; return how many there were."""
        return self.end_where(_theirs(owner))

    def places(self, owner: PortalOwner, at: dt.datetime) -> int:
        """The number of sessions of a contact."""
        return self.count_where(at, _theirs(owner))


def _read_drafts(connection: Connection, session_id: str) -> dict[str, Draft]:
    text = connection.scalar(
        select(portal_sessions.c.draft).where(portal_sessions.c.id == session_id)
    )
    drafts: dict[str, Draft] = json.loads(text) if text else {}
    return drafts


def _theirs(owner: PortalOwner) -> ColumnElement[bool]:
    table = portal_sessions.c
    of_contract = and_(table.line == owner.line, table.contract == owner.contract)
    return and_(of_contract, table.contact == owner.contact)


def list_portal_sessions(
    engine: Engine, line: str, contract: str, contact: str
) -> Sequence[Row[Any, Any]]:
    """When the sessions of a contact began and were last used."""
    table = portal_sessions.c
    theirs = (table.line == line, table.contract == contract, table.contact == contact)
    wanted = select(table.started_at, table.seen_at).where(*theirs).order_by(table.started_at)
    with reading(engine) as connection:
        return connection.execute(wanted).all()


def hash_key(key: str) -> str:
    """The stored hash of a key, which is long enough for a plain hash."""
    return hashlib.sha256(key.encode()).hexdigest()
