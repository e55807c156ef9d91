"""Verifies and creates the signatures of the carrier's webhooks."""

from __future__ import annotations

import hmac
import re
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from urllib.parse import urlsplit

from twilio.request_validator import (
    RequestValidator,
    get_signature_algorithm,
)

SIGNATURE_HEADER = "X-Twilio-Signature"
SIGNATURE_SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"
HMAC_SHA1, HMAC_SHA256 = "HMAC_SHA1", "HMAC_SHA256"
ALGORITHMS = (HMAC_SHA1, HMAC_SHA256)

Field = tuple[str, str]
"""A name and a value of a form, in which a name may come more than once."""

_DIGESTS = {HMAC_SHA1: "sha1", HMAC_SHA256: "sha256"}
_PLAIN_PATH = re.compile(r"/[\w.~%!$&'()*+,=:@/-]*(\?[\w.~%!$&'()*+,=:@/-]+)?", re.ASCII)
"""A path and query that the carrier's library leaves as they are."""


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

    def holds(
        self, path_and_query: str, fields: Iterable[Field], signature: str | None
    ) -> str | None:
        """The algorithm of the signature if it belongs to this request, else None.

        ``path_and_query`` is the requested path, byte for byte as sent: a URL that was decoded on
        the way no longer fits its signature. ``fields`` are those of the form.
        """
        if not signature:
            return None
        address, form = self.public_url + path_and_query, sorted(set(fields))
        if _PLAIN_PATH.fullmatch(path_and_query) and _is_plain(self.public_url):
            signed = (address + "".join(chain.from_iterable(form))).encode()
            given = signature.encode(errors="replace")
            for secret, algorithm in self._secrets():
                if hmac.compare_digest(_compute(secret, signed, algorithm), given):
                    return algorithm
        return self._find_by_library(address, form, signature)

    def _find_by_library(self, address: str, form: list[Field], signature: str) -> str | None:
        """The same answer by the carrier's library, which also tries the address with and without
        its port. It takes ten times as long, and so it is asked only before a refusal."""
        values = FieldValues(form)
        for secret, algorithm in self._secrets():
            if RequestValidator(secret).validate(address, values, signature, algorithm):
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


class FieldValues(dict[str, list[str]]):
    """The fields of a form as the carrier's library reads them."""

    def __init__(self, fields: Iterable[Field]) -> None:
        """Collect the values of each name."""
        super().__init__()
        for name, value in fields:
            self.setdefault(name, []).append(value)

    def getlist(self, name: str) -> list[str]:
        """The values of a name."""
        return self[name]


def _compute(secret: str, signed: bytes, algorithm: str) -> bytes:
    return b2a_base64(hmac.digest(secret.encode(), signed, _DIGESTS[algorithm]), newline=False)


@cache
def _is_plain(public_url: str) -> bool:
    """True if the carrier's library leaves this URL as it is."""
    try:
        parts = urlsplit(public_url)
        _ = parts.port
    except ValueError:  # no host has this name, or no port this number
        return False
    return bool(parts.netloc) and parts.geturl() == public_url


def find_claimed_algorithm(settings: str | None) -> str:
    """The algorithm that a header of signature settings names; "other" for an unknown one."""
    said = str(get_signature_algorithm(settings)).upper()
    return said if said in ALGORITHMS else "other"
