"""The OpenID Connect provider, as its own description has it; asked for once a process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import current_app
from werkzeug.wrappers import Response as Answer

from carrier.outbound import bound, exchange
from ivr_app.console.elsewhere.claims import claim_of
from ivr_app.switch import board

EXTENSION = "openid"
SERVICE = "openid provider"
DESCRIBED = "/.well-known/openid-configuration"
PATIENCE = 5
"""Seconds that a thread waits for the provider; webhooks have the other threads."""
Claims = Mapping[str, Any]


class BoundSession(OAuth2Session):  # type: ignore[misc]
    """Authlib's session, on connections that obey the deadline."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bound(self)


class Provider:
    """What Authlib does, held to the issuer of the settings."""

    def __init__(self, client: Any, issuer: str, role_claim: str) -> None:
        """Asks nothing yet."""
        self._client = client
        self._role_claim = role_claim
        self._issuer = issuer

    def authorize_redirect(self, back: str) -> Answer:
        """Off to the provider, with a state, a nonce and a code challenge of this browser's."""
        with exchange(SERVICE, PATIENCE):
            self._described()
            answer: Answer = self._client.authorize_redirect(back)
        return answer

    def claims(self) -> Claims:
        """Who it is, signed by the provider for us and for this browser; raises many things."""
        with exchange(SERVICE, PATIENCE):
            issuer = self._described()
            told = {"iss": {"essential": True, "value": issuer}}
            token = self._client.authorize_access_token(claims_options=told)
            claims: Claims = token["userinfo"]
            if claim_of(claims, self._role_claim) is None:
                return {**self._userinfo(token, claims), **claims}
        return claims

    def end_session(self, back: str) -> str | None:
        """Where somebody signs out at the provider too, and comes back from; None where it has no
        such address."""
        with exchange(SERVICE, PATIENCE):
            self._described()
        address = self._client.load_server_metadata().get("end_session_endpoint")
        if not str(address).startswith(("https://", "http://")):
            return None
        asked = urlencode({"client_id": self._client.client_id, "post_logout_redirect_uri": back})
        return f"{address}{'&' if '?' in address else '?'}{asked}"

    def _userinfo(self, token: Any, claims: Claims) -> Claims:
        """What the provider says beside the ID token, if it has an address for that; raises
        ValueError where it speaks of somebody else."""
        if not self._client.load_server_metadata().get("userinfo_endpoint"):
            return {}
        said: Claims = self._client.userinfo(token=token)
        if said.get("sub") != claims["sub"]:
            raise ValueError("userinfo is about somebody else")
        return said

    def _described(self) -> str:
        issuer = str(self._client.load_server_metadata().get("issuer", ""))
        if issuer.rstrip("/") != self._issuer:
            raise ValueError("the provider calls itself by another name")
        return issuer


def provider() -> Provider:
    """The provider of this process."""
    if EXTENSION not in current_app.extensions:
        current_app.extensions[EXTENSION] = _made()
    found: Provider = current_app.extensions[EXTENSION]
    return found


def _made() -> Provider:
    settings = board().settings
    issuer = settings.oidc_issuer or ""
    client = OAuth(current_app).register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{issuer}{DESCRIBED}",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": PATIENCE,
        },
    )
    client.client_cls = BoundSession
    return Provider(client, issuer, settings.oidc_role_claim)
