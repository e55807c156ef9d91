"""Where a number of ours points; `provision` and `doctor` agree on it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from carrier.client import CarrierAccount, RefusedError, build_client, send_request
from carrier.urls import RETRIES

VOICE_OVERRIDES = ("voice_application_sid", "trunk_sid")
SMS_OVERRIDES = ("sms_application_sid",)
"""Settings of a number for which the carrier would not look at its addresses at all."""


@dataclass(frozen=True, slots=True)
class NumberWebhook:
    """One setting of a number: the carrier's field, its name in their console, and our address."""

    field: str
    label: str
    address: str
    method: str = "POST"

    @property
    def method_field(self) -> str:
        """The field that says how the address is asked."""
        return f"{self.field.removesuffix('_url')}_method"

    def is_set_on(self, number: Any) -> bool:
        """True when the number asks this address; retry settings are a matter of taste."""
        set_to = str(getattr(number, self.field, None) or "").partition("#")[0]
        return (set_to, getattr(number, self.method_field, None)) == (self.address, self.method)


def list_voice_webhooks(
    public_url: str, fallback_url: str | None = None
) -> Sequence[NumberWebhook]:
    """For the number that customers call; ``fallback_url`` is a document outside this host."""
    spare = NumberWebhook(
        "voice_fallback_url", "Primary handler fails", f"{public_url}/voice/fallback"
    )
    if fallback_url:
        spare = NumberWebhook(spare.field, spare.label, fallback_url, "GET")
    return (
        NumberWebhook("voice_url", "A call comes in", f"{public_url}/voice/incoming"),
        spare,
        NumberWebhook("status_callback", "Call status changes", f"{public_url}/voice/status"),
    )


def list_sms_webhooks(public_url: str) -> Sequence[NumberWebhook]:
    """For the number that texts come from: engineers text back to it."""
    return (NumberWebhook("sms_url", "A message comes in", f"{public_url}/sms/incoming"),)


def build_settings(pointers: Sequence[NumberWebhook]) -> Mapping[str, str]:
    """The settings that make a number follow these, by field; '' clears what is in their way."""
    settings: dict[str, str] = {}
    for pointer in pointers:
        settings[pointer.field] = pointer.address + RETRIES
        settings[pointer.method_field] = pointer.method
        instead = SMS_OVERRIDES if pointer.field == "sms_url" else VOICE_OVERRIDES
        settings |= dict.fromkeys(instead, "")
    return settings


def find_changes(number: Any, settings: Mapping[str, str]) -> Mapping[str, tuple[str, str]]:
    """What these settings would change at a number, as old and new, by field."""
    now = {field: str(getattr(number, field, None) or "") for field in settings}
    return {field: (now[field], new) for field, new in settings.items() if now[field] != new}


# What the account may do at the carrier: money left, countries it may ring, where numbers live.


DEFAULT_REGION = "us1"
"""Where the carrier processes what nobody has asked to be processed elsewhere."""

_REGION = re.compile(r"api(?:\.[a-z-]+)?\.([a-z]{2}\d)\.twilio\.com")


@dataclass(frozen=True, slots=True)
class Balance:
    """Money left, in the account's currency."""

    amount: float
    currency: str


class AccountLimits:
    """Asks of the account; what a carrier does not tell is None. Raises as ``ask`` does."""

    def __init__(self, account: CarrierAccount) -> None:
        """Touches no network yet."""
        self._client = build_client(account)
        self._account = account

    def close(self) -> None:
        """Let go of the pooled connections."""
        self._client.http_client.session.close()

    def balance(self) -> Balance | None:
        """The money left; accounts under another account have none of their own."""
        try:
            found = send_request(
                lambda: self._client.api.accounts(self._account.sid).balance.fetch()
            )
            return Balance(float(found.balance), str(found.currency or ""))
        except (RefusedError, TypeError, ValueError):
            return None

    def may_ring(self, country: str) -> bool | None:
        """Whether ordinary numbers of this country (ISO code) may be rung."""
        try:
            permitted = self._client.voice.v1.dialing_permissions.countries(country)
            enabled = send_request(lambda: permitted.fetch()).low_risk_numbers_enabled
        except RefusedError:
            return None
        return None if enabled is None else bool(enabled)

    def region_of(self, number: str) -> str | None:
        """Where calls to one of our numbers are processed."""
        try:
            region = send_request(
                lambda: self._client.routes.v2.phone_numbers(number).fetch()
            ).voice_region
        except RefusedError:
            return None
        return str(region) if region else None


def find_region(api_url: str) -> str:
    """The region whose interface this address is."""
    found = _REGION.fullmatch(urlsplit(api_url).hostname or "")
    return found[1] if found else DEFAULT_REGION
