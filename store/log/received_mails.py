"""The mails that came in, each once, and what became of them.

A mail is stored as it came before anything is read of it, so that none is lost. Somebody who has
the lease of a waiting mail reads it. The mail itself is deleted once its words and files are stored
as a customer's message; a mail that became none is kept for a while, for the duty manager.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from routing.line import Channel
from store.db.engine import reading, writing
from store.db.prepared import Prepared
from store.db.sql_types import UtcDateTime, build_insert
from store.log.correspondence import delete_files
from store.tables.log import messages, pages, received_mails

LEASE = dt.timedelta(minutes=2)
"""The time to read a mail; a large one takes seconds."""

AT_ONCE = 200


class MailState(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"  # not read yet
    LODGED = "lodged"  # it opened an incident
    THREADED = "threaded"  # it is a message about a known incident
    FOLLOWED = "followed"  # an engineer answered the mail of a page
    REFUSED = "refused"  # it came to an engineer's address, and not from them
    AUTOMATIC = "automatic"  # a program wrote it
    BOUNCE = "bounce"  # a mail of ours did not arrive
    DUPLICATE = "duplicate"  # another copy of a mail
    HELD = "held"  # too many from one sender, or from senders who are not proven
    UNREADABLE = "unreadable"  # nobody can be found who sent it


KEPT_STATES = (
    MailState.REFUSED,
    MailState.AUTOMATIC,
    MailState.BOUNCE,
    MailState.HELD,
    MailState.UNREADABLE,
)
"""The states of mails that became no message: the mail itself is kept."""


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail that came in. ``file`` is the id of the mail itself, while it is kept; ``incident`` is
    a key, and ``why`` the reason for the state. ``unproven`` are the bytes that are kept of one
    whose writer is no proven contact; None for any other."""

    id: str
    door: str
    at: dt.datetime
    state: MailState
    attempts: int
    size: int
    identity: str | None = None
    file: str | None = None
    level: int | None = None
    forced: bool = False  # a person says that it is a customer's
    line: str | None = None
    incident: str | None = None
    sender: str | None = None
    subject: str | None = None
    why: str | None = None
    answered_at: dt.datetime | None = None
    unproven: int | None = None


@dataclass(frozen=True, slots=True)
class MailResult:
    """What became of a mail that was read. ``head`` is the file of its beginning, if only that is
    kept."""

    state: MailState
    why: str
    line: str | None = None
    incident: str | None = None
    sender: str = ""
    subject: str = ""
    unproven: int | None = None
    head: str | None = None


_COLUMNS = [received_mails.c[name] for name in ReceivedMail.__dataclass_fields__]
_WAITS = received_mails.c.wakes_at.is_not(None)
_ANY_DUE = Prepared(
    select(received_mails.c.id)
    .where(_WAITS, received_mails.c.wakes_at <= bindparam("now", type_=UtcDateTime))
    .limit(1)
)


class ReceivedMails:
    """The received mails of an installation."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def exists(self, mail_id: str) -> bool:
        """True when the mail with these bytes has come in before."""
        its = select(received_mails.c.id).where(received_mails.c.id == mail_id)
        with reading(self._engine) as connection:
            return connection.scalar(its) is not None

    def add(self, mail: ReceivedMail) -> bool:
        """Store a mail that waits to be read; False if it has come in before, and what was written
        of it is deleted."""
        row = {
            "id": mail.id, "door": mail.door, "at": mail.at, "state": MailState.WAITING,
            "wakes_at": mail.at, "attempts": 0, "size": mail.size, "file": mail.file,
            "level": mail.level,
        }  # fmt: skip
        with writing(self._engine) as connection:
            fresh = build_insert(connection, received_mails).values(row)
            added = connection.execute(fresh.on_conflict_do_nothing(index_elements=["id"]))
            if not added.rowcount and mail.file is not None:
                delete_files(connection, [mail.file])
            return added.rowcount > 0

    def lease(self, now: dt.datetime) -> ReceivedMail | None:
        """The oldest mail that waits to be read, for a while ours."""
        with reading(self._engine) as connection:
            if _ANY_DUE.first(connection, now=now) is None:
                return None
        first = select(received_mails.c.id).where(_WAITS, received_mails.c.wakes_at <= now)
        oldest = first.order_by(received_mails.c.wakes_at, received_mails.c.id).limit(1)
        with writing(self._engine) as connection:
            ours = connection.scalar(oldest.with_for_update(skip_locked=True))
            again = {"attempts": received_mails.c.attempts + 1, "wakes_at": now + LEASE}
            taken = update(received_mails).where(received_mails.c.id == ours).values(again)
            row = connection.execute(taken.returning(*_COLUMNS)).first()
        return None if row is None else _build(row)

    def put_off(self, mail: ReceivedMail, until: dt.datetime) -> None:
        """Read it again at that time."""
        with writing(self._engine) as connection:
            connection.execute(_held(mail).values(wakes_at=until))

    def claim_identity(self, mail: ReceivedMail, identity: str) -> ReceivedMail | None:
        """Name the mail; returns the copy of it that came in before, if there is one."""
        its = received_mails.c.identity == identity
        try:
            with writing(self._engine) as connection:
                known = connection.execute(select(*_COLUMNS).where(its)).first()
                if known is None:
                    named = update(received_mails).where(received_mails.c.id == mail.id)
                    connection.execute(named.values(identity=identity))
        except IntegrityError:  # another process named a copy at this moment
            with reading(self._engine) as connection:
                known = connection.execute(select(*_COLUMNS).where(its)).first()
        if known is None or known.id == mail.id:
            return None
        return _build(known)

    def settle(self, mail: ReceivedMail, result: MailResult) -> None:
        """Record what became of the mail. The mail itself is kept only if it became no message."""
        keeps = result.state in KEPT_STATES
        values = {
            "state": result.state, "why": result.why, "line": result.line,
            "incident": result.incident, "sender": result.sender or None,
            "subject": result.subject or None, "wakes_at": None, "unproven": result.unproven,
        }  # fmt: skip
        with writing(self._engine) as connection:
            changed = connection.execute(_held(mail).values(values))
            goes = not keeps or result.head is not None
            if changed.rowcount and goes and mail.file is not None:
                its = update(received_mails).where(received_mails.c.id == mail.id)
                connection.execute(its.values(file=result.head if keeps else None))
                delete_files(connection, [mail.file])

    def put_back(self, mail_id: str, now: dt.datetime) -> bool:
        """Let a mail that is kept wait again, as one of a customer; False if it is not kept."""
        kept = and_(received_mails.c.state.in_(KEPT_STATES), received_mails.c.file.is_not(None))
        its = update(received_mails).where(received_mails.c.id == mail_id, kept)
        waits = {"state": MailState.WAITING, "wakes_at": now, "attempts": 0, "forced": True}
        with writing(self._engine) as connection:
            return connection.execute(its.values(waits)).rowcount > 0

    def mark_answered(self, mail: ReceivedMail, at: dt.datetime) -> None:
        """Record that the line has answered it."""
        with writing(self._engine) as connection:
            its = update(received_mails).where(received_mails.c.id == mail.id)
            connection.execute(its.values(answered_at=at))

    def count_lodged(self, sender: str, since: dt.datetime, *, verified: bool) -> int:
        """How many incidents this sender has opened since, proven or not."""
        theirs = (received_mails.c.sender == sender, received_mails.c.at >= since)
        proven = received_mails.c.unproven.is_(None)
        lodged = and_(received_mails.c.state == MailState.LODGED, proven if verified else ~proven)
        with reading(self._engine) as connection:
            counted = select(func.count()).select_from(received_mails).where(*theirs, lodged)
            return connection.scalar(counted) or 0

    def count_unproven(self, since: dt.datetime, incident: str | None = None) -> int:
        """How many mails whose writer is not proven came in since: messages about this incident, or
        incidents that they opened."""
        its = [received_mails.c.at >= since, received_mails.c.unproven.is_not(None)]
        if incident is None:
            its.append(received_mails.c.state == MailState.LODGED)
        else:
            its.append(received_mails.c.state == MailState.THREADED)
            its.append(received_mails.c.incident == incident)
        with reading(self._engine) as connection:
            counted = select(func.count()).select_from(received_mails).where(*its)
            return connection.scalar(counted) or 0

    def measure_unproven(self, since: dt.datetime) -> int:
        """The bytes that are kept of mails since whose writers are not proven."""
        kept = select(func.sum(received_mails.c.unproven)).where(received_mails.c.at >= since)
        with reading(self._engine) as connection:
            return int(connection.scalar(kept) or 0)

    def count_answers(self, sender: str, since: dt.datetime) -> tuple[int, int]:
        """How many mails of this sender were answered since, and of all senders."""
        answered = and_(received_mails.c.at >= since, received_mails.c.answered_at.is_not(None))
        in_all = select(func.count()).select_from(received_mails).where(answered)
        with reading(self._engine) as connection:
            theirs = connection.scalar(in_all.where(received_mails.c.sender == sender))
            return theirs or 0, connection.scalar(in_all) or 0

    def find(self, mail_id: str) -> ReceivedMail | None:
        """The mail of this id."""
        with reading(self._engine) as connection:
            wanted = select(*_COLUMNS).where(received_mails.c.id == mail_id)
            row = connection.execute(wanted).first()
        return None if row is None else _build(row)

    def page(
        self,
        states: Sequence[MailState] = (),
        before: tuple[dt.datetime, str] | None = None,
        size: int = AT_ONCE,
    ) -> Sequence[ReceivedMail]:
        """The next mails in these states (any, if none is given), newest first."""
        key = (received_mails.c.at, received_mails.c.id)
        wanted = select(*_COLUMNS).order_by(*(each.desc() for each in key)).limit(size)
        if states:
            wanted = wanted.where(received_mails.c.state.in_(states))
        if before is not None:
            at, last = before
            wanted = wanted.where(or_(key[0] < at, and_(key[0] == at, key[1] < last)))
        with reading(self._engine) as connection:
            return [_build(row) for row in connection.execute(wanted)]

    def count_waiting(self) -> tuple[int, dt.datetime | None]:
        """How many mails wait to be read, and since when the oldest does."""
        wanted = select(func.count(), func.min(received_mails.c.at)).where(_WAITS)
        with reading(self._engine) as connection:
            count, oldest = connection.execute(wanted).one()
        return count, oldest

    def count_by_state(self, since: dt.datetime) -> dict[MailState, int]:
        """How many mails came in since, by what became of them."""
        wanted = select(received_mails.c.state, func.count()).where(received_mails.c.at >= since)
        with reading(self._engine) as connection:
            found = connection.execute(wanted.group_by(received_mails.c.state)).all()
        return {MailState(state): count for state, count in found}


def delete_received_mails(engine: Engine, before: dt.datetime) -> None:
    """Delete some mails that came in before then, and what was kept of them."""
    old = and_(received_mails.c.at < before, received_mails.c.wakes_at.is_(None))
    with reading(engine) as connection:
        wanted = select(received_mails.c.id, received_mails.c.file).where(old).limit(AT_ONCE)
        found = connection.execute(wanted).all()
    if found:
        with writing(engine) as connection:
            forget_mails(connection, [row.id for row in found])


def forget_mails(connection: Connection, ids: Sequence[str]) -> None:
    """Delete these mails, and what was kept of them."""
    theirs = received_mails.c.id.in_(ids)
    kept = select(received_mails.c.file).where(theirs, received_mails.c.file.is_not(None))
    files = connection.scalars(kept).all()
    connection.execute(delete(received_mails).where(theirs))
    delete_files(connection, files)


@dataclass(frozen=True, slots=True)
class SentMails:
    """The ids of our messages and pages about an incident that went out by mail."""

    messages: Sequence[str]
    pages: Sequence[str]


def find_sent_mails(engine: Engine, incident: str) -> SentMails:
    """Our mails about an incident (its key): one of them may have come back."""
    texts = select(messages.c.value).where(messages.c.incident == incident)
    calls = select(pages.c.id).where(pages.c.incident == incident, pages.c.channel == Channel.EMAIL)
    with reading(engine) as connection:
        found = connection.scalars(texts).all()
        by_mail = [message.id for message in found if message.channel is Channel.EMAIL]
        return SentMails(by_mail, connection.scalars(calls).all())


def _held(mail: ReceivedMail) -> Any:
    """The mail, as long as this attempt is the latest."""
    its = and_(received_mails.c.id == mail.id, received_mails.c.attempts == mail.attempts, _WAITS)
    return update(received_mails).where(its)


def _build(row: Any) -> ReceivedMail:
    values = dict(row._mapping)
    return ReceivedMail(**values | {"state": MailState(values["state"])})
