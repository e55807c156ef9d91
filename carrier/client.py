"""The client of the carrier's REST API: calls, texts, recordings and numbers."""

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

from carrier.company import TWILIO, CarrierCompany
from carrier.outbound import RestingError, bind_session, exchange, request
from carrier.texml import TexmlHttpClient
from routing.events import Heard
from routing.phone_numbers import reaches

# One request, and the three ways in which it can fail.


T = TypeVar("T")

TIMEOUT = 3.5
"""Seconds for one request, from its first to its last byte; less than the lease of its job."""

CALLS, TALKS, TEXTS = "carrier calls", "carrier talks", "carrier texts"
RECORDINGS, ACCOUNT = "carrier recordings", "carrier account"
PARTS = (CALLS, TALKS, TEXTS, RECORDINGS, ACCOUNT)
"""Parts of the API, each with its own circuit breaker: slow texts do not stop calls."""

REST_SECONDS = 1.0
"""Seconds after which an open breaker lets a request through: a caller may be waiting."""


_UNREADABLE = (ValueError, TypeError, AttributeError)
"""Errors of the client for an answer that is not the JSON that it expects."""

_watchers: list[Callable[[str], None]] = []


def watch_requests(watcher: Callable[[str], None]) -> None:
    """Report the result of each request: done, refused, not_done or unsure."""
    _watchers.append(watcher)


class RefusedError(Exception):
    """The carrier refuses the request for good; ``code`` is its reason."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the carrier refuses: {code}")
        self.code = code


class NotDoneError(Exception):
    """The request certainly had no effect: it is safe to repeat."""


class UnsureError(Exception):
    """The request may have had an effect: look before a retry."""


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """Credentials of the account; requests use the API key if there is one."""

    sid: str
    token: str
    api_key: str | None = None
    api_secret: str | None = None
    api_url: str | None = None
    company: CarrierCompany = TWILIO
    application: str | None = None

    @property
    def login(self) -> tuple[str, str]:
        """The name and the secret of a request."""
        if self.api_key is not None and self.api_secret is not None:
            return self.api_key, self.api_secret
        return self.sid, self.token


def build_client(account: CarrierAccount) -> Any:
    """A pooled client of the carrier's REST interface; not for several threads at once."""
    http: Any = TwilioHttpClient()
    if account.company.texml:
        http = TexmlHttpClient(account.token, account.application or "")
    http.timeout = Timeout(total=TIMEOUT)  # ``ask`` bounds the whole of it
    bind_session(http.session)
    client: Any = Client(
        *account.login,
        account_sid=account.sid,
        http_client=http,
        environment={"_": ""},
    )
    if account.api_url:
        base = account.api_url.rstrip("/")
        client.api.base_url = base
        if not (urlsplit(base).hostname or "").endswith(".twilio.com"):
            client.voice.base_url = client.routes.base_url = base  # a simulated carrier has one URL
    return client


def send_request(request: Callable[[], T], part: str = ACCOUNT) -> T:
    """Send a request; raises RefusedError, NotDoneError or UnsureError."""
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
    """A refused connection had no effect; one that broke later may have had one."""
    said = repr(error)
    if "NameResolutionError" in said:
        return NotDoneError("no such name")
    if "NewConnectionError" in said or "refused" in said.lower():
        return NotDoneError("refused")
    return UnsureError("connection broke")


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
    """A call to place: numbers in E.164, our own id in each URL, ``seconds`` of ringing."""

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
        self._not_live = account.company.not_live_codes

    def warm(self) -> None:
        """Import what calls and texts need, and connect; raises as any request does."""
        _ = self._client.calls, self._client.messages
        self.account()

    def close(self) -> None:
        """Close the pooled connections."""
        self._client.http_client.session.close()

    def place(self, placing: OutgoingCall) -> str:
        """Place a call and return the carrier's id; callbacks may arrive earlier.

        Raises UnsureError for an answer without an id: the call may ring all the same.
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
        """The id of a live call to this number placed since then, or None."""
        calls = send_request(lambda: self._client.calls.list(to=to, from_=from_, limit=20), CALLS)
        live = [c for c in calls if c.sid and c.status in LIVE_STATUSES]
        found = [str(c.sid) for c in live if c.date_created and c.date_created >= since]
        return next(iter(found), None)

    def cancel_call(self, sid: str) -> Heard:
        """Cancel a ringing call; returns its actual state."""
        try:
            call = send_request(lambda: self._client.calls(sid).update(status="canceled"), TALKS)
        except RefusedError as refusal:
            if refusal.code not in self._not_live:
                raise
            return self.read_status(sid)
        return HEARD_BY_STATUS.get(str(call.status), Heard.CANCELED)

    def read_status(self, sid: str) -> Heard:
        """The state of a call, as the carrier reports it."""
        call = send_request(lambda: self._client.calls(sid).fetch(), TALKS)
        return HEARD_BY_STATUS.get(str(call.status), Heard.RINGING)

    def redirect(self, sid: str, url: str) -> None:
        """Redirect an answered call to another document."""
        send_request(lambda: self._client.calls(sid).update(url=url, method="POST"), TALKS)

    def text(self, to: str, from_: str, body: str, status_url: str) -> str | None:
        """Send a text and return the carrier's id; None if the answer has no id."""
        message = send_request(
            lambda: self._client.messages.create(
                to=to, from_=from_, body=body, status_callback=status_url
            ),
            TEXTS,
        )
        if not message.sid:
            return None
        return str(message.sid)

    def drop_recording(self, sid: str) -> None:
        """Delete a recording; raises RefusedError with 20404 where there is none."""
        send_request(lambda: self._client.recordings(sid).delete(), RECORDINGS)

    def drop_transcription(self, sid: str) -> None:
        """Delete the words of a recording; raises RefusedError with 20404 where there are none."""
        send_request(lambda: self._client.transcriptions(sid).delete(), RECORDINGS)

    def drop_queue(self, name: str) -> None:
        """Delete the queue of this name, if it exists."""
        queues = send_request(lambda: self._client.queues.list(limit=1000))
        for queue in queues:
            if queue.friendly_name == name:
                send_request(queue.delete)

    def account(self) -> str:
        """The status of the account, such as ``active``."""
        return str(send_request(lambda: self._client.api.accounts(self._sid).fetch()).status)

    def number(self, number: str) -> Any:
        """The settings of one of our numbers; None if the account does not own it."""
        found = send_request(
            lambda: self._client.incoming_phone_numbers.list(phone_number=number, limit=1)
        )
        return next((one for one in found if reaches(str(one.phone_number), number)), None)

    def configure_number(self, sid: str, settings: Mapping[str, str]) -> None:
        """Change settings of one of our numbers, by the carrier's names for them."""
        send_request(lambda: self._client.incoming_phone_numbers(sid).update(**settings))


# Recordings at the carrier; our credentials go to no other host.


CHUNK_BYTES = 64 * 1024

FETCH_SECONDS = 10.0
"""Seconds for a whole recording, when nobody waits to hear it."""


class RecordingNotFoundError(Exception):
    """The carrier has no such recording: it is not ready yet, or deleted."""


class RecordingUnavailableError(Exception):
    """The answer is no recording: a retry may help."""


@dataclass(frozen=True, slots=True)
class RecordingStream:
    """The content of a recording."""

    content_type: str
    chunks: Iterator[bytes]


class RecordingFetcher:
    """Fetches recordings of one account."""

    def __init__(self, account: CarrierAccount) -> None:
        """Opens no connection."""
        self._login = account.login
        self._api = (account.api_url or TWILIO.api_url).rstrip("/")
        self._account = account.sid
        self._texml, self._key = account.company.texml, account.token

    def address(self, url: str, sid: str) -> str:
        """The URL of a recording: the carrier's own one if it is on the host of the API, else the
        documented one."""
        if _origin(url) == _origin(self._api):
            return url
        account, recording = quote(self._account, safe=""), quote(sid, safe="")
        return f"{self._api}/2010-04-01/Accounts/{account}/Recordings/{recording}"

    @contextmanager
    def fetch(
        self, url: str, sid: str, seconds: float = FETCH_SECONDS
    ) -> Iterator[RecordingStream]:
        """The sound of a recording, to be read within so many seconds. Raises
        RecordingNotFoundError, RecordingUnavailableError, and what requests raises."""
        address, options = self.address(url, sid), {"auth": self._login}
        if self._texml:
            address, options = self._find_media(sid, seconds), {}
        with request(RECORDINGS, seconds, "GET", address, **options) as answer:
            if answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                raise RecordingNotFoundError
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if answer.status_code != HTTPStatus.OK or not kind.startswith("audio/"):
                raise RecordingUnavailableError(f"{answer.status_code} {kind}")
            yield RecordingStream(kind, answer.iter_content(CHUNK_BYTES))

    def _find_media(self, sid: str, seconds: float) -> str:
        """The address of the sound at a company that keeps it elsewhere. Our key does not go there.
        Raises as ``fetch`` does."""
        account, recording = quote(self._account, safe=""), quote(sid, safe="")
        address = f"{self._api}/v2/texml/Accounts/{account}/Recordings/{recording}.json"
        key = {"Authorization": f"Bearer {self._key}"}
        with request(RECORDINGS, seconds, "GET", address, headers=key) as answer:
            if answer.status_code == HTTPStatus.NOT_FOUND:
                raise RecordingNotFoundError
            if answer.status_code != HTTPStatus.OK:
                raise RecordingUnavailableError(str(answer.status_code))
            media = str(answer.json().get("media_url") or "")
        if not media.startswith("https://") and _origin(media) != _origin(self._api):
            raise RecordingUnavailableError("no address of the sound")
        return media


def _origin(url: str) -> tuple[str, str]:
    """Scheme, host and port. Credentials in front of the host make it another origin."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
