"""Webhooks of our numbers and limits of the account, for `provision` and `doctor`."""

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
"""Settings of a number that take precedence over its webhook URLs."""


@dataclass(frozen=True, slots=True)
class NumberWebhook:
    """One setting of a number: the carrier's field, its name in their console, and our URL."""

    field: str
    label: str
    address: str
    method: str = "POST"

    @property
    def method_field(self) -> str:
        """The field of the HTTP method."""
        return f"{self.field.removesuffix('_url')}_method"

    def is_set_on(self, number: Any) -> bool:
        """True when the number has this URL and method; retry settings are ignored."""
        set_to = str(getattr(number, self.field, None) or "").partition("#")[0]
        return (set_to, getattr(number, self.method_field, None)) == (self.address, self.method)


def list_voice_webhooks(
    public_url: str, fallback_url: str | None = None
) -> Sequence[NumberWebhook]:
    """Webhooks of the number that customers call; ``fallback_url`` is on another host."""
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
    """Webhooks of the number that engineers text."""
    return (NumberWebhook("sms_url", "A message comes in", f"{public_url}/sms/incoming"),)


def build_settings(pointers: Sequence[NumberWebhook], retries: str = RETRIES) -> Mapping[str, str]:
    """The settings that set these webhooks, by field; an empty value clears an override."""
    settings: dict[str, str] = {}
    for pointer in pointers:
        settings[pointer.field] = pointer.address + retries
        settings[pointer.method_field] = pointer.method
        overrides: Sequence[str] = VOICE_OVERRIDES
        if pointer.field == "sms_url":
            overrides = SMS_OVERRIDES
        settings |= dict.fromkeys(overrides, "")
    return settings


def find_changes(number: Any, settings: Mapping[str, str]) -> Mapping[str, tuple[str, str]]:
    """The old and new values that these settings would change, by field."""
    now = {field: str(getattr(number, field, None) or "") for field in settings}
    return {field: (now[field], new) for field, new in settings.items() if now[field] != new}


# Limits of the account: balance, permitted countries, region of a number.


DEFAULT_REGION = "us1"
"""The carrier's default region."""

_REGION = re.compile(r"api(?:\.[a-z-]+)?\.([a-z]{2}\d)\.twilio\.com")


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance, in the account's currency."""

    amount: float
    currency: str


class AccountLimits:
    """Reads limits of the account; None for an unknown one. Raises as ``send_request`` does."""

    def __init__(self, account: CarrierAccount) -> None:
        """Connects to nothing yet."""
        self._client = build_client(account)
        self._account = account

    def close(self) -> None:
        """Close the pooled connections."""
        self._client.http_client.session.close()

    def balance(self) -> Balance | None:
        """The balance; a subaccount has none of its own."""
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
        if enabled is None:
            return None
        return bool(enabled)

    def region_of(self, number: str) -> str | None:
        """The region that processes calls to one of our numbers."""
        try:
            region = send_request(
                lambda: self._client.routes.v2.phone_numbers(number).fetch()
            ).voice_region
        except RefusedError:
            return None
        if not region:
            return None
        return str(region)


def find_region(api_url: str) -> str:
    """The region of an API URL."""
    found = _REGION.fullmatch(urlsplit(api_url).hostname or "")
    if found is None:
        return DEFAULT_REGION
    return found[1]
