"""Phones that engineers added themselves. A phone is rung once a code sent to it is verified."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, delete, insert, select, update

from routing.line import Line
from store.db.engine import reading, writing
from store.people.audit import AuditEntry, record
from store.tables.people import added_phones, lines

VALID_FOR = dt.timedelta(minutes=15)
TRIES = 5


class CodeResult(StrEnum):
    """The result of trying a code."""

    VERIFIED = "verified"
    WRONG = "wrong"
    OVER = "over"  # too old, tried too often, or used: a new code is needed
    UNKNOWN = "unknown"  # the number was not added


@dataclass(frozen=True, slots=True)
class AddedPhone:
    """A number (E.164) that an engineer added."""

    engineer: str
    number: str
    added_at: dt.datetime
    verified_at: dt.datetime | None


def add_phones(line: Line, verified: Mapping[str, Sequence[str]]) -> Line:
    """The line with these numbers after those of its file. A number of the file is not added again,
    and a number that the line does not dial is left out."""
    if not verified:
        return line
    taken = {line.number, *(phone for engineer in line.engineers for phone in engineer.phones)}
    engineers = []
    for engineer in line.engineers:
        added = (n for n in verified.get(engineer.id, ()) if n not in taken)
        own = tuple(n for n in added if line.why_not_ordinary(n) is None)
        taken.update(own)
        engineers.append(replace(engineer, phones=engineer.phones + own))
    return replace(line, engineers=tuple(engineers))


def read_verified(connection: Connection, line_id: str) -> Mapping[str, Sequence[str]]:
    """The verified numbers of a line by engineer, in the order in which they were verified."""
    ours = and_(added_phones.c.line == line_id, added_phones.c.verified_at.is_not(None))
    found: dict[str, list[str]] = defaultdict(list)
    ordered = select(added_phones).where(ours).order_by(added_phones.c.verified_at)
    for row in connection.execute(ordered):
        found[row.engineer].append(row.number)
    return found


class AddedPhones:
    """The numbers that the people of a line added. Codes are kept as keyed hashes only."""

    def __init__(
        self, engine: Engine, pepper: str, line_id: str, told: AuditEntry | None = None
    ) -> None:
        """``pepper`` is the secret without which the hashes prove nothing; ``told`` says for the
        audit log who changes them and by which way."""
        self._engine, self._pepper = engine, pepper.encode()
        self._line, self._told = line_id, told

    def all(self) -> Sequence[AddedPhone]:
        """Every number, verified or not, by engineer in the order of adding."""
        ours = select(added_phones).where(added_phones.c.line == self._line)
        ordered = ours.order_by(added_phones.c.engineer, added_phones.c.added_at)
        with reading(self._engine) as connection:
            rows = connection.execute(ordered).all()
        return [AddedPhone(row.engineer, row.number, row.added_at, row.verified_at) for row in rows]

    def add(self, engineer: str, number: str, at: dt.datetime) -> str:
        """Add a number; return the code to send to it. An earlier code becomes invalid."""
        code = f"{secrets.randbelow(10**6):06}"
        fresh: dict[str, Any] = {
            "code_hash": self._hash(engineer, number, code),
            "code_at": at,
            "tries": 0,
        }
        with writing(self._engine) as connection:
            if self._kept(connection, engineer, number) is not None:
                connection.execute(update(added_phones).where(self._at(engineer, number)), fresh)
            else:
                key = {"line": self._line, "engineer": engineer, "number": number}
                connection.execute(insert(added_phones), {**key, "added_at": at, **fresh})
            self._tell(connection, "number_add", engineer)
        return code

    def verify(self, engineer: str, number: str, code: str, at: dt.datetime) -> CodeResult:
        """Try a code. With the right code every process rings the number from now on."""
        with writing(self._engine) as connection:
            kept = self._kept(connection, engineer, number)
            if kept is None:
                return CodeResult.UNKNOWN
            if kept.code_hash is None or kept.tries >= TRIES or at - kept.code_at >= VALID_FOR:
                return CodeResult.OVER
            tried: dict[str, Any] = {"tries": kept.tries + 1}
            right = hmac.compare_digest(kept.code_hash, self._hash(engineer, number, code))
            if right:
                tried |= {"verified_at": at, "code_hash": None}
                self._move_on(connection, at)
                self._tell(connection, "number_verify", engineer)
            connection.execute(update(added_phones).where(self._at(engineer, number)), tried)
            return CodeResult.VERIFIED if right else CodeResult.WRONG

    def remove(self, engineer: str, number: str, at: dt.datetime) -> bool:
        """Delete a number; False when it was not added."""
        with writing(self._engine) as connection:
            gone = connection.execute(delete(added_phones).where(self._at(engineer, number)))
            if gone.rowcount:
                self._move_on(connection, at)
                self._tell(connection, "number_remove", engineer)
            return gone.rowcount == 1

    def _kept(self, connection: Connection, engineer: str, number: str) -> Row[Any] | None:
        wanted = select(added_phones).where(self._at(engineer, number)).with_for_update()
        return connection.execute(wanted).first()

    def _at(self, engineer: str, number: str) -> Any:
        ours = and_(added_phones.c.line == self._line, added_phones.c.engineer == engineer)
        return and_(ours, added_phones.c.number == number)

    def _move_on(self, connection: Connection, at: dt.datetime) -> None:
        """Set the next version of the line, so that every process reads it again."""
        newer = {"version": lines.c.version + 1, "changed_at": at}
        connection.execute(update(lines).where(lines.c.id == self._line).values(newer))

    def _tell(self, connection: Connection, verb: str, engineer: str) -> None:
        """The audit log does not contain the number."""
        if self._told is not None:
            told = replace(self._told, action=f"my_duty.{verb}")
            record(connection, told.on("engineer", f"{self._line} {engineer}"))

    def _hash(self, engineer: str, number: str, code: str) -> str:
        text = f"phone code\n{self._line}\n{engineer}\n{number}\n{code}"
        return hmac.new(self._pepper, text.encode(), hashlib.sha256).hexdigest()
