"""Where a number of ours points; `provision` and `doctor` agree on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carrier.addresses import RETRIES

VOICE_INSTEAD = ("voice_application_sid", "trunk_sid")
TEXTS_INSTEAD = ("sms_application_sid",)
"""Settings of a number for which the carrier would not look at its addresses at all."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """One setting of a number: the carrier's field, its name in their console, and our address."""

    field: str
    called: str
    address: str
    method: str = "POST"

    @property
    def method_field(self) -> str:
        """The field that says how the address is asked."""
        return f"{self.field.removesuffix('_url')}_method"

    def followed_by(self, number: Any) -> bool:
        """True when the number asks this address; retry settings are a matter of taste."""
        set_to = str(getattr(number, self.field, None) or "").partition("#")[0]
        return (set_to, getattr(number, self.method_field, None)) == (self.address, self.method)


def of_calls(public_url: str, fallback_url: str | None = None) -> Sequence[Pointer]:
    """For the number that customers call; ``fallback_url`` is a document outside this host."""
    spare = Pointer("voice_fallback_url", "Primary handler fails", f"{public_url}/voice/fallback")
    if fallback_url:
        spare = Pointer(spare.field, spare.called, fallback_url, "GET")
    return (
        Pointer("voice_url", "A call comes in", f"{public_url}/voice/incoming"),
        spare,
        Pointer("status_callback", "Call status changes", f"{public_url}/voice/status"),
    )


def of_texts(public_url: str) -> Sequence[Pointer]:
    """For the number that texts come from: engineers text back to it."""
    return (Pointer("sms_url", "A message comes in", f"{public_url}/sms/incoming"),)


def wanted(pointers: Sequence[Pointer]) -> Mapping[str, str]:
    """The settings that make a number follow these, by field; '' clears what is in their way."""
    settings: dict[str, str] = {}
    for pointer in pointers:
        settings[pointer.field] = pointer.address + RETRIES
        settings[pointer.method_field] = pointer.method
        instead = TEXTS_INSTEAD if pointer.field == "sms_url" else VOICE_INSTEAD
        settings |= dict.fromkeys(instead, "")
    return settings


def changes(number: Any, settings: Mapping[str, str]) -> Mapping[str, tuple[str, str]]:
    """What these settings would change at a number, as old and new, by field."""
    now = {field: str(getattr(number, field, None) or "") for field in settings}
    return {field: (now[field], new) for field, new in settings.items() if now[field] != new}
