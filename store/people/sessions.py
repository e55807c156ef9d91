"""Where people are signed in: each browser has a row, which ends by itself or by hand."""

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
"""How exactly it is known when somebody was last seen: not every page is a write."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """After how long a sitting ends: without anything done, and in any case."""

    idle: dt.timedelta
    whole: dt.timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """One browser in which somebody is signed in."""

    id: str
    account: Account


class Sessions:
    """Everybody who is signed in, wherever that is."""

    def __init__(self, engine: Engine, limits: SessionLimits) -> None:
        """Touches no database yet."""
        self._engine = engine
        self._limits = limits

    def begin(self, account: Account, at: dt.datetime) -> str:
        """Sign somebody in; gives back the key, of which only a hash is kept."""
        key = secrets.token_urlsafe(32)
        row = {"id": hash_key(key), "account": account.id, "started_at": at, "seen_at": at}
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(self._over(at)))
            connection.execute(insert(sessions), row)
        return key

    def find(self, key: str, at: dt.datetime, *, noted: bool = True) -> Session | None:
        """Who sits there, or None when it is over; ``noted`` is False for what a page asks by
        itself, which keeps nobody signed in."""
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
        """Sign out here."""
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.id == sitting))

    def end_others(self, account: Account, but: str) -> int:
        """Sign out everywhere but here; gives back how many places that were."""
        others = and_(sessions.c.account == account.id, sessions.c.id != but)
        with writing(self._engine) as connection:
            return connection.execute(delete(sessions).where(others)).rowcount

    def end_all(self, account: Account) -> None:
        """Sign out everywhere."""
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.account == account.id))

    def places(self, account: Account, at: dt.datetime) -> int:
        """In how many browsers somebody is signed in."""
        theirs = select(func.count()).where(sessions.c.account == account.id, ~self._over(at))
        with reading(self._engine) as connection:
            return connection.scalar(theirs) or 0

    def _over(self, at: dt.datetime) -> Any:
        idle, whole = at - self._limits.idle, at - self._limits.whole
        return or_(sessions.c.seen_at <= idle, sessions.c.started_at <= whole)


def hash_key(key: str) -> str:
    """What is kept of a key; the key itself is long enough for a plain hash."""
    return hashlib.sha256(key.encode()).hexdigest()
