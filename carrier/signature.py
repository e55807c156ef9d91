"""Whether a request really comes from the phone company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twilio.request_validator import RequestValidator


@dataclass(frozen=True, slots=True)
class Seal:
    """Checks signatures against our public address; each of several tokens counts."""

    public_url: str
    tokens: Sequence[str]

    def holds(self, path_and_query: str, form: Any, signature: str | None) -> bool:
        """True when the signature belongs to this request.

        ``path_and_query`` is what was asked for, byte for byte as sent: an address that was
        decoded on the way no longer fits its signature.
        """
        if not signature:
            return False
        address = self.public_url + path_and_query
        return any(
            RequestValidator(token).validate(address, form, signature) for token in self.tokens
        )

    def sign(self, address: str, form: dict[str, str]) -> str:
        """The signature that the carrier would give a request to this address."""
        signature: str = RequestValidator(self.tokens[0]).compute_signature(address, form)
        return signature
