"""SignalWire's Compatibility API (cXML), by its documents of August 2026.

https://signalwire.com/docs/compatibility-api, and the specifications in github.com/signalwire/docs
below specs/compatibility-api: names there are in brackets.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from devtools.phone_company.dialects import Dialect, Letter
from devtools.phone_company.post.signature import sign

_WHEREABOUTS = {
    f"{who}{place}"
    for who in ("From", "To", "Caller", "Called")
    for place in ("City", "State", "Zip", "Country")
}
_NUMBERS = ("duration", "num_segments", "num_media", "price", "queue_time")


@dataclass(frozen=True)
class SignalWireDialect(Dialect):
    """Twilio's paths and verbs; other identifiers, error codes, types and signing."""

    def name_id(self, prefix: str, digits: str) -> str:
        """A UUID: nothing in it says what it names [CallSidPath]."""
        return str(uuid.UUID(digits))

    def path(self, path: str) -> str | None:
        """Twilio's path below that of the space; it has no other interfaces."""
        return f"{self.api}{path}" if path.startswith("/2010-04-01") else None

    def sign(self, letter: Letter) -> dict[str, str]:
        """Twilio's algorithm with the project's signing key, in a header of its own."""
        return {"X-SignalWire-Signature": sign(letter.signing, letter.url, letter.form)}

    def show(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Numbers are numbers, and an outgoing call is outbound [Call, Message]."""
        shown = dict(body)
        for name in _NUMBERS:
            if isinstance(shown.get(name), str):
                shown[name] = int(shown[name])
        if str(shown.get("direction", "")).startswith("outbound") and "/Calls" in path:
            shown["direction"] = "outbound"
        return shown


SIGNALWIRE = SignalWireDialect(
    name="signalwire",
    api="/api/laml",
    # [VoiceStatusCallbackPayload], and "Request parameters" of the page on voice
    lacks_fields=frozenset(
        {"Caller", "Called", "CallToken", "StirVerstat", "FinishedOnKey", "DialBridged"}
        | {"SmsSid", "SmsMessageSid", "SmsStatus", "RawDlrDoneDate", "MaxQueueSize", "Duration"}
        | _WHEREABOUTS
    ),
    field_names={"SipResponseCode": "SipResultCode"},
    words={("QueueResult", "bridging-in-process"): "bridging-in-progress"},
    codes={21220: 10000, 20001: 10000},  # "An attempt was made to update a completed call"
)
