"""The client of an OpenID Connect provider: of the one for staff, and of those of customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import current_app
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from carrier.outbound import bind_session, exchange

PROVIDER_ERRORS = (
    AuthlibBaseError,
    JoseError,
    RequestException,
    OAuthError,
    LookupError,
    ValueError,
)
"""The errors of a provider that is unavailable, wrong or forged."""

SERVICE = "openid provider"
DISCOVERY_PATH = "/.well-known/openid-configuration"
TIMEOUT_SECONDS = 5
"""Seconds that a request waits for the provider; webhooks have threads of their own."""
Claims = Mapping[str, Any]


class BoundSession(OAuth2Session):  # type: ignore[misc]
    """Authlib's session, with connections that obey the deadline."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bind_session(self)


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """A provider, and what it knows us as. ``service`` is its name among the outside services: a
    provider that is away holds up no other one."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    service: str = SERVICE


class OidcProvider:
    """Authlib's client of a provider, which checks its issuer. ``claim`` is the claim that is asked
    of the userinfo endpoint where the ID token has it not."""

    def __init__(self, identity: ProviderIdentity, claim: str) -> None:
        """Sends no request yet."""
        self._issuer, self._service, self._claim = identity.issuer, identity.service, claim
        self._client = OAuth(current_app).register(
            identity.service.replace(" ", "_"),
            client_id=identity.client_id,
            client_secret=identity.client_secret,
            server_metadata_url=f"{identity.issuer}{DISCOVERY_PATH}",
            client_kwargs={
                "scope": "openid profile email",
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_SECONDS,
            },
        )
        self._client.client_cls = BoundSession

    def authorize_redirect(self, back: str) -> Response:
        """Redirect to the provider, with a state, a nonce and a code challenge of this browser."""
        with exchange(self._service, TIMEOUT_SECONDS):
            self._check_issuer()
            response: Response = self._client.authorize_redirect(back)
        return response

    def fetch_claims(self) -> Claims:
        """Return the claims about the user, signed by the provider for this browser. Raises the
        ``PROVIDER_ERRORS``."""
        with exchange(self._service, TIMEOUT_SECONDS):
            options = {"iss": {"essential": True, "value": self._check_issuer()}}
            token = self._client.authorize_access_token(claims_options=options)
            claims: Claims = token["userinfo"]
            if find_claim(claims, self._claim) is None:
                return {**self._fetch_userinfo(token, claims), **claims}
        return claims

    def find_sign_out_address(self, back: str) -> str | None:
        """Return the address that signs the user out at the provider and leads to ``back``; None if
        the provider has no such address."""
        with exchange(self._service, TIMEOUT_SECONDS):
            self._check_issuer()
        address = self._client.load_server_metadata().get("end_session_endpoint")
        if not str(address).startswith(("https://", "http://")):
            return None
        query = urlencode({"client_id": self._client.client_id, "post_logout_redirect_uri": back})
        if "?" in address:
            return f"{address}&{query}"
        return f"{address}?{query}"

    def _fetch_userinfo(self, token: Any, claims: Claims) -> Claims:
        """Return the claims of the userinfo endpoint, if there is one. Raises ValueError for the
        claims of another user."""
        if not self._client.load_server_metadata().get("userinfo_endpoint"):
            return {}
        found: Claims = self._client.userinfo(token=token)
        if found.get("sub") != claims["sub"]:
            raise ValueError("userinfo is about another user")
        return found

    def _check_issuer(self) -> str:
        """Return the issuer by the provider's own description. Raises ValueError if it is not the
        issuer of the settings."""
        issuer = str(self._client.load_server_metadata().get("issuer", ""))
        if issuer.rstrip("/") != self._issuer:
            raise ValueError("the provider has another issuer")
        return issuer


def find_claim(claims: Claims, name: str) -> Any:
    """Return a claim by name; ``realm_access.roles`` can be ``roles`` inside ``realm_access``."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found
