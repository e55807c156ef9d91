"""Call-outs, refused numbers, and when a phone last reached its engineer: read from pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, and_, case, func, select

from routing.journal import JournalEvent
from routing.line import Channel, Line
from routing.notify.channels import PHONE_CHANNELS
from routing.page import Page, PageResult
from store.db.engine import reading
from store.db.sql_types import UtcDateTime
from store.tables.log import journal, messages, pages

_LONGEST = dt.timedelta(days=1)
"""A leg is placed at most so long before it is taken."""


@dataclass(frozen=True, slots=True)
class CallOut:
    """An accepted leg, from the key to its end; None when the log has no end."""

    engineer: str
    start: dt.datetime
    end: dt.datetime | None


def list_call_outs(
    engine: Engine, line: str, since: dt.datetime, until: dt.datetime
) -> Sequence[CallOut]:
    """The legs of a line that were accepted from one moment to just before another, in order."""
    taken = func.min(
        case((journal.c.event == JournalEvent.ACCEPTED, journal.c.at)), type_=UtcDateTime
    )
    over = func.max(
        case((journal.c.event == JournalEvent.LEG_ENDED, journal.c.at)), type_=UtcDateTime
    )
    of_leg = and_(journal.c.incident == pages.c.incident, journal.c.leg == pages.c.id)
    found = (
        select(pages.c.engineer, taken.label("start"), over.label("end"))
        .join(journal, of_leg)
        .where(pages.c.line == line, pages.c.channel == Channel.CALL)
        .where(pages.c.at >= since - _LONGEST, pages.c.at < until)
        .where(journal.c.event.in_((JournalEvent.ACCEPTED, JournalEvent.LEG_ENDED)))
        .group_by(pages.c.id, pages.c.engineer)
        .having(taken.is_not(None))
        .order_by(taken, pages.c.engineer)
    )
    with reading(engine) as connection:
        rows = [CallOut(row.engineer, row.start, row.end) for row in connection.execute(found)]
    return [row for row in rows if since <= row.start < until]


FAILED = (PageResult.FAILED, PageResult.UNDELIVERED)
REACHED = (
    PageResult.ACCEPTED,
    PageResult.DECLINED,
    PageResult.NO_KEY,
    PageResult.NO_ANSWER,
    PageResult.DELIVERED,
)


@dataclass(frozen=True, slots=True)
class RefusedNumber:
    """A number (E.164) that the carrier refused or could not reach, with the carrier's code."""

    engineer: str
    number: str
    code: str
    at: dt.datetime
    channel: Channel = Channel.CALL


def find_refused_numbers(engine: Engine, line: str, since: dt.datetime) -> Sequence[RefusedNumber]:
    """The latest refusal of each number since, unless a later call was placed; and the latest
    text or call that failed with a reason, unless a later one arrived."""
    return (*_find_refused(engine, line, since), *_find_failed(engine, line, since))


def _find_failed(engine: Engine, line: str, since: dt.datetime) -> Sequence[RefusedNumber]:
    wanted = and_(pages.c.line == line, pages.c.channel.in_(PHONE_CHANNELS), pages.c.at >= since)
    found: dict[tuple[str, str], RefusedNumber] = {}
    with reading(engine) as connection:
        for page in connection.scalars(select(pages.c.value).where(wanted).order_by(pages.c.at)):
            which = (page.channel, page.to)
            if page.result in REACHED:
                found.pop(which, None)
            elif page.result in FAILED and page.reason and not _was_not_placed(page):
                code = page.reason.rpartition(": ")[2]
                found[which] = RefusedNumber(page.engineer, page.to, code, page.at, page.channel)
    return tuple(found.values())


def _was_not_placed(page: Page) -> bool:
    return page.channel is Channel.CALL and page.sid is None


def _find_refused(engine: Engine, line: str, since: dt.datetime) -> Sequence[RefusedNumber]:
    of_leg = and_(journal.c.incident == pages.c.incident, journal.c.leg == pages.c.id)
    theirs = and_(pages.c.line == line, pages.c.channel == Channel.CALL, pages.c.at >= since)
    no = (
        select(journal.c.at, journal.c.reason, pages.c.value)
        .join(pages, of_leg)
        .where(journal.c.event == JournalEvent.REFUSED, theirs)
        .order_by(journal.c.at)
    )
    found: dict[str, RefusedNumber] = {}
    with reading(engine) as connection:
        for at, reason, leg in connection.execute(no):
            code = reason.rpartition(": ")[2]
            found[leg.to] = RefusedNumber(leg.engineer, leg.to, code, at)
        people = {one.engineer for one in found.values()}
        legs = select(pages.c.value).where(theirs, pages.c.engineer.in_(people))
        placed: list[Page] = [leg for leg in connection.scalars(legs) if leg.sid is not None]
    for leg in placed:
        if leg.to in found and leg.at > found[leg.to].at:
            del found[leg.to]
    return tuple(found.values())


ANSWERED = (PageResult.ACCEPTED, PageResult.DECLINED, PageResult.NO_KEY)
LOOK_BACK = 1000
"""Pages and messages of an engineer that are read, newest first; older proof is stale."""


def find_last_reached(engine: Engine, line: Line) -> Mapping[str, dt.datetime]:
    """By phone number: when it was last answered, or last got a text."""
    found: dict[str, dt.datetime] = {}
    with reading(engine) as connection:
        for engineer in line.engineers:
            theirs = and_(pages.c.line == line.id, pages.c.engineer == engineer.id)
            legs = select(pages.c.value).where(theirs).order_by(pages.c.at.desc())
            own = and_(messages.c.line == line.id, messages.c.recipient == engineer.id)
            told = select(messages.c.value).where(own).order_by(messages.c.at.desc())
            for one in (
                *connection.scalars(legs.limit(LOOK_BACK)),
                *connection.scalars(told.limit(LOOK_BACK)),
            ):
                if one.result in (*ANSWERED, PageResult.DELIVERED):
                    found[one.to] = max(one.at, found.get(one.to, one.at))
    return found
