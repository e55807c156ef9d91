"""Verifies and creates the signatures of the carrier's webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from twilio.request_validator import (
    RequestValidator,
    get_signature_algorithm,
)

SIGNATURE_HEADER = "X-Twilio-Signature"
SIGNATURE_SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"
HMAC_SHA1, HMAC_SHA256 = "HMAC_SHA1", "HMAC_SHA256"
ALGORITHMS = (HMAC_SHA1, HMAC_SHA256)


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """Checks signatures against our public URL. Each of several secrets is accepted.

    ``tokens`` are tokens of the account and sign with SHA-1. ``keys`` are shared keys of the
    carrier's webhooks and sign with SHA-256. Our settings decide which secrets are accepted, never
    a header of the request.
    """

    public_url: str
    tokens: Sequence[str]
    keys: Sequence[str] = ()

    def holds(self, path_and_query: str, form: Any, signature: str | None) -> str | None:
        """The algorithm of the signature if it belongs to this request, else None.

        ``path_and_query`` is the requested path, byte for byte as sent: a URL that was decoded on
        the way no longer fits its signature.
        """
        if not signature:
            return None
        address = self.public_url + path_and_query
        for secret, algorithm in self._secrets():
            if RequestValidator(secret).validate(address, form, signature, algorithm):
                return algorithm
        return None

    def sign(self, address: str, form: dict[str, str]) -> str:
        """The signature that the carrier would give a request to this URL."""
        secret, algorithm = next(self._secrets())
        signature: str = RequestValidator(secret).compute_signature(address, form, algorithm)
        return signature

    def headers(self, address: str, form: dict[str, str]) -> dict[str, str]:
        """The headers with which the carrier would sign a request to this URL."""
        signed = {SIGNATURE_HEADER: self.sign(address, form)}
        if self.keys:
            signed[SIGNATURE_SETTINGS_HEADER] = f"key=own,algorithm={HMAC_SHA256}"
        return signed

    def _secrets(self) -> Iterator[tuple[str, str]]:
        yield from ((key, HMAC_SHA256) for key in self.keys)
        yield from ((token, HMAC_SHA1) for token in self.tokens)


def find_claimed_algorithm(settings: str | None) -> str:
    """The algorithm that a header of signature settings names; "other" for an unknown one."""
    said = str(get_signature_algorithm(settings)).upper()
    return said if said in ALGORITHMS else "other"
