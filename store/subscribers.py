"""The contacts who asked to hear of releases, read piece by piece."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Engine, and_, or_, select

from routing.contract import Plan
from routing.subscribers import Subscriber
from store.contracts import contact_of, phones_of
from store.engine import reading
from store.tables import contacts, contracts

AT_ONCE = 200


class SqlSubscribers:
    """The part of the people who asked to be told."""

    _engine: Engine

    def subscribers(
        self, line_id: str, plan: Plan, today: dt.date, after: int = 0
    ) -> Sequence[Subscriber]:
        """The next ones after this id, oldest first."""
        theirs = and_(
            contracts.c.line == contacts.c.line, contracts.c.number == contacts.c.contract
        )
        begun = or_(contracts.c.since.is_(None), contracts.c.since <= today)
        held = and_(begun, _lasts(contracts.c.until, today), contracts.c.plan == plan)
        asked = and_(contacts.c.hears_of_releases, _lasts(contacts.c.ends, today))
        wanted = (
            select(contacts)
            .join(contracts, theirs)
            .where(contacts.c.line == line_id, contacts.c.id > after, held, asked)
            .order_by(contacts.c.id)
            .limit(AT_ONCE)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).all()
            phones = phones_of(connection, [row.id for row in rows])
            return [Subscriber(r.id, r.contract, contact_of(r, phones[r.id])) for r in rows]


def _lasts(end: Column[dt.date], today: dt.date) -> ColumnElement[bool]:
    return or_(end.is_(None), end >= today)
