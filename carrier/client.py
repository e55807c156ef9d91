"""What we ask the phone company: place a call, stop it, ask after it, send a text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3 import Timeout

from carrier.outbound import RestingError, bind_session, exchange, request
from routing.events import Heard
from routing.phone_numbers import reaches

# One request to the carrier, and the three ways in which it can go wrong.


T = TypeVar("T")

TIMEOUT = 3.5
"""Seconds for one request, from its first to its last byte; less than the lease of its errand."""

CALLS, TALKS, TEXTS = "carrier calls", "carrier talks", "carrier texts"
RECORDINGS, ACCOUNT = "carrier recordings", "carrier account"
PARTS = (CALLS, TALKS, TEXTS, RECORDINGS, ACCOUNT)
"""Of the interface, each with a breaker: texts that hang keep no telephone from ringing."""

REST_SECONDS = 1.0
"""Seconds after which a part that hung is tried again: somebody may be waiting to be rung."""


_UNREADABLE = (ValueError, TypeError, AttributeError)
"""What the client makes of an answer that is no JSON, or other JSON than it knows."""

_watchers: list[Callable[[str], None]] = []


def watch_requests(watcher: Callable[[str], None]) -> None:
    """Tell somebody of each request from now on: done, refused, not_done or unsure."""
    _watchers.append(watcher)


class RefusedError(Exception):
    """The carrier will not do it, and would not if it were asked again; ``code`` is its reason."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the carrier refuses: {code}")
        self.code = code


class NotDoneError(Exception):
    """It was certainly not done: safe to ask again."""


class UnsureError(Exception):
    """It may have been done or not: look before asking again."""


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """Who we are at the carrier; an API key is used for requests where there is one."""

    sid: str
    token: str
    api_key: str | None = None
    api_secret: str | None = None
    api_url: str | None = None


def build_client(account: CarrierAccount) -> Any:
    """A pooled client of the carrier's REST interface; not for several threads at once."""
    by_key = account.api_key is not None and account.api_secret is not None
    http: Any = TwilioHttpClient()
    http.timeout = Timeout(total=TIMEOUT)  # ``ask`` bounds the whole of it
    bind_session(http.session)
    client: Any = Client(
        account.api_key if by_key else account.sid,
        account.api_secret if by_key else account.token,
        account_sid=account.sid,
        http_client=http,
        environment={"_": ""},
    )
    if account.api_url:
        base = account.api_url.rstrip("/")
        client.api.base_url = base
        if not (urlsplit(base).hostname or "").endswith(".twilio.com"):
            client.voice.base_url = client.routes.base_url = base  # one house has one door
    return client


def send_request(request: Callable[[], T], part: str = ACCOUNT) -> T:
    """Make a request of this part of the interface; whatever goes wrong is one of three things."""
    result = "unsure"
    try:
        answer = _send_once(request, part)
        result = "done"
    except RefusedError:
        result = "refused"
        raise
    except NotDoneError:
        result = "not_done"
        raise
    finally:
        for watcher in _watchers:
            watcher(result)
    return answer


def _send_once(request: Callable[[], T], part: str) -> T:
    try:
        with exchange(part, TIMEOUT, REST_SECONDS):
            return request()
    except RestingError as error:
        raise NotDoneError("it does not answer in time") from error
    except TwilioRestException as error:
        if error.status == 429:
            raise NotDoneError("429") from error
        if error.status >= 500:
            raise UnsureError(str(error.status)) from error
        raise RefusedError(str(error.code or error.status)) from error
    except requests.exceptions.ConnectTimeout as error:
        raise NotDoneError("connect timeout") from error
    except requests.exceptions.ConnectionError as error:
        raise _classify_connection_error(error) from error
    except (requests.exceptions.RequestException, TwilioException, *_UNREADABLE) as error:
        raise UnsureError(type(error).__name__) from error


def _classify_connection_error(error: Exception) -> Exception:
    """A refused connection was certainly not served; one that broke later may have been."""
    said = repr(error)
    if "NameResolutionError" in said:
        return NotDoneError("no such name")
    refused = "NewConnectionError" in said or "refused" in said.lower()
    return NotDoneError("refused") if refused else UnsureError("connection broke")


NOT_LIVE_CODE = 21220
LIVE_STATUSES = ("queued", "initiated", "ringing", "in-progress")
HEARD_BY_STATUS = {
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
class OutgoingCall:
    """A call to be placed: numbers in E.164, our own id in each address, seconds of ringing."""

    to: str
    from_: str
    url: str
    fallback_url: str
    status_url: str
    seconds: int


class CarrierClient:
    """One pooled client of the carrier's REST interface; not for use by several threads at once."""

    def __init__(self, account: CarrierAccount) -> None:
        self._client = build_client(account)
        self._sid = account.sid

    def warm(self) -> None:
        """Import what calls and texts need, and connect; raises as any request does."""
        _ = self._client.calls, self._client.messages
        self.account()

    def close(self) -> None:
        """Let go of the pooled connections."""
        self._client.http_client.session.close()

    def place(self, placing: OutgoingCall) -> str:
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

        return send_request(create, CALLS)

    def placed_since(self, to: str, from_: str, since: dt.datetime) -> str | None:
        """The live call to this number placed since then, if the carrier knows one."""
        calls = send_request(lambda: self._client.calls.list(to=to, from_=from_, limit=20), CALLS)
        live = [c for c in calls if c.sid and c.status in LIVE_STATUSES]
        found = [c for c in live if c.date_created and c.date_created >= since]
        return str(found[0].sid) if found else None

    def silence(self, sid: str) -> Heard:
        """Cancel a call that still rings; gives back where the call really is."""
        try:
            call = send_request(lambda: self._client.calls(sid).update(status="canceled"), TALKS)
        except RefusedError as refusal:
            if refusal.code != str(NOT_LIVE_CODE):
                raise
            return self.heard(sid)
        return HEARD_BY_STATUS.get(str(call.status), Heard.CANCELED)

    def heard(self, sid: str) -> Heard:
        """Where this call is, as the carrier says."""
        call = send_request(lambda: self._client.calls(sid).fetch(), TALKS)
        return HEARD_BY_STATUS.get(str(call.status), Heard.RINGING)

    def redirect(self, sid: str, url: str) -> None:
        """Have an answered call ask for another document at once."""
        send_request(lambda: self._client.calls(sid).update(url=url, method="POST"), TALKS)

    def text(self, to: str, from_: str, body: str, status_url: str) -> str | None:
        """Send a text and give back the carrier's id, or None where it took it and named none."""
        message = send_request(
            lambda: self._client.messages.create(
                to=to, from_=from_, body=body, status_callback=status_url
            ),
            TEXTS,
        )
        return str(message.sid) if message.sid else None

    def drop_recording(self, sid: str) -> None:
        """Delete a recording; raises RefusedError with 20404 where there is none."""
        send_request(lambda: self._client.recordings(sid).delete(), RECORDINGS)

    def drop_queue(self, name: str) -> None:
        """Delete the queue of this name; that there is none is as good."""
        queues = send_request(lambda: self._client.queues.list(limit=1000))
        for queue in queues:
            if queue.friendly_name == name:
                send_request(queue.delete)

    def account(self) -> str:
        """The account's own name for its state, such as ``active``."""
        return str(send_request(lambda: self._client.api.accounts(self._sid).fetch()).status)

    def number(self, number: str) -> Any:
        """What the carrier knows of one of our numbers, or None if the account has no such."""
        found = send_request(
            lambda: self._client.incoming_phone_numbers.list(phone_number=number, limit=1)
        )
        return found[0] if found and reaches(str(found[0].phone_number), number) else None

    def configure_number(self, sid: str, settings: Mapping[str, str]) -> None:
        """Change settings of one of our numbers, by the carrier's names for them."""
        send_request(lambda: self._client.incoming_phone_numbers(sid).update(**settings))


# Recordings at the carrier: fetched with our credentials, which no other host ever sees.


TWILIO_API = "https://api.twilio.com"
CHUNK_BYTES = 64 * 1024

FETCH_SECONDS = 10.0
"""Seconds for a whole recording, where nobody listens for it."""


class RecordingNotFoundError(Exception):
    """The carrier has no such recording: it is not ready yet, or not there any more."""


class RecordingUnavailableError(Exception):
    """The carrier gave something else than a recording: worth another try."""


@dataclass(frozen=True, slots=True)
class RecordingStream:
    """A recording on its way."""

    content_type: str
    chunks: Iterator[bytes]


class RecordingFetcher:
    """Fetches recordings of one account."""

    def __init__(self, account: CarrierAccount) -> None:
        """Opens no connection."""
        by_key = account.api_key is not None and account.api_secret is not None
        name, secret = (
            (account.api_key, account.api_secret) if by_key else (account.sid, account.token)
        )
        self._login = (name or "", secret or "")
        self._api = (account.api_url or TWILIO_API).rstrip("/")
        self._account = account.sid

    def address(self, url: str, sid: str) -> str:
        """Where a recording is asked for: the carrier's own address if it lies on the host of the
        interface, else the one that the interface's description gives it."""
        if _origin(url) == _origin(self._api):
            return url
        account, recording = quote(self._account, safe=""), quote(sid, safe="")
        return f"{self._api}/2010-04-01/Accounts/{account}/Recordings/{recording}"

    @contextmanager
    def fetch(
        self, url: str, sid: str, seconds: float = FETCH_SECONDS
    ) -> Iterator[RecordingStream]:
        """The sound of a recording, to be read within so many seconds; raises NotThereError,
        NotFetchedError, and what requests raises when the carrier is away."""
        address = self.address(url, sid)
        with request(RECORDINGS, seconds, "GET", address, auth=self._login) as answer:
            if answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                raise RecordingNotFoundError
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if answer.status_code != HTTPStatus.OK or not kind.startswith("audio/"):
                raise RecordingUnavailableError(f"{answer.status_code} {kind}")
            yield RecordingStream(kind, answer.iter_content(CHUNK_BYTES))


def _origin(url: str) -> tuple[str, str]:
    """Scheme and host with its port; a name in front of the host makes it another."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
