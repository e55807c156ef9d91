"""Numbers that the carrier would not ring, or to which it brought no call or text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, and_, select

from routing.incident import Page, Result
from routing.line import Channel
from store.engine import reading
from store.tables import journal, pages

FAILED = (Result.FAILED, Result.UNDELIVERED)
REACHED = (Result.ACCEPTED, Result.DECLINED, Result.NO_KEY, Result.NO_ANSWER, Result.DELIVERED)


@dataclass(frozen=True, slots=True)
class Refused:
    """A number (E.164), whose it is, the carrier's code, and when it said so."""

    engineer: str
    number: str
    code: str
    at: dt.datetime
    channel: Channel = Channel.CALL


def refused(engine: Engine, line: str, since: dt.datetime) -> Sequence[Refused]:
    """The latest refusal of each number since then, unless it has been rung after that; and the
    latest text or call that failed for a reason, unless one came through after that."""
    return (*_not_placed(engine, line, since), *_failed(engine, line, since))


def _failed(engine: Engine, line: str, since: dt.datetime) -> Sequence[Refused]:
    wanted = and_(pages.c.line == line, pages.c.channel != Channel.EMAIL, pages.c.at >= since)
    found: dict[tuple[str, str], Refused] = {}
    with reading(engine) as connection:
        for page in connection.scalars(select(pages.c.value).where(wanted).order_by(pages.c.at)):
            which = (page.channel, page.to)
            if page.result in REACHED:
                found.pop(which, None)
            elif page.result in FAILED and page.reason and not _unplaced(page):
                code = page.reason.rpartition(": ")[2]
                found[which] = Refused(page.engineer, page.to, code, page.at, page.channel)
    return tuple(found.values())


def _unplaced(page: Page) -> bool:
    return page.channel is Channel.CALL and page.sid is None


def _not_placed(engine: Engine, line: str, since: dt.datetime) -> Sequence[Refused]:
    of_leg = and_(journal.c.incident == pages.c.incident, journal.c.leg == pages.c.id)
    theirs = and_(pages.c.line == line, pages.c.channel == Channel.CALL, pages.c.at >= since)
    no = (
        select(journal.c.at, journal.c.reason, pages.c.value)
        .join(pages, of_leg)
        .where(journal.c.event == "refused", theirs)
        .order_by(journal.c.at)
    )
    found: dict[str, Refused] = {}
    with reading(engine) as connection:
        for at, reason, leg in connection.execute(no):
            code = reason.rpartition(": ")[2]
            found[leg.to] = Refused(leg.engineer, leg.to, code, at)
        people = {one.engineer for one in found.values()}
        legs = select(pages.c.value).where(theirs, pages.c.engineer.in_(people))
        placed: list[Page] = [leg for leg in connection.scalars(legs) if leg.sid is not None]
    for leg in placed:
        if leg.to in found and leg.at > found[leg.to].at:
            del found[leg.to]
    return tuple(found.values())
