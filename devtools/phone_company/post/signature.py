"""X-Twilio-Signature: how the line knows that a webhook is ours."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True)
class SharedKey:
    """A key that signs webhooks with SHA-256 in place of the account's token."""

    id: str
    secret: str


def signature_headers(
    token: str, key: SharedKey | None, url: str, form: dict[str, str]
) -> dict[str, str]:
    """Return the headers of a request to `url`, signed with the key where there is one."""
    if key is None:
        return {"X-Twilio-Signature": sign(token, url, form)}
    return {
        "X-Twilio-Signature": sign(key.secret, url, form, hashlib.sha256),
        "X-Twilio-Webhooks-Signature-Settings": f"key={key.id},algorithm=HMAC_SHA256",
    }


def sign(secret: str, url: str, form: dict[str, str], algorithm: Any = hashlib.sha1) -> str:
    """Return the signature of a request to `url` with these form fields (none for GET)."""
    text = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(secret.encode(), text.encode(), algorithm).digest()
    return base64.b64encode(digest).decode()


def signed_url(url: str, *, voice: bool) -> str:
    """Return the address as it enters the signature: voice over HTTPS drops the port."""
    parts = urlsplit(url)
    if not voice or parts.scheme != "https" or parts.port is None:
        return url
    host = parts.netloc.rpartition(":")[0]
    return urlunsplit(parts._replace(netloc=host))
