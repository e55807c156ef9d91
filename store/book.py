"""The book of calls and incidents, in a database; keeps what ``routing.ports.Book`` promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager

from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from routing.incident import Incident, Page
from routing.ports import Book, Decision, LostRaceError, Matter, Notices
from store.dispatches import write_dispatches
from store.due import post
from store.engine import one_moment, reading, writing
from store.entitlement import SqlEntitlement
from store.inbox import SqlInbox
from store.letters import SqlLetters, write_letters
from store.matter import of_call, of_incident, of_leg, of_number, of_sid
from store.memos import SqlMemos, write_memos
from store.pages import BUSY, LAST_LEG, NOTICES, with_pages
from store.record import write_call, write_incident, write_notes
from store.recordings import SqlRecordings, write_recordings
from store.reliefs import SqlReliefs
from store.row import SqlRow
from store.strangers import SqlStrangers
from store.tables import incidents
from store.tables.log import HUNTED, UNDONE
from store.unclosed import SqlUnclosed

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


class SqlBook(
    SqlStrangers,
    SqlLetters,
    SqlRecordings,
    SqlMemos,
    SqlEntitlement,
    SqlReliefs,
    SqlRow,
    SqlUnclosed,
    SqlInbox,
    Book,
):
    """Calls, incidents, pages, journal and errands of every line."""

    def moment(self) -> AbstractContextManager[None]:
        """Until its end, all that is read is of one moment, over one connection."""
        return one_moment(self._engine)

    def matter_of_call(self, call_id: str) -> Matter | None:
        """The call of our id, with its incident if it has one."""
        with reading(self._engine) as connection:
            return of_call(connection, call_id)

    def matter_of_sid(self, sid: str) -> Matter | None:
        """The same, found by the carrier's id of the inbound call."""
        with reading(self._engine) as connection:
            return of_sid(connection, sid)

    def matter_of_leg(self, page_id: str) -> Matter | None:
        """The incident of this page, that page included, and the incident's latest call."""
        with reading(self._engine) as connection:
            return of_leg(connection, page_id)

    def matter_of_incident(self, key: str) -> Matter | None:
        """The incident with its live pages, and its latest call."""
        with reading(self._engine) as connection:
            return of_incident(connection, key)

    def matter_of_number(self, number: int) -> Matter | None:
        """The incident of this number with its live pages, and its latest call."""
        with reading(self._engine) as connection:
            return of_number(connection, number)

    def save(
        self, before: Matter, decision: Decision, at: dt.datetime
    ) -> tuple[Matter, Sequence[str]]:
        """Write what was decided, all or nothing; raises LostRaceError when it must be redone."""
        after = decision.matter
        if after == before and not (decision.notes or decision.errands or decision.memos):
            return before, ()
        try:
            with writing(self._engine) as connection:
                call = write_call(connection, before.call, after.call)
                incident = write_incident(connection, before.incident, after.incident)
                saved = Matter(call, incident)
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
