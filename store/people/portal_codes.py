"""Codes and links with which contacts sign in to the portal, and the contracts of an address.

A row has no secret: code and link derive from its id and from SECRET_KEY, so that a mail that is
sent twice has the same code. A row is good for ten minutes, and for one sign-in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, and_, delete, insert, select, update

from routing.jobs import Job
from store.db.engine import reading, writing
from store.tables.people import portal_codes
from store.work.jobs import write_jobs

LIFETIME = dt.timedelta(minutes=10)
MOST_TRIES = 5
"""Codes that may be typed for one row."""


@dataclass(frozen=True, slots=True)
class PortalCode:
    """A request to sign in. ``address`` is encrypted; ``language`` is that of the page."""

    id: str
    address: str
    language: str | None
    asked_at: dt.datetime


class PortalCodes:
    """The requests to sign in."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def ask(self, code: PortalCode, job: Job) -> Sequence[str]:
        """Write a request with the job that sends its code; return the id of the job."""
        row = {
            "id": code.id,
            "address": code.address,
            "language": code.language,
            "asked_at": code.asked_at,
            "tries": 0,
        }
        with writing(self._engine) as connection:
            connection.execute(insert(portal_codes), row)
            return write_jobs(connection, [job], code.asked_at)

    def find(self, id_: str, at: dt.datetime) -> PortalCode | None:
        """The request of this id, which may still be used, or None."""
        return self._find(at, _unproved(id_, at))

    def settle(self, id_: str, address: str, at: dt.datetime) -> bool:
        """Keep the one address (encrypted) to which the code goes; False if it is too late."""
        settled = update(portal_codes).where(_unproved(id_, at)).values(address=address)
        with writing(self._engine) as connection:
            return connection.execute(settled).rowcount == 1

    def count_try(self, id_: str, at: dt.datetime) -> bool:
        """Count a code that was typed, before it is compared; False after too many."""
        tried = update(portal_codes).where(_unproved(id_, at), portal_codes.c.tries < MOST_TRIES)
        with writing(self._engine) as connection:
            return connection.execute(tried.values(tries=portal_codes.c.tries + 1)).rowcount == 1

    def use(self, id_: str, at: dt.datetime) -> bool:
        """Use up a request for a sign-in; False if it was used or is too old."""
        with writing(self._engine) as connection:
            return connection.execute(delete(portal_codes).where(_unproved(id_, at))).rowcount == 1

    def prove(self, id_: str, at: dt.datetime) -> str | None:
        """Use up a request for a browser that will choose a contract; return the key with which
        it may, or None if the request was used or is too old."""
        key = secrets.token_urlsafe(32)
        proved = update(portal_codes).where(_unproved(id_, at)).values(proof_hash=_hash(key))
        with writing(self._engine) as connection:
            if connection.execute(proved).rowcount == 1:
                return key
        return None

    def find_proved(self, id_: str, key: str, at: dt.datetime) -> PortalCode | None:
        """The request that this browser has proved, or None."""
        return self._find(at, _proved(id_, key, at))

    def use_proved(self, id_: str, key: str, at: dt.datetime) -> bool:
        """Use up a request that this browser has proved."""
        with writing(self._engine) as connection:
            used = connection.execute(delete(portal_codes).where(_proved(id_, key, at)))
            return used.rowcount == 1

    def _find(self, at: dt.datetime, which: ColumnElement[bool]) -> PortalCode | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(portal_codes).where(which)).first()
        if row is None:
            return None
        return PortalCode(row.id, row.address, row.language, row.asked_at)


def _lives(id_: str, at: dt.datetime) -> ColumnElement[bool]:
    return and_(portal_codes.c.id == id_, portal_codes.c.asked_at > at - LIFETIME)


def _unproved(id_: str, at: dt.datetime) -> ColumnElement[bool]:
    return and_(_lives(id_, at), portal_codes.c.proof_hash.is_(None))


def _proved(id_: str, key: str, at: dt.datetime) -> ColumnElement[bool]:
    return and_(_lives(id_, at), portal_codes.c.proof_hash == _hash(key))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
