"""Webhook deliveries: written with the decision that causes them, sent until a program takes them.

Each is a job with the same id in a lane of its own: a program that is away for hours neither makes
the line late nor delays a telephone that must ring.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, select, update

from routing.incident import Incident
from routing.incidents.columns import INCIDENT_COLUMNS, MESSAGE_COLUMNS, build_row
from routing.jobs import DeliverWebhook, Job, Lane
from routing.notify.webhook import WebhookEvent
from store.db.engine import reading, writing
from store.db.prepared import prepare_insert
from store.db.search import read_pages
from store.log.rows import Row, format_moment
from store.tables.log import incidents
from store.tables.work import jobs, webhook_deliveries
from store.work.jobs import JobEnd

DELIVERED, GIVEN_UP, WAITS = "delivered", "given_up", "waiting"
_STATES = {"done": DELIVERED, "given_up": GIVEN_UP}
_OURS = jobs.c.lane == Lane.WEBHOOKS.value
_WAITING = and_(_OURS, jobs.c.done_at.is_(None))
_INSERT = prepare_insert(
    webhook_deliveries, *("id", "line", "webhook", "incident", "event", "at", "body")
)


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """What is sent. ``after`` is when the one before it, about the same incident and to the same
    receiver, is looked at next; None when that one was delivered or given up."""

    id: str
    line: str
    webhook: str
    body: str
    after: dt.datetime | None


def plan_deliveries(wanted: Sequence[WebhookEvent], incident: Incident | None) -> list[Job]:
    """The jobs that send the deliveries about an incident."""
    if incident is None:
        return []
    return [
        Job(each.at, DeliverWebhook(each.id, f"{each.line}/{each.hook}"), each.id)
        for each in wanted
    ]


def write_deliveries(
    connection: Connection, wanted: Sequence[WebhookEvent], incident: Incident | None
) -> None:
    """Write the deliveries about an incident, with the body as it has just been saved; after their
    jobs."""
    if incident is not None and wanted:
        _INSERT.run_many(connection, [_row(each, incident) for each in wanted])


def _row(event: WebhookEvent, incident: Incident) -> dict[str, Any]:
    return {
        "id": event.id,
        "line": event.line,
        "webhook": event.hook,
        "incident": event.incident,
        "event": event.happening,
        "at": event.at,
        "body": write_body(event, incident),
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
_EARLIER = webhook_deliveries.alias("earlier")
_SAME = [_EARLIER.c[name] == webhook_deliveries.c[name] for name in ("line", "webhook", "incident")]


class WebhookLog:
    """The deliveries of every line, as those who send them and those who look at them use them."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def find(self, delivery: str) -> WebhookDelivery | None:
        """The delivery of this id; None when its incident was deleted."""
        before = _EARLIER.c.position < webhook_deliveries.c.position
        after = (
            select(func.min(jobs.c.wakes_at))
            .join(_EARLIER, _EARLIER.c.id == jobs.c.id)
            .where(_WAITING, before, *_SAME)
            .scalar_subquery()
            .label("after")
        )
        given = [webhook_deliveries.c[name] for name in ("id", "line", "webhook", "body")]
        wanted = select(*given, after).where(webhook_deliveries.c.id == delivery)
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        return WebhookDelivery(**row._mapping)

    def end(
        self, delivery: WebhookDelivery, now: dt.datetime, answer: str, *, given_up: bool = False
    ) -> JobEnd:
        """The end of a delivery, which lets the next one about its incident begin."""
        return JobEnd(answer, partial(_release_next, delivery=delivery.id, now=now), given_up)

    def pause_receiver(self, receiver: str, until: dt.datetime) -> None:
        """Delay every delivery to a program that does not answer at all."""
        early = (_WAITING, jobs.c.state == "pending", jobs.c.receiver == receiver)
        paused = update(jobs).where(*early, jobs.c.wakes_at < until).values(wakes_at=until)
        with writing(self._engine) as connection:
            connection.execute(paused)

    def send_again(self, which: str | None, now: dt.datetime) -> int:
        """Send again what was given up: the delivery of this id, or all; return how many."""
        wanted = and_(_OURS, jobs.c.state == GIVEN_UP)
        if which is not None:
            wanted = and_(wanted, jobs.c.id == which)
        fresh = {"done_at": None, "state": "pending", "attempt": 0, "wakes_at": now}
        with writing(self._engine) as connection:
            return connection.execute(update(jobs).where(wanted).values(fresh)).rowcount

    def find_oldest_waiting(self, line: str | None = None) -> dt.datetime | None:
        """When the oldest waiting delivery was written."""
        oldest = select(func.min(jobs.c.created_at)).where(_WAITING)
        if line is not None:
            oldest = oldest.join(_DELIVERY, _ITS_JOB).where(_DELIVERY.c.line == line)
        with reading(self._engine) as connection:
            found: dt.datetime | None = connection.scalar(oldest)
            return found

    def count_given_up(self, line: str, since: dt.datetime) -> int:
        """How many deliveries of a line were given up since."""
        lost = (_OURS, jobs.c.done_at >= since, jobs.c.state == GIVEN_UP)
        counted = select(func.count()).select_from(jobs).join(_DELIVERY, _ITS_JOB)
        with reading(self._engine) as connection:
            return connection.scalar(counted.where(*lost, _DELIVERY.c.line == line)) or 0

    def list_all(self, *, waiting: bool = False) -> Iterator[Row]:
        """Every delivery, or those that wait, in order and without their bodies."""

        def read(after: int | None) -> tuple[Sequence[Row], int | None]:
            wanted = _LISTED.where(webhook_deliveries.c.position > (after or 0))
            if waiting:
                wanted = wanted.where(_WAITING)
            with reading(self._engine) as connection:
                found = connection.execute(wanted.limit(AT_ONCE)).all()
            rows = [_build_row(row) for row in found]
            if len(found) < AT_ONCE:
                return rows, None
            return rows, found[-1].position

        return read_pages(read)


_DELIVERY = webhook_deliveries
_ITS_JOB = webhook_deliveries.c.id == jobs.c.id
_LISTED = (
    select(
        *(webhook_deliveries.c[name] for name in ("position", "id", "line", "webhook")),
        *(webhook_deliveries.c.event, webhook_deliveries.c.at, incidents.c.number),
        *(jobs.c[name] for name in ("state", "attempt", "result", "wakes_at", "done_at")),
    )
    .join(jobs, _ITS_JOB)
    .join(incidents, incidents.c.key == webhook_deliveries.c.incident, isouter=True)
    .order_by(webhook_deliveries.c.position)
)


def _release_next(connection: Connection, delivery: str, now: dt.datetime) -> None:
    """Begin the next delivery about the incident, which has waited for this one. When it is just
    about to wait, it looks again at the end of our lease."""
    follows = webhook_deliveries.c.position > _EARLIER.c.position
    following = (
        select(webhook_deliveries.c.id)
        .join(_EARLIER, and_(follows, *_SAME))
        .join(jobs, _ITS_JOB)
        .where(_EARLIER.c.id == delivery, _WAITING)
        .order_by(webhook_deliveries.c.position)
        .limit(1)
    )
    untried = and_(jobs.c.state == "pending", jobs.c.attempt == 0)
    first = connection.scalar(following)
    begun = update(jobs).where(jobs.c.id == first, untried).values(wakes_at=now)
    connection.execute(begun)


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
        "state": _STATES.get(row.state, WAITS),
        "tries": row.attempt,
        "answer": row.result,
        "next_at": next_at,
        "done_at": format_moment(row.done_at),
    }
