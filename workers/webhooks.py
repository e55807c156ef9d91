"""Delivers outgoing webhooks in a thread of their own.

A slow or dead receiver delays neither calls nor other receivers for long. A failed delivery is
retried for almost a day, then given up with an error in the log.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from threading import Event, Thread

import requests
import structlog

from carrier.outbound import request
from routing.line import Webhook
from service.bootstrap import Services
from service.counters import COUNTERS
from service.logging import LoopGuard
from service.webhook_signing import SecretError, read_secrets, sign_headers
from store.work.webhooks import WebhookAttempt, WebhookQueue
from workers.context import WorkerContext

LOOK_EVERY = 0.5
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


def start_webhook_sender(context: WorkerContext, end: Event) -> Thread:
    """Deliver due webhooks until the stop signal; returns the thread."""
    sender, turns = WebhookSender(context.services), LoopGuard("webhooks")

    def deliver() -> None:
        while not end.is_set() and sender.deliver_next():
            pass

    def look() -> None:
        while not end.wait(LOOK_EVERY):
            turns.take(deliver)

    thread = Thread(target=look, name="webhooks", daemon=True)
    thread.start()
    return thread


class WebhookSender:
    """Any number of senders may run; a lease gives each delivery to one of them."""

    def __init__(self, services: Services, environment: Mapping[str, str] = os.environ) -> None:
        """Touches no database yet."""
        self._queue, self._lines = WebhookQueue(services.engine), services.lines
        self._clock, self._environment = services.call_service.clock, environment

    def deliver_next(self) -> bool:
        """Deliver the next due webhook; False when there is none."""
        delivery = self._queue.lease(self._clock())
        if delivery is None:
            return False
        hook = self._find_webhook(delivery)
        if hook is None:
            self._queue.give_up(delivery, self._clock(), "the file does not name it any more")
            return True
        answer, took = self._send(hook, delivery)
        if took:
            self._queue.mark_delivered(delivery, self._clock(), answer)
            COUNTERS.count("webhook_deliveries", "delivered")
        else:
            self._record_failure(delivery, answer)
        return True

    def _find_webhook(self, delivery: WebhookAttempt) -> Webhook | None:
        line = self._lines.find_line(delivery.line)
        if line is None:
            return None
        return next((hook for hook in line.webhooks if hook.id == delivery.webhook), None)

    def _send(self, hook: Webhook, delivery: WebhookAttempt) -> tuple[str, bool]:
        """Send a webhook; returns its result in a few words, and whether the receiver took it.

        Redirects are not followed, and only the status of the answer is read.
        """
        body, now = delivery.body.encode(), self._clock()
        service = f"webhook {delivery.line}/{hook.id}"
        try:
            headers = sign_headers(read_secrets(hook, self._environment), delivery.id, now, body)
            headers["content-type"] = "application/json"
            options = {"data": body, "headers": headers, "allow_redirects": False}
            with request(service, TIMEOUT, "POST", hook.url, **options) as answer:
                return f"HTTP {answer.status_code}", 200 <= answer.status_code < 300
        except SecretError as error:
            return str(error), False
        except requests.RequestException as error:
            self._queue.pause_webhook(delivery, now + PAUSE_AFTER_SILENCE)
            return type(error).__name__, False

    def _record_failure(self, delivery: WebhookAttempt, answer: str) -> None:
        now = self._clock()
        ids = {"line": delivery.line, "webhook": delivery.webhook, "id": delivery.id}
        if delivery.attempts > len(RETRY_DELAYS):
            self._queue.give_up(delivery, now, answer)
            _log.error("webhook given up", answer=answer, **ids)
            COUNTERS.count("webhook_deliveries", "given_up")
            return
        self._queue.put_off(delivery, now + RETRY_DELAYS[delivery.attempts - 1], answer)
        _log.warning("webhook refused", answer=answer, try_=delivery.attempts, **ids)
        COUNTERS.count("webhook_deliveries", "refused")
