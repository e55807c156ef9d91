"""Webhook deliveries: written with the decision that causes them, sent until a program takes them.

They have a queue of their own beside the jobs: a program that is away for hours neither makes the
line late nor delays a telephone that must ring.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, exists, func, insert, select, update

from routing.incident import Incident
from routing.incidents.columns import INCIDENT_COLUMNS, MESSAGE_COLUMNS, build_row
from routing.notify.webhook import WebhookEvent
from store.db.engine import reading, writing
from store.db.prepared import Prepared
from store.db.search import read_pages
from store.db.sql_types import UtcDateTime
from store.log.rows import Row, format_moment
from store.tables.log import incidents
from store.tables.work import webhook_deliveries

LEASE = dt.timedelta(seconds=20)
"""Outlasts one attempt to send."""

DELIVERED, GIVEN_UP = "delivered", "given_up"
_WAITS = webhook_deliveries.c.done_at.is_(None)
_ANY_DUE = Prepared(
    select(webhook_deliveries.c.position)
    .where(_WAITS, webhook_deliveries.c.wakes_at <= bindparam("now", type_=UtcDateTime))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class WebhookAttempt:
    """A delivery that one worker may send once; ``attempts`` includes this attempt."""

    position: int
    id: str
    line: str
    webhook: str
    body: str
    attempts: int


def write_deliveries(
    connection: Connection, wanted: Sequence[WebhookEvent], incident: Incident | None
) -> None:
    """Write the deliveries about an incident, with the body as it has just been saved."""
    if incident is not None and wanted:
        connection.execute(insert(webhook_deliveries), [_row(each, incident) for each in wanted])


class WebhookQueue:
    """The deliveries of every line, as the workers use them."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def lease(self, now: dt.datetime) -> WebhookAttempt | None:
        """The next delivery to send: for one incident and webhook always the oldest."""
        with reading(self._engine) as connection:
            if _ANY_DUE.first(connection, now=now) is None:
                return None
        with writing(self._engine) as connection:
            ours = connection.scalar(_next(now).with_for_update(skip_locked=True))
            row = connection.execute(
                _leased(now).where(webhook_deliveries.c.position == ours)
            ).first()
        if row is None:
            return None
        return WebhookAttempt(**row._mapping)

    def mark_delivered(self, delivery: WebhookAttempt, now: dt.datetime, answer: str) -> None:
        """Record that the program took it."""
        self._change(delivery, done_at=now, result=DELIVERED, last_response=answer)

    def put_off(self, delivery: WebhookAttempt, until: dt.datetime, answer: str) -> None:
        """Record that the program did not take it; send it again at that time."""
        self._change(delivery, wakes_at=until, last_response=answer)

    def give_up(self, delivery: WebhookAttempt, now: dt.datetime, answer: str) -> None:
        """Record that it is not sent any more, unless somebody asks for it."""
        self._change(delivery, done_at=now, result=GIVEN_UP, last_response=answer)

    def pause_webhook(self, delivery: WebhookAttempt, until: dt.datetime) -> None:
        """Delay every delivery to a program that does not answer at all."""
        its = and_(
            webhook_deliveries.c.line == delivery.line,
            webhook_deliveries.c.webhook == delivery.webhook,
        )
        early = and_(_WAITS, its, webhook_deliveries.c.wakes_at < until)
        with writing(self._engine) as connection:
            connection.execute(update(webhook_deliveries).where(early).values(wakes_at=until))

    def _change(self, delivery: WebhookAttempt, **values: Any) -> None:
        held = and_(
            webhook_deliveries.c.position == delivery.position,
            webhook_deliveries.c.attempts == delivery.attempts,
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


def _row(event: WebhookEvent, incident: Incident) -> dict[str, Any]:
    return {
        "id": event.id,
        "line": event.line,
        "webhook": event.hook,
        "incident": event.incident,
        "event": event.happening,
        "at": event.at,
        "body": write_body(event, incident),
        "attempts": 0,
        "wakes_at": event.at,
    }


def write_body(event: WebhookEvent, incident: Incident) -> str:
    """The JSON that is sent: the incident as it then was, named as ``incidents --json`` does,
    without contact, phone numbers and free text. A message has its words only if the program gets
    content."""
    sent: dict[str, Any] = {
        "type": f"incident.{event.happening}",
        "timestamp": event.at.isoformat(),
        "data": build_row([each for each in INCIDENT_COLUMNS if each.webhook], incident),
    }
    if event.message is not None:
        columns = [each for each in MESSAGE_COLUMNS if each.webhook or event.content]
        sent["message"] = build_row(columns, event.message)
    return json.dumps(sent, separators=(",", ":"))


AT_ONCE = 200


class WebhookLog:
    """The deliveries of every line, as people look at them."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def send_again(self, which: str | None, now: dt.datetime) -> int:
        """Send again what was given up: the delivery of this id, or all; return how many."""
        wanted = webhook_deliveries.c.result == GIVEN_UP
        if which is not None:
            wanted = and_(wanted, webhook_deliveries.c.id == which)
        fresh = {"done_at": None, "result": None, "attempts": 0, "wakes_at": now}
        with writing(self._engine) as connection:
            again = update(webhook_deliveries).where(wanted).values(fresh)
            return connection.execute(again).rowcount

    def find_oldest_waiting(self, line: str | None = None) -> dt.datetime | None:
        """When the oldest waiting delivery was written."""
        oldest = select(func.min(webhook_deliveries.c.at)).where(_WAITS)
        if line is not None:
            oldest = oldest.where(webhook_deliveries.c.line == line)
        with reading(self._engine) as connection:
            found: dt.datetime | None = connection.scalar(oldest)
            return found

    def count_given_up(self, line: str, since: dt.datetime) -> int:
        """How many deliveries of a line were given up since."""
        lost = and_(webhook_deliveries.c.done_at >= since, webhook_deliveries.c.result == GIVEN_UP)
        counted = select(func.count()).select_from(webhook_deliveries)
        with reading(self._engine) as connection:
            return connection.scalar(counted.where(lost, webhook_deliveries.c.line == line)) or 0

    def list_all(self, *, waiting: bool = False) -> Iterator[Row]:
        """Every delivery, or those that wait, in order and without their bodies."""

        def read(after: int | None) -> tuple[Sequence[Row], int | None]:
            wanted = _LISTED.where(webhook_deliveries.c.position > (after or 0))
            if waiting:
                wanted = wanted.where(_WAITS)
            with reading(self._engine) as connection:
                found = connection.execute(wanted.limit(AT_ONCE)).all()
            rows = [_build_row(row) for row in found]
            if len(found) < AT_ONCE:
                return rows, None
            return rows, found[-1].position

        return read_pages(read)


_LISTED = (
    select(webhook_deliveries, incidents.c.number)
    .join(incidents, incidents.c.key == webhook_deliveries.c.incident, isouter=True)
    .order_by(webhook_deliveries.c.position)
)


def _build_row(row: Any) -> Row:
    next_at = None
    if row.done_at is None:
        next_at = format_moment(row.wakes_at)
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
        "next_at": next_at,
        "done_at": format_moment(row.done_at),
    }
