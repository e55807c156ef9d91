"""Dispatches: written with the decision that made them, sent until a program has heard them.

They are due work of their own, apart from the errands: a program that is away for hours neither
makes the line late nor stands before a telephone that must ring.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, and_, exists, func, insert, select, update

from routing.incident import Incident
from routing.incidents.columns import INCIDENT_COLUMNS, build_row
from routing.notify.webhook import WebhookEvent
from store.db.engine import reading, writing
from store.log.rows import Row, format_moment
from store.tables.log import incidents
from store.tables.work import webhook_deliveries

LEASE = dt.timedelta(seconds=20)
"""Outlasts one attempt to send."""

DELIVERED, GIVEN_UP = "delivered", "given_up"
_WAITS = webhook_deliveries.c.done_at.is_(None)


@dataclass(frozen=True, slots=True)
class WebhookAttempt:
    """A dispatch that is ours to send, once; ``tries`` counts this attempt too."""

    position: int
    id: str
    line: str
    webhook: str
    body: str
    attempts: int


def write_deliveries(
    connection: Connection, wanted: Sequence[WebhookEvent], incident: Incident | None
) -> None:
    """Write what programs are to hear of the incident as it has just been saved."""
    if incident is not None and wanted:
        connection.execute(insert(webhook_deliveries), [_row(each, incident) for each in wanted])


class WebhookQueue:
    """The dispatches of every line, as whoever sends them uses them."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def lease(self, now: dt.datetime) -> WebhookAttempt | None:
        """The next to be sent: of one incident and program always the oldest that waits."""
        with reading(self._engine) as connection:
            due = select(webhook_deliveries.c.position).where(
                _WAITS, webhook_deliveries.c.wakes_at <= now
            )
            if connection.scalar(due.limit(1)) is None:
                return None
        with writing(self._engine) as connection:
            ours = connection.scalar(_next(now).with_for_update(skip_locked=True))
            row = connection.execute(
                _leased(now).where(webhook_deliveries.c.position == ours)
            ).first()
            return None if row is None else WebhookAttempt(**row._mapping)

    def delivered(self, parcel: WebhookAttempt, now: dt.datetime, answer: str) -> None:
        """The program has it."""
        self._change(parcel, done_at=now, result=DELIVERED, last_response=answer)

    def put_off(self, parcel: WebhookAttempt, until: dt.datetime, answer: str) -> None:
        """The program did not take it: to be tried again then."""
        self._change(parcel, wakes_at=until, last_response=answer)

    def give_up(self, parcel: WebhookAttempt, now: dt.datetime, answer: str) -> None:
        """It is not tried any more, unless somebody asks for that."""
        self._change(parcel, done_at=now, result=GIVEN_UP, last_response=answer)

    def leave_alone(self, parcel: WebhookAttempt, until: dt.datetime) -> None:
        """Whatever else waits for this program waits until then: it does not answer at all."""
        its = and_(
            webhook_deliveries.c.line == parcel.line, webhook_deliveries.c.webhook == parcel.webhook
        )
        early = and_(_WAITS, its, webhook_deliveries.c.wakes_at < until)
        with writing(self._engine) as connection:
            connection.execute(update(webhook_deliveries).where(early).values(wakes_at=until))

    def _change(self, parcel: WebhookAttempt, **values: Any) -> None:
        held = and_(
            webhook_deliveries.c.position == parcel.position,
            webhook_deliveries.c.attempts == parcel.attempts,
            _WAITS,
        )
        with writing(self._engine) as connection:
            connection.execute(update(webhook_deliveries).where(held).values(values))


def _next(now: dt.datetime) -> Any:
    earlier = webhook_deliveries.alias("earlier")
    same = [
        earlier.c[name] == webhook_deliveries.c[name] for name in ("line", "webhook", "incident")
    ]
    waits = (earlier.c.done_at.is_(None), earlier.c.position < webhook_deliveries.c.position)
    first = ~exists().where(*same, *waits)
    due = select(webhook_deliveries.c.position).where(
        _WAITS, webhook_deliveries.c.wakes_at <= now, first
    )
    return due.order_by(webhook_deliveries.c.wakes_at, webhook_deliveries.c.position).limit(1)


def _leased(now: dt.datetime) -> Any:
    again = {"attempts": webhook_deliveries.c.attempts + 1, "wakes_at": now + LEASE}
    given = (webhook_deliveries.c[name] for name in WebhookAttempt.__dataclass_fields__)
    return update(webhook_deliveries).values(again).returning(*given)


def _row(dispatch: WebhookEvent, incident: Incident) -> dict[str, Any]:
    return {
        "id": dispatch.id,
        "line": dispatch.line,
        "webhook": dispatch.hook,
        "incident": dispatch.incident,
        "event": dispatch.happening,
        "at": dispatch.at,
        "body": write_body(dispatch, incident),
        "attempts": 0,
        "wakes_at": dispatch.at,
    }


def write_body(event: WebhookEvent, incident: Incident) -> str:
    """The JSON that is sent: the incident as it then was, named as ``incidents --json`` does,
    without contact, phone numbers and free text."""
    sent = {
        "type": f"incident.{event.happening}",
        "timestamp": event.at.isoformat(),
        "data": build_row([each for each in INCIDENT_COLUMNS if each.webhook], incident),
    }
    return json.dumps(sent, separators=(",", ":"))


# What programs outside were told, what still waits, and what was given up and may be sent anew.


AT_ONCE = 200
_RETRY_AFTER = webhook_deliveries.c.done_at.is_(None)


class WebhookLog:
    """The dispatches of every line, as people look at them."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def again(self, which: str | None, now: dt.datetime) -> int:
        """Send anew what was given up, all of it or the one of this id; gives back how many."""
        given_up = webhook_deliveries.c.result == GIVEN_UP
        wanted = given_up if which is None else and_(given_up, webhook_deliveries.c.id == which)
        anew = {"done_at": None, "result": None, "attempts": 0, "wakes_at": now}
        with writing(self._engine) as connection:
            return connection.execute(
                update(webhook_deliveries).where(wanted).values(anew)
            ).rowcount

    def waiting_since(self, line: str | None = None) -> dt.datetime | None:
        """The moment of the oldest dispatch that waits."""
        theirs = (
            _RETRY_AFTER if line is None else and_(_RETRY_AFTER, webhook_deliveries.c.line == line)
        )
        with reading(self._engine) as connection:
            found: dt.datetime | None = connection.scalar(
                select(func.min(webhook_deliveries.c.at)).where(theirs)
            )
            return found

    def given_up_since(self, line: str, since: dt.datetime) -> int:
        """How many of a line were given up since."""
        lost = and_(webhook_deliveries.c.done_at >= since, webhook_deliveries.c.result == GIVEN_UP)
        counted = select(func.count()).select_from(webhook_deliveries)
        with reading(self._engine) as connection:
            return connection.scalar(counted.where(lost, webhook_deliveries.c.line == line)) or 0

    def listed(self, *, waiting: bool = False) -> Iterator[Row]:
        """Every dispatch, or those that wait, in their order; without what they say."""
        last = 0
        while True:
            following = webhook_deliveries.c.position > last
            wanted = and_(following, _RETRY_AFTER) if waiting else following
            with reading(self._engine) as connection:
                found = connection.execute(_LISTED.where(wanted).limit(AT_ONCE)).all()
            yield from (_listed(row) for row in found)
            if len(found) < AT_ONCE:
                return
            last = found[-1].position


_LISTED = (
    select(webhook_deliveries, incidents.c.number)
    .join(incidents, incidents.c.key == webhook_deliveries.c.incident, isouter=True)
    .order_by(webhook_deliveries.c.position)
)


def _listed(row: Any) -> Row:
    return {
        "id": row.id,
        "line": row.line,
        "webhook": row.webhook,
        "incident": row.number,
        "type": f"incident.{row.event}",
        "at": format_moment(row.at),
        "state": row.result or "waiting",
        "tries": row.attempts,
        "answer": row.last_response,
        "next_at": format_moment(row.wakes_at) if row.done_at is None else None,
        "done_at": format_moment(row.done_at),
    }
