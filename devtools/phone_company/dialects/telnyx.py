"""Telnyx TeXML, by its documents and its Python SDK of August 2026.

https://developers.telnyx.com/docs/voice/programmable-voice/texml-twiml-compatibility, the verbs
beside it, and the types in github.com/team-telnyx/telnyx-python below src/telnyx/types/texml.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from devtools.phone_company.dialects import Dialect, Letter
from devtools.phone_company.rest.errors import RestError

_RESOURCES = ("/Calls", "/Queues", "/Conferences", "/Recordings")
_WHEREABOUTS = {
    f"{who}{place}"
    for who in ("From", "To", "Caller", "Called")
    for place in ("City", "State", "Zip", "Country")
}
_CREATED = ("from", "to", "status")


class TexmlError(RestError):
    """A refused request, in a list of errors."""

    def response(self) -> web.Response:
        """Return the answer."""
        error = {"code": str(self.code), "title": self.message, "detail": self.message}
        return web.json_response({"errors": [error]}, status=self.status)


def private_key(signing: str) -> Ed25519PrivateKey:
    """The key with which this company signs, made of any text."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(signing.encode()).digest())


@dataclass(frozen=True)
class TelnyxDialect(Dialect):
    """Twilio's verbs; other paths, login, answers and signatures, and no texts or numbers."""

    def name_id(self, prefix: str, digits: str) -> str:
        """A call's identifier has a version in front; others are UUIDs without dashes."""
        return f"v3:{digits}" if prefix == "CA" else digits

    def show_key(self, signing: str) -> str:
        """The public key in base64."""
        key = private_key(signing).public_key()
        return base64.b64encode(key.public_bytes_raw()).decode()

    def path(self, path: str) -> str | None:
        """The path of a resource: without .json but for recordings."""
        if path == self.media:
            return path
        _, found, resource = path.partition("/2010-04-01/Accounts/{account}")
        if not found or not resource.endswith(".json"):
            return None
        if resource == "/Balance.json":
            return "/v2/balance"
        if not resource.startswith(_RESOURCES) or "Participants" in resource:
            return None
        if not resource.startswith("/Recordings"):
            resource = resource.removesuffix(".json")
        return f"/v2/texml/Accounts/{{account}}{resource}"

    def say(self, params: dict[str, str]) -> dict[str, str]:
        """Calls have their identifier twice, and a connection."""
        said = super().say(params)
        if "CallSid" in said:
            said |= {"CallSidLegacy": said["CallSid"], "ConnectionId": "1234567890"}
        return said

    def sign(self, letter: Letter) -> dict[str, str]:
        """Ed25519 over the time and the body, the address left out."""
        at = str(int(letter.at.timestamp()))
        signature = private_key(letter.signing).sign(f"{at}|".encode() + letter.body)
        return {
            "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
            "telnyx-timestamp": at,
        }

    def show(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A new call has no identifier yet [CallCallsResponse]; a queue has no name."""
        if path.endswith("/Calls") and "sid" in body:
            return {name: body[name] for name in _CREATED}
        if path == "/v2/balance":
            return {"data": {"balance": body["balance"], "currency": body["currency"]}}
        return body

    def refuse(self, error: RestError) -> RestError:
        """Errors come as a list, and a value that is wrong is not processable."""
        status = 422 if error.status == 400 else error.status
        return TexmlError(status, self.codes.get(error.code, error.code), error.message)


TELNYX = TelnyxDialect(
    name="telnyx",
    media="/telephony-recordings/{sid}/sound.wav",  # its name is not the identifier
    bearer=True,
    lacks_fields=frozenset(
        {"Caller", "Called", "CallToken", "StirVerstat", "FinishedOnKey", "DialBridged"}
        | {"ApiVersion", "Direction", "Duration", "SipResponseCode", "MaxQueueSize", "QueueResult"}
        | _WHEREABOUTS
    ),
    codes={21220: 90018, 20404: 10005, 20003: 10009},
    # The page on Gather does not have this attribute.
    ignores=frozenset({("Gather", "actionOnEmptyResult")}),
)
