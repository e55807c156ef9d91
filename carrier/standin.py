"""Stands in for the phone company in a drill: asks our own addresses as it would, signed."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import requests

from carrier.signature import Seal

TIMEOUT = 5.0
_ASKED = re.compile(r'<Gather[^>]* action="([^"]+)"')
_JOINED = re.compile(r'<Queue[^>]* url="([^"]+)"')


class NoAnswerError(Exception):
    """Our own address did not answer as it should; the words say how."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """One call, as the carrier tells of it."""

    seal: Seal
    sid: str
    to: str

    def ask(self, url: str, **form: str) -> str:
        """The document at one of our addresses; raises NoAnswerError."""
        address = url.partition("#")[0]  # the rest is read by the carrier, and never sent
        about = {"CallSid": self.sid, "CallStatus": "in-progress", "From": "anonymous"}
        form = {**about, "To": self.to, **form}
        headers = {"X-Twilio-Signature": self.seal.sign(address, form)}
        try:
            answer = requests.post(
                address, data=form, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            raise NoAnswerError(f"web does not answer ({type(error).__name__})") from None
        if answer.status_code >= 300:
            how = f"web answered HTTP {answer.status_code}"
            raise NoAnswerError(f"{how}: see PUBLIC_URL and its log")
        return answer.text


def keys_go_to(document: str) -> str | None:
    """Where the keys go that a document asks for, or None when it asks for none."""
    return _address(_ASKED, document)


def joins_at(document: str) -> str | None:
    """What a document has whoever waits in the queue ask for as the two are joined."""
    return _address(_JOINED, document)


def _address(pattern: re.Pattern[str], document: str) -> str | None:
    found = pattern.search(document)
    return html.unescape(found[1]) if found else None
