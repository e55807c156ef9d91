"""Sessions of the console: a row for each browser in which somebody is signed in."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, and_, delete, func, insert, or_, select, update

from store.db.engine import reading, writing
from store.people.accounts import Account, build_account
from store.tables.people import accounts, sessions

_NOTED = dt.timedelta(minutes=1)
"""How often the time of the last request is stored: not every page is a write."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """After how long a session ends: without a request, and in any case."""

    idle: dt.timedelta
    whole: dt.timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """One browser in which somebody is signed in."""

    id: str
    account: Account


class Sessions:
    """The sessions of every account."""

    def __init__(self, engine: Engine, limits: SessionLimits) -> None:
        """Does not connect yet."""
        self._engine = engine
        self._limits = limits

    def begin(self, account: Account, at: dt.datetime) -> str:
        """Start a session; return its key, of which only a hash is stored."""
        key = secrets.token_urlsafe(32)
        row = {"id": hash_key(key), "account": account.id, "started_at": at, "seen_at": at}
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(self._over(at)))
            connection.execute(insert(sessions), row)
        return key

    def find(self, key: str, at: dt.datetime, *, noted: bool = True) -> Session | None:
        """The session of a key, or None when it has ended. ``noted`` is False for requests that a
        page makes by itself, which do not prolong the session."""
        mine = sessions.c.id == hash_key(key)
        wanted = select(accounts, sessions.c.seen_at.label("seen_at")).join(sessions)
        with reading(self._engine) as connection:
            row = connection.execute(wanted.where(mine, ~self._over(at))).first()
        if row is None:
            return None
        if noted and at - row.seen_at >= _NOTED:
            with writing(self._engine) as connection:
                connection.execute(update(sessions).where(mine).values(seen_at=at))
        return Session(hash_key(key), build_account(row))

    def end(self, sitting: str) -> None:
        """End one session."""
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.id == sitting))

    def end_others(self, account: Account, but: str) -> int:
        """End every other session; return how many there were."""
        others = and_(sessions.c.account == account.id, sessions.c.id != but)
        with writing(self._engine) as connection:
            return connection.execute(delete(sessions).where(others)).rowcount

    def end_all(self, account: Account) -> None:
        """End every session of an account."""
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.account == account.id))

    def places(self, account: Account, at: dt.datetime) -> int:
        """The number of sessions of an account."""
        theirs = select(func.count()).where(sessions.c.account == account.id, ~self._over(at))
        with reading(self._engine) as connection:
            return connection.scalar(theirs) or 0

    def _over(self, at: dt.datetime) -> Any:
        idle, whole = at - self._limits.idle, at - self._limits.whole
        return or_(sessions.c.seen_at <= idle, sessions.c.started_at <= whole)


def hash_key(key: str) -> str:
    """The stored hash of a key, which is long enough for a plain hash."""
    return hashlib.sha256(key.encode()).hexdigest()
