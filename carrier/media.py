"""Recordings at the carrier: fetched with our credentials, which no other host ever sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from carrier.outbound import request
from carrier.request import RECORDINGS, Account

TWILIO = "https://api.twilio.com"
CHUNK = 64 * 1024

WHOLE = 10.0
"""Seconds for a whole recording, where nobody listens for it."""


class NotThereError(Exception):
    """The carrier has no such recording: it is not ready yet, or not there any more."""


class NotFetchedError(Exception):
    """The carrier gave something else than a recording: worth another try."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A recording on its way."""

    content_type: str
    chunks: Iterator[bytes]


class Media:
    """Fetches recordings of one account."""

    def __init__(self, account: Account) -> None:
        """Opens no connection."""
        by_key = account.api_key is not None and account.api_secret is not None
        name, secret = (
            (account.api_key, account.api_secret) if by_key else (account.sid, account.token)
        )
        self._login = (name or "", secret or "")
        self._api = (account.api_url or TWILIO).rstrip("/")
        self._account = account.sid

    def address(self, url: str, sid: str) -> str:
        """Where a recording is asked for: the carrier's own address if it lies on the host of the
        interface, else the one that the interface's description gives it."""
        if _origin(url) == _origin(self._api):
            return url
        account, recording = quote(self._account, safe=""), quote(sid, safe="")
        return f"{self._api}/2010-04-01/Accounts/{account}/Recordings/{recording}"

    @contextmanager
    def fetch(self, url: str, sid: str, seconds: float = WHOLE) -> Iterator[Stream]:
        """The sound of a recording, to be read within so many seconds; raises NotThereError,
        NotFetchedError, and what requests raises when the carrier is away."""
        address = self.address(url, sid)
        with request(RECORDINGS, seconds, "GET", address, auth=self._login) as answer:
            if answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                raise NotThereError
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if answer.status_code != HTTPStatus.OK or not kind.startswith("audio/"):
                raise NotFetchedError(f"{answer.status_code} {kind}")
            yield Stream(kind, answer.iter_content(CHUNK))


def _origin(url: str) -> tuple[str, str]:
    """Scheme and host with its port; a name in front of the host makes it another."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
