"""Stands in for the phone company in a drill: asks our own addresses as it would, signed."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import requests

from carrier.outbound import request
from carrier.signature import SignatureCheck

OWN_ADDRESS = "our own address"
TIMEOUT = 5.0
_GATHER_URL = re.compile(r'<Gather[^>]* action="([^"]+)"')
_BRIDGE_URL = re.compile(r'<Queue[^>]* url="([^"]+)"')


class NoAnswerError(Exception):
    """Our own address did not answer as it should; the words say how."""


@dataclass(frozen=True, slots=True)
class WebhookClient:
    """One call, as the carrier tells of it."""

    seal: SignatureCheck
    sid: str
    to: str

    def ask(self, url: str, **form: str) -> str:
        """The document at one of our addresses; raises NoAnswerError."""
        address = url.partition("#")[0]  # the rest is read by the carrier, and never sent
        about = {"CallSid": self.sid, "CallStatus": "in-progress", "From": "anonymous"}
        form = {**about, "To": self.to, **form}
        headers = self.seal.headers(address, form)
        try:
            options = {"data": form, "headers": headers, "allow_redirects": False}
            with request(OWN_ADDRESS, TIMEOUT, "POST", address, **options) as answer:
                status, document = answer.status_code, answer.text
        except requests.RequestException as error:
            raise NoAnswerError(f"web does not answer ({type(error).__name__})") from None
        if status >= 300:
            raise NoAnswerError(f"web answered HTTP {status}: see PUBLIC_URL and its log")
        return document


def find_gather_url(document: str) -> str | None:
    """Where the keys go that a document asks for, or None when it asks for none."""
    return _find_url(_GATHER_URL, document)


def find_bridge_url(document: str) -> str | None:
    """What a document has whoever waits in the queue ask for as the two are joined."""
    return _find_url(_BRIDGE_URL, document)


def _find_url(pattern: re.Pattern[str], document: str) -> str | None:
    found = pattern.search(document)
    return html.unescape(found[1]) if found else None
