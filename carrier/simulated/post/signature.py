"""X-Twilio-Signature: how the line knows that a webhook is ours."""

import base64
import hashlib
import hmac
from urllib.parse import urlsplit, urlunsplit


def sign(token: str, url: str, form: dict[str, str]) -> str:
    """Return the signature of a request to `url` with these form fields (none for GET)."""
    text = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def signed_url(url: str, *, voice: bool) -> str:
    """Return the address as it enters the signature: voice over HTTPS drops the port."""
    parts = urlsplit(url)
    if not voice or parts.scheme != "https" or parts.port is None:
        return url
    host = parts.netloc.rpartition(":")[0]
    return urlunsplit(parts._replace(netloc=host))
