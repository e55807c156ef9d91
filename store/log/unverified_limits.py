"""What the limits for unverified callers are computed from: rung incidents and failed PINs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Engine, and_, func, insert, select

from routing.line import Channel
from routing.ports import UnverifiedLimits
from store.db.engine import reading, writing
from store.tables.log import incidents, pages
from store.tables.work import failed_pins

_LEVEL_1 = incidents.c.urgency == 1
_UNVERIFIED = and_(incidents.c.verified.is_(False), _LEVEL_1)


class SqlUnverifiedLimits(UnverifiedLimits):
    """The limits of every line."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def count_rung(self, line: str, caller: str | None, since: dt.datetime) -> tuple[int, int]:
        """How many unverified level 1 incidents rang somebody since: this caller's, the line's."""
        rung = and_(incidents.c.line == line, incidents.c.opened_at >= since, incidents.c.rung)
        theirs = func.count().filter(incidents.c.caller.is_not_distinct_from(caller))
        with reading(self._engine) as connection:
            counted = connection.execute(select(theirs, func.count()).where(_UNVERIFIED, rung))
            of_caller, of_line = counted.one()
            return of_caller, of_line

    def count_unrung(self, since: dt.datetime) -> dict[str, int]:
        """By line, how many level 1 incidents opened since rang nobody."""
        quiet = and_(incidents.c.rung.is_(False), incidents.c.opened_at >= since, _LEVEL_1)
        with reading(self._engine) as connection:
            return Counter(connection.scalars(select(incidents.c.line).where(quiet)))

    def find_quiet_notice(self, line: str, since: dt.datetime) -> dt.datetime | None:
        """When the latest text or mail about a level 1 that rang nobody was written, if since."""
        quiet = and_(incidents.c.line == line, incidents.c.rung.is_(False), _LEVEL_1)
        notices = and_(pages.c.channel != Channel.CALL, pages.c.at >= since)
        found = select(pages.c.at).join(incidents, pages.c.incident == incidents.c.key)
        latest = found.where(quiet, notices).order_by(pages.c.at.desc()).limit(1)
        with reading(self._engine) as connection:
            return connection.scalar(latest)

    def count_failed_pins(self, subject: str, since: dt.datetime) -> int:
        """How many wrong PINs counted against this subject since."""
        counted = select(func.count()).where(
            failed_pins.c.subject == subject, failed_pins.c.at >= since
        )
        with reading(self._engine) as connection:
            return connection.scalar(counted) or 0

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
