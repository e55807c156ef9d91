"""One request to the carrier, and the three ways in which it can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3 import Timeout

from carrier.outbound import RestingError, bound, exchange

T = TypeVar("T")

TIMEOUT = 3.5
"""Seconds for one request, from its first to its last byte; less than the lease of its errand."""

CALLS, TALKS, TEXTS = "carrier calls", "carrier talks", "carrier texts"
RECORDINGS, ACCOUNT = "carrier recordings", "carrier account"
PARTS = (CALLS, TALKS, TEXTS, RECORDINGS, ACCOUNT)
"""Of the interface, each with a breaker: texts that hang keep no telephone from ringing."""

REST = 1.0
"""Seconds after which a part that hung is tried again: somebody may be waiting to be rung."""


_ILLEGIBLE = (ValueError, TypeError, AttributeError)
"""What the client makes of an answer that is no JSON, or other JSON than it knows."""

_watchers: list[Callable[[str], None]] = []


def watch(watcher: Callable[[str], None]) -> None:
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
class Account:
    """Who we are at the carrier; an API key is used for requests where there is one."""

    sid: str
    token: str
    api_key: str | None = None
    api_secret: str | None = None
    api_url: str | None = None


def client_of(account: Account) -> Any:
    """A pooled client of the carrier's REST interface; not for several threads at once."""
    by_key = account.api_key is not None and account.api_secret is not None
    http: Any = TwilioHttpClient()
    http.timeout = Timeout(total=TIMEOUT)  # ``ask`` bounds the whole of it
    bound(http.session)
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


def ask(request: Callable[[], T], part: str = ACCOUNT) -> T:
    """Make a request of this part of the interface; whatever goes wrong is one of three things."""
    result = "unsure"
    try:
        answer = _ask(request, part)
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


def _ask(request: Callable[[], T], part: str) -> T:
    try:
        with exchange(part, TIMEOUT, REST):
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
        raise _broken(error) from error
    except (requests.exceptions.RequestException, TwilioException, *_ILLEGIBLE) as error:
        raise UnsureError(type(error).__name__) from error


def _broken(error: Exception) -> Exception:
    """A refused connection was certainly not served; one that broke later may have been."""
    said = repr(error)
    if "NameResolutionError" in said:
        return NotDoneError("no such name")
    refused = "NewConnectionError" in said or "refused" in said.lower()
    return NotDoneError("refused") if refused else UnsureError("connection broke")
