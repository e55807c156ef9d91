"""Delivers outgoing webhooks: the handler of the jobs in their lane.

A slow or dead receiver delays neither calls nor other receivers. A failed delivery is retried for
almost a day, then given up with an error in the log.
"""

from __future__ import annotations

import datetime as dt
import json

import requests
import structlog

from carrier.outbound import RestingError, request
from routing.jobs import DeliverWebhook
from routing.line import Line, Webhook
from service.counters import COUNTERS
from service.webhook_requests import SecretError, WebhookContent, build_request
from store.work.carrier_turns import MIN_DELAY
from store.work.jobs import JobEnd
from store.work.webhooks import WebhookDelivery, WebhookLog
from workers.context import JobContext, NotYet, TryAgain

TIMEOUT = 3.0
"""Seconds for the whole answer of a receiver."""

RETRY_DELAYS = tuple(
    dt.timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)
)
"""The delay after each failed attempt; after the last one the delivery is given up."""

PAUSE_AFTER_SILENCE = dt.timedelta(seconds=30)
"""The pause of all deliveries to a receiver that does not answer."""

_log = structlog.get_logger("webhooks")


def deliver_webhook(command: DeliverWebhook, context: JobContext, attempt: int) -> JobEnd | None:
    """Send a delivery, unless the one before it is still to be sent."""
    deliveries, now = _find_deliveries(context), context.call_service.clock()
    delivery = deliveries.find(command.delivery)
    if delivery is None:  # its incident was deleted
        return None
    if delivery.after is not None:
        raise NotYet(max(delivery.after, now + MIN_DELAY))
    line, hook = _find_webhook(delivery, context)
    if line is None or hook is None:
        why = "the file does not name it any more"
        return deliveries.end(delivery, now, why, given_up=True)
    answer, taken = _send(hook, line, delivery, context)
    if taken:
        COUNTERS.count("webhook_deliveries", "delivered")
        return deliveries.end(delivery, context.call_service.clock(), answer)
    return _record_failure(delivery, context, attempt, answer)


def _find_deliveries(context: JobContext) -> WebhookLog:
    if context.deliveries is None:
        raise LookupError("no webhooks are sent here")
    return context.deliveries


def _find_webhook(
    delivery: WebhookDelivery, context: JobContext
) -> tuple[Line | None, Webhook | None]:
    line = context.call_service.lines.find_line(delivery.line)
    if line is None:
        return None, None
    return line, next((hook for hook in line.webhooks if hook.id == delivery.webhook), None)


def _send(
    hook: Webhook, line: Line, delivery: WebhookDelivery, context: JobContext
) -> tuple[str, bool]:
    """Send a webhook; returns its result in a few words, and whether the receiver took it.

    Redirects are not followed, and only the status of the answer is read.
    """
    receiver, now = f"{delivery.line}/{hook.id}", context.call_service.clock()
    page = _find_page(delivery, context)
    content = WebhookContent(delivery.id, delivery.body, page)
    try:
        made = build_request(hook, line, content, now)
        options = {"data": made.body, "headers": made.headers, "allow_redirects": False}
        with request(f"webhook {receiver}", TIMEOUT, "POST", made.url, **options) as answer:
            return f"HTTP {answer.status_code}", 200 <= answer.status_code < 300
    except SecretError as error:
        return str(error), False
    except RestingError as error:  # nothing was sent
        pause = dt.timedelta(seconds=error.seconds)
        _find_deliveries(context).pause_receiver(receiver, now + pause)
        raise
    except requests.RequestException as error:
        _find_deliveries(context).pause_receiver(receiver, now + PAUSE_AFTER_SILENCE)
        return type(error).__name__, False


def _find_page(delivery: WebhookDelivery, context: JobContext) -> str:
    number = json.loads(delivery.body)["data"]["id"]
    return f"{context.urls.public_url}/console/incidents/{number}"


def _record_failure(
    delivery: WebhookDelivery, context: JobContext, attempt: int, answer: str
) -> JobEnd:
    """Give the delivery up after its last attempt. Raises TryAgain before."""
    now = context.call_service.clock()
    ids = {"line": delivery.line, "webhook": delivery.webhook, "id": delivery.id}
    if attempt > len(RETRY_DELAYS):
        _log.error("webhook given up", answer=answer, **ids)
        COUNTERS.count("webhook_deliveries", "given_up")
        return _find_deliveries(context).end(delivery, now, answer, given_up=True)
    _log.warning("webhook refused", answer=answer, try_=attempt, **ids)
    COUNTERS.count("webhook_deliveries", "refused")
    raise TryAgain(now + RETRY_DELAYS[attempt - 1], answer)
