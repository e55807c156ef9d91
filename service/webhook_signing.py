"""Signs outgoing webhooks as Standard Webhooks describes.

The environment holds each secret under the name that ``line.yaml`` gives. It is read for each
webhook, so that a secret file may change while a process runs.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from routing.line import Webhook
from settings import SettingsError, find_value

KEY_PREFIX = "whsec_"
PREVIOUS_SUFFIX = "_PREVIOUS"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret (Standard Webhooks)."""


class SecretError(Exception):
    """The secret of a webhook is missing or malformed; the message never holds the secret."""


def read_secrets(hook: Webhook, environment: Mapping[str, str] | None = None) -> Sequence[bytes]:
    """The secret of a webhook, and the previous one during a rotation. Raises SecretError."""
    try:
        found = [find_value(hook.secret + end, environment) for end in ("", PREVIOUS_SUFFIX)]
    except SettingsError as error:
        raise SecretError(str(error)) from None
    if not found[0]:
        raise SecretError(f"{hook.secret} is not set in the environment")
    return [_decode_secret(hook.secret, value) for value in found if value]


def sign_headers(keys: Sequence[bytes], id_: str, at: dt.datetime, body: bytes) -> dict[str, str]:
    """The three signature headers of a body that is sent now."""
    seconds = str(int(at.timestamp()))
    signed = b".".join((id_.encode(), seconds.encode(), body))
    signatures = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return {
        "webhook-id": id_,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(s).decode()}" for s in signatures),
    }


def _decode_secret(name: str, value: str) -> bytes:
    try:
        key = base64.b64decode(value.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SecretError(f"{name} is not {KEY_PREFIX} and a secret in base64") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise SecretError(f"{name} must hold {SHORTEST} to {LONGEST} bytes in base64")
    return key
