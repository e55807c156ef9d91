"""What we ask the phone company: place a call, stop it, ask after it, send a text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from carrier.request import (
    CALLS,
    RECORDINGS,
    TALKS,
    TEXTS,
    Account,
    RefusedError,
    UnsureError,
    ask,
    client_of,
)
from routing.events import Heard
from routing.numbers import reaches

NOT_LIVE = 21220
LIVE = ("queued", "initiated", "ringing", "in-progress")
HEARD = {
    "queued": Heard.RINGING,
    "initiated": Heard.RINGING,
    "ringing": Heard.RINGING,
    "in-progress": Heard.ANSWERED,
    "answered": Heard.ANSWERED,
    "busy": Heard.BUSY,
    "no-answer": Heard.NO_ANSWER,
    "failed": Heard.FAILED,
    "canceled": Heard.CANCELED,
    "completed": Heard.COMPLETED,
}


@dataclass(frozen=True, slots=True)
class Placing:
    """A call to be placed: numbers in E.164, our own id in each address, seconds of ringing."""

    to: str
    from_: str
    url: str
    fallback_url: str
    status_url: str
    seconds: int


class Telephone:
    """One pooled client of the carrier's REST interface; not for use by several threads at once."""

    def __init__(self, account: Account) -> None:
        self._client = client_of(account)
        self._sid = account.sid

    def warm(self) -> None:
        """Import what calls and texts need, and connect; raises as any request does."""
        _ = self._client.calls, self._client.messages
        self.account()

    def close(self) -> None:
        """Let go of the pooled connections."""
        self._client.http_client.session.close()

    def place(self, placing: Placing) -> str:
        """Ask for a call and give back the carrier's id; its callbacks may come before that.

        Raises UnsureError for an answer that names no call: it may ring all the same.
        """

        def create() -> str:
            call = self._client.calls.create(
                to=placing.to,
                from_=placing.from_,
                url=placing.url,
                method="POST",
                fallback_url=placing.fallback_url,
                fallback_method="POST",
                status_callback=placing.status_url,
                status_callback_method="POST",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=placing.seconds,
            )
            if not call.sid:
                raise UnsureError("no id")
            return str(call.sid)

        return ask(create, CALLS)

    def placed_since(self, to: str, from_: str, since: dt.datetime) -> str | None:
        """The live call to this number placed since then, if the carrier knows one."""
        calls = ask(lambda: self._client.calls.list(to=to, from_=from_, limit=20), CALLS)
        live = [c for c in calls if c.sid and c.status in LIVE]
        found = [c for c in live if c.date_created and c.date_created >= since]
        return str(found[0].sid) if found else None

    def silence(self, sid: str) -> Heard:
        """Cancel a call that still rings; gives back where the call really is."""
        try:
            call = ask(lambda: self._client.calls(sid).update(status="canceled"), TALKS)
        except RefusedError as refusal:
            if refusal.code != str(NOT_LIVE):
                raise
            return self.heard(sid)
        return HEARD.get(str(call.status), Heard.CANCELED)

    def heard(self, sid: str) -> Heard:
        """Where this call is, as the carrier says."""
        call = ask(lambda: self._client.calls(sid).fetch(), TALKS)
        return HEARD.get(str(call.status), Heard.RINGING)

    def redirect(self, sid: str, url: str) -> None:
        """Have an answered call ask for another document at once."""
        ask(lambda: self._client.calls(sid).update(url=url, method="POST"), TALKS)

    def text(self, to: str, from_: str, body: str, status_url: str) -> str | None:
        """Send a text and give back the carrier's id, or None where it took it and named none."""
        message = ask(
            lambda: self._client.messages.create(
                to=to, from_=from_, body=body, status_callback=status_url
            ),
            TEXTS,
        )
        return str(message.sid) if message.sid else None

    def drop_recording(self, sid: str) -> None:
        """Delete a recording; raises RefusedError with 20404 where there is none."""
        ask(lambda: self._client.recordings(sid).delete(), RECORDINGS)

    def drop_queue(self, name: str) -> None:
        """Delete the queue of this name; that there is none is as good."""
        queues = ask(lambda: self._client.queues.list(limit=1000))
        for queue in queues:
            if queue.friendly_name == name:
                ask(queue.delete)

    def account(self) -> str:
        """The account's own name for its state, such as ``active``."""
        return str(ask(lambda: self._client.api.accounts(self._sid).fetch()).status)

    def number(self, number: str) -> Any:
        """What the carrier knows of one of our numbers, or None if the account has no such."""
        found = ask(lambda: self._client.incoming_phone_numbers.list(phone_number=number, limit=1))
        return found[0] if found and reaches(str(found[0].phone_number), number) else None

    def point(self, sid: str, settings: Mapping[str, str]) -> None:
        """Change settings of one of our numbers, by the carrier's names for them."""
        ask(lambda: self._client.incoming_phone_numbers(sid).update(**settings))
