"""Verifies and creates the signatures of the carrier's webhooks."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from twilio.request_validator import (
    RequestValidator,
    get_signature_algorithm,
)

SIGNATURE_HEADER = "X-Twilio-Signature"
SIGNATURE_SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"
HMAC_SHA1, HMAC_SHA256, ED25519 = "HMAC_SHA1", "HMAC_SHA256", "ED25519"
ALGORITHMS = (HMAC_SHA1, HMAC_SHA256, ED25519)

Field = tuple[str, str]
"""A name and a value of a form, in which a name may come more than once."""

FORM_TYPE = "application/x-www-form-urlencoded"
_DIGESTS = {HMAC_SHA1: "sha1", HMAC_SHA256: "sha256"}
_PLAIN_PATH = re.compile(r"/[\w.~%!$&'()*+,=:@/-]*(\?[\w.~%!$&'()*+,=:@/-]+)?", re.ASCII)
"""A path and query that the carrier's library leaves as they are."""


class HeaderValues(Protocol):
    """The headers of a request, whatever the case of their names."""

    def get(self, name: str, /) -> str | None:
        """The value of one; None without it."""


class SignedRequest(Protocol):
    """A request as it was sent: the proofs read what they need of it, and no more."""

    @property
    def method(self) -> str:
        """The method of HTTP."""

    @property
    def headers(self) -> HeaderValues:
        """The headers."""

    @property
    def asked(self) -> str:
        """Path and query byte for byte as sent: decoded ones no longer fit the signature."""

    @property
    def fields(self) -> Sequence[Field]:
        """The fields of the form, in their order."""

    @property
    def body(self) -> bytes:
        """The body byte for byte as sent."""


class WebhookProof(Protocol):
    """Tells requests of the carrier from all others."""

    def prove(self, sent: SignedRequest) -> str | None:
        """The algorithm with which the carrier signed this request; None if it did not."""

    def headers(self, address: str, form: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request of our own to this URL, whose body is `encode_form(form)`."""

    def read_claim(self, headers: HeaderValues) -> str:
        """What a refused request said of its signature, for the log: nothing of anybody."""


def encode_form(form: Mapping[str, str]) -> bytes:
    """The body of a form as we send it."""
    return urlencode(form).encode()


# Companies that sign the address and the fields with a secret that both sides know.


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
    header: str = SIGNATURE_HEADER

    def prove(self, sent: SignedRequest) -> str | None:
        """The algorithm with which the carrier signed this request; None if it did not."""
        fields: Sequence[Field] = ()
        if sent.method == "POST":
            fields = sent.fields
        path, given = sent.asked, sent.headers.get(self.header)
        # A server may have removed the first of two slashes: the carrier signed both.
        return self.holds(path, fields, given) or self.holds(f"/{path}", fields, given)

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

    def sign(self, address: str, form: Mapping[str, str]) -> str:
        """The signature that the carrier would give a request to this URL."""
        secret, algorithm = next(self._secrets())
        signature: str = RequestValidator(secret).compute_signature(address, form, algorithm)
        return signature

    def headers(self, address: str, form: Mapping[str, str]) -> dict[str, str]:
        """The headers with which the carrier would sign a request to this URL."""
        signed = {"Content-Type": FORM_TYPE, self.header: self.sign(address, form)}
        if self.keys:
            signed[SIGNATURE_SETTINGS_HEADER] = f"key=own,algorithm={HMAC_SHA256}"
        return signed

    def read_claim(self, headers: HeaderValues) -> str:
        """The algorithm that a refused request named."""
        return find_claimed_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER))

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


# Telnyx signs the time and the body with a private key of its own.


ED25519_HEADER, TIMESTAMP_HEADER = "telnyx-signature-ed25519", "telnyx-timestamp"
TOLERANCE = 300
"""Seconds between the time in a signature and now: an older request may be a repeated one."""

_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Ed25519Check:
    """Checks signatures of the body with public keys. Each of several keys is accepted.

    The address is no part of what is signed, so a request without a body proves nothing: its
    signature would fit any address. ``own`` signs our own requests, such as those of a drill; its
    public key is among ``keys``.
    """

    keys: Sequence[Ed25519PublicKey]
    own: Ed25519PrivateKey
    clock: Callable[[], dt.datetime]

    def prove(self, sent: SignedRequest) -> str | None:
        """The algorithm with which the carrier signed this request; None if it did not."""
        said, at = sent.headers.get(ED25519_HEADER), sent.headers.get(TIMESTAMP_HEADER)
        if not said or not at or not self._is_recent(at):
            return None
        body = sent.body
        if not body:
            return None
        try:
            signature = b64decode(said, validate=True)
        except (Base64Error, ValueError):
            return None
        if len(signature) != _SIGNATURE_BYTES:
            return None
        signed = at.encode() + b"|" + body
        if any(_is_signed(key, signature, signed) for key in self.keys):
            return ED25519
        return None

    def headers(self, address: str, form: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request of our own, whose body is `encode_form(form)`."""
        at = str(int(self.clock().timestamp()))
        signature = self.own.sign(at.encode() + b"|" + encode_form(form))
        return {
            "Content-Type": FORM_TYPE,
            ED25519_HEADER: b64encode(signature).decode(),
            TIMESTAMP_HEADER: at,
        }

    def read_claim(self, headers: HeaderValues) -> str:
        """The algorithm of a refused request, and by how much its time differs from ours."""
        at = headers.get(TIMESTAMP_HEADER) or ""
        if not headers.get(ED25519_HEADER) or not _SECONDS.fullmatch(at):
            return "no signature"
        return f"{ED25519}, {self.clock().timestamp() - int(at):+.0f} s"

    def _is_recent(self, at: str) -> bool:
        if not _SECONDS.fullmatch(at):
            return False
        return abs(self.clock().timestamp() - int(at)) <= TOLERANCE


def _is_signed(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def read_public_key(text: str) -> Ed25519PublicKey:
    """The public key that the company shows, in base64. Raises ValueError."""
    try:
        return Ed25519PublicKey.from_public_bytes(b64decode(text, validate=True))
    except (Base64Error, ValueError):
        raise ValueError("it is no public key of 32 bytes in base64") from None


def build_ed25519_check(
    public_keys: Sequence[Ed25519PublicKey], secret: str, clock: Callable[[], dt.datetime]
) -> Ed25519Check:
    """Accept the company's keys, and that of our own requests: all processes with this secret have
    the same."""
    own = Ed25519PrivateKey.from_private_bytes(
        hmac.digest(secret.encode(), b"own webhooks", hashlib.sha256)
    )
    return Ed25519Check((*public_keys, own.public_key()), own, clock)
