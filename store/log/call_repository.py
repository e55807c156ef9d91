"""The repository of calls and incidents in a database: the ports of ``routing.ports``."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager

from sqlalchemy import (
    Connection,
    Engine,
    String,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError, OperationalError

from routing.call import CallOutcome
from routing.decision import Case, Decision, EngineerPages, HeldPeople, LostRaceError
from routing.escalation.queue_position import MOST_TALKS, measure_talk
from routing.incident import Incident, IncidentKind, IncidentState
from routing.jobs import Job, Lease
from routing.line import Channel
from routing.ports import CallRepository, DeskQueue, UnverifiedLimits
from store.db.engine import reading, snapshot, sqlstate, writing
from store.db.prepared import Prepared
from store.db.sql_types import UtcDateTime
from store.log import cases, correspondence, messages, premium, recordings
from store.people.handovers import SqlHandoverRepository
from store.tables.log import ESCALATING, NOTICE, UNCLOSED, UNRESOLVED, calls, incidents, pages
from store.tables.work import failed_pins
from store.work.jobs import finish_job, plan_jobs, write_jobs
from store.work.webhooks import plan_deliveries, write_deliveries

_DEADLOCK = "40P01"  # PostgreSQL: two decisions ended and began legs of the same engineers

# Conditions in ``text`` are word for word those of an index; SQLite would not use it otherwise.
_OF_LINE = incidents.c.line == bindparam("line")
_OPEN = Prepared(
    select(incidents.c.value)
    .where(_OF_LINE, text(UNRESOLVED))
    .order_by(incidents.c.opened_at, incidents.c.number)
)
UNCLOSED_OF_CONTRACT = (
    select(incidents.c.value)
    .where(_OF_LINE, incidents.c.contract == bindparam("contract"), text(UNCLOSED))
    .order_by(
        incidents.c.state == IncidentState.RESPONDED,
        incidents.c.opened_at.desc(),
        incidents.c.number.desc(),
    )
    .limit(bindparam("most"))
)
_UNCLOSED = Prepared(UNCLOSED_OF_CONTRACT)
_ESCALATING = (
    select(incidents.c.key).where(_OF_LINE, text(ESCALATING)).order_by(incidents.c.escalation_key)
)
_MISSING = Prepared(
    select(incidents.c.key, incidents.c.missed_engineers)
    .where(_OF_LINE, text(ESCALATING), incidents.c.missed_engineers != "")
    .order_by(incidents.c.escalation_key)
)
_BUSY = select(pages.c.live_engineer).where(
    pages.c.line == bindparam("line"),
    pages.c.live_engineer.is_not(None),
    pages.c.incident != bindparam("but"),
)
_NOBODY = literal_column("''", String)
_HELD = Prepared(
    _BUSY.add_columns(_NOBODY).union_all(
        select(_NOBODY, incidents.c.missed_engineers)
        .distinct()  # in a storm most escalations wait for the same few people
        .where(
            _OF_LINE,
            text(ESCALATING),
            incidents.c.escalation_key < bindparam("turn"),
            incidents.c.missed_engineers != "",
        )
    )
)
_PAGES_TO = select(pages.c.incident, pages.c.value).where(
    pages.c.line == bindparam("line"), pages.c.engineer == bindparam("engineer")
)
_LAST_LEG = (
    _PAGES_TO.where(pages.c.channel == Channel.CALL).order_by(pages.c.at.desc()).limit(1).subquery()
)
_LEG_AND_NOTICES = Prepared(
    select(_LAST_LEG).union_all(
        _PAGES_TO.where(
            pages.c.at >= bindparam("since", type_=UtcDateTime), pages.c.channel != Channel.CALL
        )
    )
)


class SqlCallRepository(CallRepository):
    """Calls, incidents, pages, journal and jobs of every line."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine
        self.messages = messages.SqlMessageRepository(engine)
        self.correspondence = correspondence.SqlCorrespondenceRepository(engine)
        self.notes = messages.SqlNoteRepository(engine)
        self.received_texts = messages.SqlReceivedTextRepository(engine)
        self.recordings = recordings.SqlRecordingRepository(engine)
        self.handovers = SqlHandoverRepository(engine)
        self.desk_queue = SqlDeskQueue(engine)
        self.unverified_limits = SqlUnverifiedLimits(engine)

    def snapshot(self) -> AbstractContextManager[None]:
        """Within it, every read is of the same moment, over one connection."""
        return snapshot(self._engine)

    def find_by_call(self, call_id: str) -> Case | None:
        """The call of our id, with its incident if it has one."""
        with reading(self._engine) as connection:
            return cases.find_by_call(connection, call_id)

    def find_by_sid(self, sid: str) -> Case | None:
        """The same, by the carrier's id of the inbound call."""
        with reading(self._engine) as connection:
            return cases.find_by_sid(connection, sid)

    def find_by_page(self, page_id: str) -> Case | None:
        """The incident of this page, with that page, and the incident's latest call."""
        with reading(self._engine) as connection:
            return cases.find_by_page(connection, page_id)

    def find_by_incident(self, key: str) -> Case | None:
        """The incident with its live pages, and its latest call."""
        with reading(self._engine) as connection:
            return cases.find_by_incident(connection, key)

    def find_by_number(self, number: int) -> Case | None:
        """The same, by the number that people say."""
        with reading(self._engine) as connection:
            return cases.find_by_number(connection, number)

    def save(
        self, before: Case, decision: Decision, at: dt.datetime, finishes: Lease | None = None
    ) -> tuple[Case, Sequence[str]]:
        """Write everything in one transaction; raises LostRaceError when it must be redone, and
        LeaseLostError."""
        if decision.case == before and not decision.writes_more and finishes is None:
            return before, ()
        try:
            with writing(self._engine) as connection:
                if finishes is not None:
                    finish_job(connection, finishes, at)
                saved, due = _write(connection, before, decision, at)
                for other, following in decision.also:
                    due += _write(connection, other, following, at)[1]
                return saved, due
        except IntegrityError as error:
            raise LostRaceError("this call, an engineer's leg or a year's place exists") from error
        except OperationalError as error:
            if sqlstate(error.orig) != _DEADLOCK:
                raise
            raise LostRaceError("two decisions waited for each other") from error

    def plan_jobs(self, jobs: Sequence[Job], at: dt.datetime) -> Sequence[str]:
        """Write jobs that have a name, each name once; return the ids of those due."""
        return plan_jobs(self._engine, jobs, at)

    def find_open(self, line: str) -> Sequence[Incident]:
        """The open and acknowledged incidents of the line, oldest first."""
        with reading(self._engine) as connection:
            found = _OPEN.scalars(connection, line=line)
            return [cases.with_pages(connection, incident) for incident in found]

    def find_unclosed(self, line: str, contract: str, most: int) -> Sequence[Incident]:
        """At most so many incidents of the contract that are not closed: responded ones last."""
        with reading(self._engine) as connection:
            return _UNCLOSED.scalars(connection, line=line, contract=contract, most=most)

    def find_escalating(self, line: str) -> Sequence[str]:
        """Keys of the incidents whose escalation is under way, by level, plan and age."""
        with reading(self._engine) as connection:
            return connection.scalars(_ESCALATING, {"line": line}).all()

    def find_escalating_without(self, line: str, holder: str) -> Sequence[str]:
        """Those of them that missed this engineer, or number of the last resort, in that order."""
        with reading(self._engine) as connection:
            found = _MISSING.rows(connection, line=line)
            return [key for key, missed in found if holder in missed.split("\n")]

    def find_busy(self, line: str, but: str = "") -> frozenset[str]:
        """Engineers and numbers of the last resort with a live leg of another incident."""
        with reading(self._engine) as connection:
            return frozenset(connection.scalars(_BUSY, {"line": line, "but": but}))

    def find_held(self, line: str, but: str, turn: str) -> HeldPeople:
        """Who is not rung for an incident: the busy, and those wanted at an earlier turn."""
        with reading(self._engine) as connection:
            found = _HELD.rows(connection, line=line, but=but, turn=turn)
        busy = frozenset(holder for holder, _ in found if holder)
        wanted = (engineer for _, missed in found for engineer in missed.split("\n"))
        return HeldPeople(busy, frozenset(filter(None, wanted)))

    def find_pages_to(self, line: str, engineer: str, since: dt.datetime) -> EngineerPages:
        """The latest leg of this engineer, and the pages by text and mail since."""
        with reading(self._engine) as connection:
            found = _LEG_AND_NOTICES.rows(connection, line=line, engineer=engineer, since=since)
        legs = [page for _, page in found if page.channel is Channel.CALL]
        notices = [(key, page) for key, page in found if page.channel is not Channel.CALL]
        notices.sort(key=lambda one: (one[1].at, one[1].id), reverse=True)
        return EngineerPages(next(iter(legs), None), notices)

    def count_premium(self, line: str, contract: str, year: dt.date) -> tuple[int, int]:
        """How many incidents count in this contract year, and the highest place given in it."""
        with reading(self._engine) as connection:
            return premium.count_premium(connection, line, contract, year)


def _write(
    connection: Connection, before: Case, decision: Decision, at: dt.datetime
) -> tuple[Case, list[str]]:
    """Write a decision about one case; return it as saved, and the ids of the jobs due."""
    call = cases.write_call(connection, before.call, decision.case.call)
    incident = cases.write_incident(connection, before.incident, decision.case.incident)
    saved = Case(call, incident)
    cases.write_journal(connection, saved, decision.notes, at)
    messages.write_messages(connection, decision.messages)
    recordings.write_recordings(connection, decision.recordings)
    messages.write_notes(connection, decision.incident_notes)
    correspondence.write_correspondence(connection, decision, incident)
    told = plan_deliveries(decision.webhook_events, incident)
    due = write_jobs(connection, [*decision.jobs, *told], at)
    write_deliveries(connection, decision.webhook_events, incident)
    return saved, list(due)


_WAITING = (
    select(incidents.c.key)
    .where(_OF_LINE, incidents.c.queue_key.is_not(None))
    .order_by(incidents.c.queue_key)
)
_WAITING_FOR_ANY = Prepared(_WAITING)
_WAITING_OF_KIND = Prepared(_WAITING.where(incidents.c.kind == bindparam("kind")))
_SINCE = bindparam("since", type_=UtcDateTime)
_TALKS = Prepared(
    select(calls.c.value)
    .join(incidents, incidents.c.key == calls.c.incident)
    .where(
        calls.c.line == bindparam("line"),
        calls.c.started_at >= _SINCE,
        incidents.c.urgency > 1,
        incidents.c.kind == bindparam("kind"),
        calls.c.outcome == CallOutcome.CONNECTED,
    )
    .order_by(calls.c.started_at.desc())
    .limit(MOST_TALKS)
)


class SqlDeskQueue(DeskQueue):
    """The desk queues of every line."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def find_waiting(
        self, line: str, kind: IncidentKind | None = IncidentKind.INCIDENT
    ) -> Sequence[str]:
        """Keys of the incidents of this kind, or of any, that wait for their desk, in the order of
        service."""
        with reading(self._engine) as connection:
            if kind is None:
                return _WAITING_FOR_ANY.scalars(connection, line=line)
            return _WAITING_OF_KIND.scalars(connection, line=line, kind=kind)

    def find_talks(
        self, line: str, since: dt.datetime, kind: IncidentKind = IncidentKind.INCIDENT
    ) -> Sequence[dt.timedelta]:
        """How long the latest talks of this kind, level 1 apart, took since; twenty at most."""
        with reading(self._engine) as connection:
            latest = _TALKS.scalars(connection, line=line, since=since, kind=kind)
        talks = [measure_talk(call) for call in latest]
        return [talk for talk in talks if talk is not None]


_LEVEL_1 = incidents.c.urgency == 1
_UNVERIFIED = and_(incidents.c.verified.is_(False), _LEVEL_1)
_THEIRS = func.count().filter(incidents.c.caller.is_not_distinct_from(bindparam("caller")))
_RUNG = Prepared(
    select(_THEIRS, func.count()).where(
        _UNVERIFIED, _OF_LINE, incidents.c.opened_at >= _SINCE, incidents.c.rung
    )
)
_FAILED_PINS = Prepared(
    select(func.count()).where(
        failed_pins.c.subject == bindparam("subject"), failed_pins.c.at >= _SINCE
    )
)


class SqlUnverifiedLimits(UnverifiedLimits):
    """The limits of every line."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def count_rung(self, line: str, caller: str | None, since: dt.datetime) -> tuple[int, int]:
        """How many unverified level 1 incidents rang somebody since: this caller's, the line's."""
        with reading(self._engine) as connection:
            ((of_caller, of_line),) = _RUNG.rows(connection, line=line, caller=caller, since=since)
            return of_caller, of_line

    def count_unrung(self, since: dt.datetime) -> dict[str, int]:
        """By line, how many level 1 incidents opened since rang nobody."""
        quiet = and_(incidents.c.rung.is_(False), incidents.c.opened_at >= since, _LEVEL_1)
        with reading(self._engine) as connection:
            return Counter(connection.scalars(select(incidents.c.line).where(quiet)))

    def find_quiet_notice(self, line: str, since: dt.datetime) -> dt.datetime | None:
        """When the latest text or mail about a level 1 that rang nobody was written, if since."""
        quiet = and_(incidents.c.rung.is_(False), _LEVEL_1)
        notices = and_(pages.c.line == line, text(NOTICE), pages.c.at >= since)
        found = select(pages.c.at).join(incidents, pages.c.incident == incidents.c.key)
        latest = found.where(quiet, notices).order_by(pages.c.at.desc()).limit(1)
        with reading(self._engine) as connection:
            return connection.scalar(latest)

    def count_failed_pins(self, subject: str, since: dt.datetime) -> int:
        """How many wrong PINs counted against this subject since."""
        with reading(self._engine) as connection:
            return _FAILED_PINS.scalar(connection, subject=subject, since=since) or 0

    def find_most_failed_pins(self, since: dt.datetime) -> tuple[int, int]:
        """The highest number of wrong PINs since: of one line, and of one contract."""
        with reading(self._engine) as connection:
            counts = Counter(
                connection.scalars(select(failed_pins.c.subject).where(failed_pins.c.at >= since))
            )
        of_lines = (count for subject, count in counts.items() if subject.startswith("line "))
        of_contracts = (n for subject, n in counts.items() if subject.startswith("contract "))
        return max(of_lines, default=0), max(of_contracts, default=0)

    def record_failed_pin(self, subjects: Sequence[str], at: dt.datetime) -> None:
        """Count a wrong PIN against each of these subjects."""
        if not subjects:
            return
        rows = [{"subject": subject, "at": at} for subject in subjects]
        with writing(self._engine) as connection:
            connection.execute(insert(failed_pins), rows)
