"""The book of calls and incidents, in a database; keeps what ``routing.ports.Book`` promises."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Engine, and_, bindparam, func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from routing.call import CallOutcome
from routing.decision import Case, Decision, LostRaceError, Notices
from routing.escalation.queue_position import MOST_TALKS, talk_of
from routing.incident import Incident, IncidentKind, IncidentState
from routing.line import Channel
from routing.page import Page
from routing.ports import CallRepository
from store.db.engine import one_moment, reading, writing
from store.log.messages import (
    SqlInbox,
    SqlMessageRepository,
    SqlNoteRepository,
    write_letters,
    write_memos,
)
from store.log.premium import SqlPremiumReader
from store.log.recordings import SqlRecordingRepository, write_recordings
from store.log.writes import (
    BUSY,
    LAST_LEG,
    NOTICES,
    of_call,
    of_incident,
    of_leg,
    of_number,
    of_sid,
    with_pages,
    write_call,
    write_incident,
    write_notes,
)
from store.people.handovers import SqlHandoverRepository
from store.tables.log import HUNTED, UNCLOSED, UNDONE, calls, incidents, pages
from store.tables.work import slips
from store.work.jobs import post
from store.work.webhooks import write_dispatches

# What holds strangers back: how often unproven callers were rung for, and their wrong PINs.


_LEVEL_1 = incidents.c.urgency == 1
_UNPROVEN = and_(incidents.c.verified.is_(False), _LEVEL_1)


class SqlUnverifiedLimits:
    """The part of the book that limits are read from."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def unverified_rung(self, line: str, caller: str | None, since: dt.datetime) -> tuple[int, int]:
        """How many unverified level-1 incidents were rung since: of this caller, of the line."""
        rung = and_(incidents.c.line == line, incidents.c.opened_at >= since, incidents.c.rung)
        theirs = func.count().filter(incidents.c.caller.is_not_distinct_from(caller))
        with reading(self._engine) as connection:
            counted = connection.execute(select(theirs, func.count()).where(_UNPROVEN, rung))
            of_caller, of_line = counted.one()
            return of_caller, of_line

    def quiet_notice_at(self, line: str, since: dt.datetime) -> dt.datetime | None:
        """When the latest text or mail about a level 1 that rang nobody was written, if since."""
        quiet = and_(incidents.c.line == line, incidents.c.rung.is_(False), _LEVEL_1)
        notices = and_(pages.c.channel.in_((Channel.SMS, Channel.EMAIL)), pages.c.at >= since)
        found = select(pages.c.at).join(incidents, pages.c.incident == incidents.c.key)
        latest = found.where(quiet, notices).order_by(pages.c.at.desc()).limit(1)
        with reading(self._engine) as connection:
            return connection.scalar(latest)

    def unrung(self, since: dt.datetime) -> dict[str, int]:
        """By line, how many level 1 incidents opened since for which nobody was rung."""
        quiet = and_(incidents.c.rung.is_(False), incidents.c.opened_at >= since, _LEVEL_1)
        with reading(self._engine) as connection:
            return Counter(connection.scalars(select(incidents.c.line).where(quiet)))

    def slips(self, subject: str, since: dt.datetime) -> int:
        """How many wrong PINs were counted against this subject since."""
        counted = select(func.count()).where(slips.c.subject == subject, slips.c.at >= since)
        with reading(self._engine) as connection:
            return connection.scalar(counted) or 0

    def wrong_pins(self, since: dt.datetime) -> tuple[int, int]:
        """The most wrong PINs since: of one line, and of one contract."""
        with reading(self._engine) as connection:
            counts = Counter(connection.scalars(select(slips.c.subject).where(slips.c.at >= since)))
        lines = (count for subject, count in counts.items() if subject.startswith("line "))
        of_each = (count for subject, count in counts.items() if subject.startswith("contract "))
        return max(lines, default=0), max(of_each, default=0)

    def count_slip(self, subjects: Sequence[str], at: dt.datetime) -> None:
        """Count a wrong PIN against these subjects."""
        if not subjects:
            return
        with writing(self._engine) as connection:
            connection.execute(insert(slips), [{"subject": s, "at": at} for s in subjects])


# The row of those who wait for the desk: its order, and how long its talks take.


class SqlQueueReader:
    """The part of the book that the desk's row is read from."""

    _engine: Engine

    def row(self, line: str, kind: IncidentKind | None = IncidentKind.INCIDENT) -> Sequence[str]:
        """Keys of the incidents of this kind, or of any, that wait for their desk, in the order of
        service."""
        waits = and_(incidents.c.line == line, incidents.c.row_place.is_not(None))
        if kind is not None:
            waits = and_(waits, incidents.c.kind == kind)
        with reading(self._engine) as connection:
            found = select(incidents.c.key).where(waits).order_by(incidents.c.row_place)
            return connection.scalars(found).all()

    def desk_talks(
        self, line: str, since: dt.datetime, kind: IncidentKind = IncidentKind.INCIDENT
    ) -> Sequence[dt.timedelta]:
        """How long the latest talks of this kind, level 1 apart, took since; twenty at most."""
        recent = and_(calls.c.line == line, calls.c.started_at >= since)
        served = and_(incidents.c.urgency > 1, incidents.c.kind == kind)
        talked = and_(calls.c.outcome == CallOutcome.CONNECTED, served)
        latest = (
            select(calls.c.value)
            .join(incidents, incidents.c.key == calls.c.incident)
            .where(recent, talked)
            .order_by(calls.c.started_at.desc())
            .limit(MOST_TALKS)
        )
        with reading(self._engine) as connection:
            talks = [talk_of(call) for call in connection.scalars(latest)]
            return [talk for talk in talks if talk is not None]


# What a contract may call about again.


OF_CONTRACT = (
    select(incidents.c.value)
    .where(
        incidents.c.line == bindparam("line"),
        incidents.c.contract == bindparam("contract"),
        text(UNCLOSED),  # word for word as in the index, or SQLite would not see that it serves
    )
    .order_by(
        incidents.c.state == IncidentState.RESPONDED,
        incidents.c.opened_at.desc(),
        incidents.c.number.desc(),
    )
    .limit(bindparam("most"))
)


class SqlOpenIncidents:
    """The incidents of each contract that are not closed."""

    _engine: Engine

    def unclosed(self, line: str, contract: str, most: int) -> Sequence[Incident]:
        """At most so many of a contract, those responded to last, newest first."""
        given = {"line": line, "contract": contract, "most": most}
        with reading(self._engine) as connection:
            return connection.scalars(OF_CONTRACT, given).all()


_DEADLOCK = "40P01"  # PostgreSQL: two decisions ended and began legs of the same engineers


_OF_LINE = incidents.c.line == bindparam("line")
_HUNTED = select(incidents.c.key).where(_OF_LINE, text(HUNTED)).order_by(incidents.c.hunt_place)
_MISSED = select(incidents.c.missed).where(
    _OF_LINE,
    text(HUNTED),
    incidents.c.hunt_place < bindparam("turn"),
    incidents.c.missed != "",
)
_OPEN = (
    select(incidents.c.value)
    .where(_OF_LINE, text(UNDONE))
    .order_by(incidents.c.opened_at, incidents.c.number)
)


class SqlCallRepository(
    SqlUnverifiedLimits,
    SqlMessageRepository,
    SqlRecordingRepository,
    SqlNoteRepository,
    SqlPremiumReader,
    SqlHandoverRepository,
    SqlQueueReader,
    SqlOpenIncidents,
    SqlInbox,
    CallRepository,
):
    """Calls, incidents, pages, journal and errands of every line."""

    def moment(self) -> AbstractContextManager[None]:
        """Until its end, all that is read is of one moment, over one connection."""
        return one_moment(self._engine)

    def matter_of_call(self, call_id: str) -> Case | None:
        """The call of our id, with its incident if it has one."""
        with reading(self._engine) as connection:
            return of_call(connection, call_id)

    def matter_of_sid(self, sid: str) -> Case | None:
        """The same, found by the carrier's id of the inbound call."""
        with reading(self._engine) as connection:
            return of_sid(connection, sid)

    def matter_of_leg(self, page_id: str) -> Case | None:
        """The incident of this page, that page included, and the incident's latest call."""
        with reading(self._engine) as connection:
            return of_leg(connection, page_id)

    def matter_of_incident(self, key: str) -> Case | None:
        """The incident with its live pages, and its latest call."""
        with reading(self._engine) as connection:
            return of_incident(connection, key)

    def matter_of_number(self, number: int) -> Case | None:
        """The incident of this number with its live pages, and its latest call."""
        with reading(self._engine) as connection:
            return of_number(connection, number)

    def save(self, before: Case, decision: Decision, at: dt.datetime) -> tuple[Case, Sequence[str]]:
        """Write what was decided, all or nothing; raises LostRaceError when it must be redone."""
        after = decision.matter
        if after == before and not (decision.notes or decision.errands or decision.memos):
            return before, ()
        try:
            with writing(self._engine) as connection:
                call = write_call(connection, before.call, after.call)
                incident = write_incident(connection, before.incident, after.incident)
                saved = Case(call, incident)
                write_notes(connection, saved, decision.notes, at)
                write_letters(connection, decision.letters)
                write_recordings(connection, decision.recordings)
                write_memos(connection, decision.memos)
                write_dispatches(connection, decision.dispatches, incident)
                return saved, post(connection, decision.errands, at)
        except IntegrityError as error:
            raise LostRaceError("this call, an engineer's leg or a year's place exists") from error
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
                raise
            raise LostRaceError("two decisions waited for each other") from error

    def busy(self, line: str, but: str = "") -> frozenset[str]:
        """What live legs for other incidents than ``but`` hold: engineers, and numbers of the last
        resort."""
        with reading(self._engine) as connection:
            return frozenset(connection.scalars(BUSY, {"line": line, "but": but}))

    def last_leg(self, line: str, engineer: str) -> Page | None:
        """The latest leg of this engineer, live or ended."""
        with reading(self._engine) as connection:
            return connection.scalar(LAST_LEG, {"line": line, "engineer": engineer})

    def notices(self, line: str, engineer: str, since: dt.datetime) -> Notices:
        """The texts and mails to this engineer since, newest first."""
        given = {"line": line, "engineer": engineer, "since": since}
        with reading(self._engine) as connection:
            return [(row.incident, row.value) for row in connection.execute(NOTICES, given)]

    def hunted(self, line: str) -> Sequence[str]:
        """Keys of incidents still being hunted for, by level, plan and age."""
        with reading(self._engine) as connection:
            return connection.scalars(_HUNTED, {"line": line}).all()

    def wanted(self, line: str, turn: str) -> frozenset[str]:
        """The engineers who are missed by a hunt whose turn comes before this one."""
        with reading(self._engine) as connection:
            found = connection.scalars(_MISSED, {"line": line, "turn": turn})
            return frozenset(person for missed in found for person in missed.split("\n"))

    def open_incidents(self, line: str) -> Sequence[Incident]:
        """Incidents of the line that are open or acknowledged, oldest first."""
        with reading(self._engine) as connection:
            found = connection.scalars(_OPEN, {"line": line})
            return [with_pages(connection, incident) for incident in found.all()]
