"""Sends signed webhooks to our own URL, as the carrier would; drills use it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import requests

from carrier.outbound import request
from carrier.signature import WebhookProof, encode_form

OWN_ADDRESS = "our own address"
TIMEOUT = 5.0
_GATHER_URL = re.compile(r'<Gather[^>]* action="([^"]+)"')
_BRIDGE_URL = re.compile(r'<Queue[^>]* url="([^"]+)"')


class NoAnswerError(Exception):
    """Our own URL did not answer as it should; the message says how."""


@dataclass(frozen=True, slots=True)
class WebhookClient:
    """The webhooks of one call."""

    seal: WebhookProof
    sid: str
    to: str

    def ask(self, url: str, **form: str) -> str:
        """Request one of our URLs and return its document; raises NoAnswerError."""
        address = url.partition("#")[0]  # the carrier reads the rest and never sends it
        about = {"CallSid": self.sid, "CallStatus": "in-progress", "From": "anonymous"}
        form = {**about, "To": self.to, **form}
        headers = self.seal.headers(address, form)
        try:
            options = {"data": encode_form(form), "headers": headers, "allow_redirects": False}
            with request(OWN_ADDRESS, TIMEOUT, "POST", address, **options) as answer:
                status, document = answer.status_code, answer.text
        except requests.RequestException as error:
            raise NoAnswerError(f"web does not answer ({type(error).__name__})") from None
        if status >= 300:
            raise NoAnswerError(f"web answered HTTP {status}: see PUBLIC_URL and its log")
        return document


def find_gather_url(document: str) -> str | None:
    """The URL that gets the keys of a document; None if it asks for none."""
    return _find_url(_GATHER_URL, document)


def find_bridge_url(document: str) -> str | None:
    """The URL that the queued caller requests when a document bridges the two; None without one."""
    return _find_url(_BRIDGE_URL, document)


def _find_url(pattern: re.Pattern[str], document: str) -> str | None:
    found = pattern.search(document)
    if found is None:
        return None
    return html.unescape(found[1])
