"""The courier: brings dispatches to programs outside, in a thread of its own.

A program that is slow or away holds up neither a telephone nor another program for long. What it
does not take is brought again over a day, and then given up with an alarm in the log.
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
from service.logging import TALLY, Turns
from service.webhook_signing import SecretError, headers, secrets_of
from store.work.webhooks import WebhookAttempt, WebhookQueue
from workers.context import WorkerContext

LOOK_EVERY = 0.5
TIMEOUT = 3.0
"""Seconds until the program has answered."""

PAUSES = tuple(
    dt.timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)
)
"""After each try that failed; when they are used up, almost a day later, it is given up."""

LEFT_ALONE = dt.timedelta(seconds=30)
"""A program that does not answer at all is asked nothing else for so long."""

_log = structlog.get_logger("courier")


def carry(context: WorkerContext, end: Event) -> Thread:
    """Bring what is due until the end, in a thread, which is given back."""
    courier, turns = WebhookSender(context.board), Turns("courier")

    def bring() -> None:
        while not end.is_set() and courier.bring():
            pass

    def look() -> None:
        while not end.wait(LOOK_EVERY):
            turns.take(bring)

    thread = Thread(target=look, name="courier", daemon=True)
    thread.start()
    return thread


class WebhookSender:
    """Any number may be under way; each dispatch is with one of them at a time."""

    def __init__(self, board: Services, environment: Mapping[str, str] = os.environ) -> None:
        """Touches no database yet."""
        self._dispatches, self._people = WebhookQueue(board.engine), board.people
        self._clock, self._environment = board.desk.clock, environment

    def bring(self) -> bool:
        """Bring the next that is due; False when there is none."""
        parcel = self._dispatches.lease(self._clock())
        if parcel is None:
            return False
        hook = self._hook(parcel)
        if hook is None:
            self._dispatches.give_up(parcel, self._clock(), "the file names it no more")
            return True
        answer, took = self._send(hook, parcel)
        if took:
            self._dispatches.delivered(parcel, self._clock(), answer)
            TALLY.count("dispatches", "delivered")
        else:
            self._failed(parcel, answer)
        return True

    def _hook(self, parcel: WebhookAttempt) -> Webhook | None:
        line = self._people.line(parcel.line)
        hooks = line.webhooks if line is not None else ()
        return next((hook for hook in hooks if hook.id == parcel.hook), None)

    def _send(self, hook: Webhook, parcel: WebhookAttempt) -> tuple[str, bool]:
        """What came of it in a few words, and whether the program took it; no redirect is
        followed, and what it says beside the status is not read."""
        body, now = parcel.body.encode(), self._clock()
        service = f"webhook {parcel.line}/{hook.id}"
        try:
            sealed = headers(secrets_of(hook, self._environment), parcel.id, now, body)
            sealed["content-type"] = "application/json"
            options = {"data": body, "headers": sealed, "allow_redirects": False}
            with request(service, TIMEOUT, "POST", hook.url, **options) as answer:
                return f"HTTP {answer.status_code}", 200 <= answer.status_code < 300
        except SecretError as error:
            return str(error), False
        except requests.RequestException as error:
            self._dispatches.leave_alone(parcel, now + LEFT_ALONE)
            return type(error).__name__, False

    def _failed(self, parcel: WebhookAttempt, answer: str) -> None:
        now, of = self._clock(), {"line": parcel.line, "webhook": parcel.hook, "id": parcel.id}
        if parcel.tries > len(PAUSES):
            self._dispatches.give_up(parcel, now, answer)
            _log.error("given up: a program was not told", answer=answer, **of)
            TALLY.count("dispatches", "given_up")
            return
        self._dispatches.put_off(parcel, now + PAUSES[parcel.tries - 1], answer)
        _log.warning("not taken", answer=answer, try_=parcel.tries, **of)
        TALLY.count("dispatches", "refused")
