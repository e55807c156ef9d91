"""Tokens: who a program is, and what it may do. Shown once; only a hash is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, Row, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from store.db.engine import reading, writing
from store.people.accounts import NameTakenError
from store.people.audit import AuditEntry, record
from store.tables.work import api_tokens, idempotency_keys

PREFIX = "line_"
"""Lets secret scanners recognize a token."""

NOTED = dt.timedelta(minutes=1)
"""How often the time of the last use is stored: not every request is a write."""


class TokenRight(StrEnum):
    """The rights of a program: to read, also to do what people do, or also to apply a line.yaml,
    which says whom a call reaches. Each includes those before it."""

    READ = "read"
    CHANGE = "change"
    CONFIGURE = "configure"

    def covers(self, wanted: TokenRight) -> bool:
        """True when this right includes the wanted one."""
        order = list(TokenRight)
        return order.index(self) >= order.index(wanted)


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a program, without its secret."""

    name: str
    scope: TokenRight
    created_at: dt.datetime
    created_by: str
    last_used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None


_FIELDS = tuple(api_tokens.c[name] for name in Token.__dataclass_fields__)
_LIVE = api_tokens.c.revoked_at.is_(None)


class Tokens:
    """The tokens of all programs."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def add(self, name: str, may: TokenRight, entry: AuditEntry) -> str:
        """Let a program in; gives back its token. Raises NameTakenError."""
        secret = PREFIX + secrets.token_urlsafe(32)
        row = {"name": name, "scope": may, "created_at": entry.at, "created_by": entry.who}
        try:
            with writing(self._engine) as connection:
                connection.execute(insert(api_tokens), row | {"hash": _hashed(secret)})
                record(connection, entry.on("token", name, after={"may": may}))
        except IntegrityError:
            raise NameTakenError(name) from None
        return secret

    def find(self, secret: str, at: dt.datetime) -> Token | None:
        """Whose token this is; None for one that is unknown or ended."""
        mine = and_(api_tokens.c.hash == _hashed(secret), _LIVE)
        with reading(self._engine) as connection:
            row = connection.execute(select(*_FIELDS).where(mine)).first()
        if row is None:
            return None
        if row.last_used_at is None or at - row.last_used_at >= NOTED:
            with writing(self._engine) as connection:
                connection.execute(update(api_tokens).where(mine).values(last_used_at=at))
        return _token(row)

    def end(self, name: str, entry: AuditEntry) -> bool:
        """Nobody comes in by this token any more; False when there is none of this name."""
        live = and_(api_tokens.c.name == name, _LIVE)
        with writing(self._engine) as connection:
            ended = update(api_tokens).where(live).values(revoked_at=entry.at)
            if not connection.execute(ended).rowcount:
                return False
            record(connection, entry.on("token", name))
            return True

    def all(self) -> Sequence[Token]:
        """Every token, those that have ended too, by the time it was made."""
        with reading(self._engine) as connection:
            found = connection.execute(
                select(*_FIELDS).order_by(api_tokens.c.created_at, api_tokens.c.name)
            )
            return [_token(row) for row in found]


def _token(row: Row[Any]) -> Token:
    return Token(**{**row._mapping, "scope": TokenRight(row.scope)})


def _hashed(secret: str) -> str:
    """What is kept of a token, which is long enough for a plain hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


# What a program was answered, so that the same request twice has one effect and one answer.


KEPT_FOR = dt.timedelta(days=1)
LOST_AFTER = dt.timedelta(minutes=1)
"""A request that has been under way for so long died with its process."""


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request as it came before; ``status`` is None while it is still being done."""

    request_hash: str
    status: int | None = None
    response: str = ""
    location: str | None = None


class IdempotencyKeys:
    """The requests of a day that carry a key."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def begin(self, id_: str, request_hash: str, at: dt.datetime) -> IdempotentRequest | None:
        """The request of this id as it came before; None when it is new, and ours to do."""
        old = and_(idempotency_keys.c.id == id_, idempotency_keys.c.at < at - KEPT_FOR)
        lost = and_(idempotency_keys.c.status.is_(None), idempotency_keys.c.at < at - LOST_AFTER)
        try:
            with writing(self._engine) as connection:
                connection.execute(delete(idempotency_keys).where(old))
                gone = and_(
                    idempotency_keys.c.id == id_,
                    idempotency_keys.c.request_hash == request_hash,
                    lost,
                )
                connection.execute(delete(idempotency_keys).where(gone))
                connection.execute(
                    insert(idempotency_keys), {"id": id_, "request_hash": request_hash, "at": at}
                )
        except IntegrityError:
            with reading(self._engine) as connection:
                row = connection.execute(
                    select(idempotency_keys).where(idempotency_keys.c.id == id_)
                ).first()
            known = row or self.begin(id_, request_hash, at)
            return known and IdempotentRequest(
                known.request_hash, known.status, known.response or "", known.location
            )
        return None

    def end(self, id_: str, status: int, response: str, location: str | None) -> None:
        """Store the response."""
        result = {"status": status, "response": response, "location": location}
        with writing(self._engine) as connection:
            connection.execute(
                update(idempotency_keys).where(idempotency_keys.c.id == id_).values(result)
            )

    def forget(self, id_: str) -> None:
        """It failed on our side: the same request may be tried again."""
        with writing(self._engine) as connection:
            connection.execute(delete(idempotency_keys).where(idempotency_keys.c.id == id_))
