"""What the account may do at the carrier: money left, countries it may ring, where numbers live."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from carrier.request import Account, RefusedError, ask, client_of

HOME = "us1"
"""Where the carrier processes what nobody has asked to be processed elsewhere."""

_REGION = re.compile(r"api(?:\.[a-z-]+)?\.([a-z]{2}\d)\.twilio\.com")


@dataclass(frozen=True, slots=True)
class Balance:
    """Money left, in the account's currency."""

    amount: float
    currency: str


class Terms:
    """Asks of the account; what a carrier does not tell is None. Raises as ``ask`` does."""

    def __init__(self, account: Account) -> None:
        """Touches no network yet."""
        self._client = client_of(account)
        self._account = account

    def close(self) -> None:
        """Let go of the pooled connections."""
        self._client.http_client.session.close()

    def balance(self) -> Balance | None:
        """The money left; accounts under another account have none of their own."""
        try:
            found = ask(lambda: self._client.api.accounts(self._account.sid).balance.fetch())
            return Balance(float(found.balance), str(found.currency or ""))
        except (RefusedError, TypeError, ValueError):
            return None

    def may_ring(self, country: str) -> bool | None:
        """Whether ordinary numbers of this country (ISO code) may be rung."""
        try:
            permitted = self._client.voice.v1.dialing_permissions.countries(country)
            enabled = ask(lambda: permitted.fetch()).low_risk_numbers_enabled
        except RefusedError:
            return None
        return None if enabled is None else bool(enabled)

    def region_of(self, number: str) -> str | None:
        """Where calls to one of our numbers are processed."""
        try:
            region = ask(lambda: self._client.routes.v2.phone_numbers(number).fetch()).voice_region
        except RefusedError:
            return None
        return str(region) if region else None


def region_asked(api_url: str) -> str:
    """The region whose interface this address is."""
    found = _REGION.fullmatch(urlsplit(api_url).hostname or "")
    return found[1] if found else HOME
