"""The OpenID Connect provider, as its own description has it; asked for once a process."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import abort, current_app, redirect, render_template, request, session, url_for
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response as Answer

from carrier.outbound import bind_session, exchange
from ivr_app.console import ConsolePage, open_sessions, public
from ivr_app.console import find_viewer as somebody
from ivr_app.console.sign_in import empty_session, start_session
from ivr_app.context import current_call_service, current_services
from ivr_app.thread_share import OUTSIDE_REQUESTS
from service.bootstrap import Services
from settings import Settings, pairs
from store.people.accounts import Account, Accounts, LastAdminError, NameTakenError, Role
from store.people.audit import AuditEntry

EXTENSION = "openid"
SERVICE = "openid provider"
DISCOVERY_PATH = "/.well-known/openid-configuration"
TIMEOUT_SECONDS = 5
"""Seconds that a thread waits for the provider; webhooks have the other threads."""
Claims = Mapping[str, Any]


class BoundSession(OAuth2Session):  # type: ignore[misc]
    """Authlib's session, on connections that obey the deadline."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bind_session(self)


class OidcProvider:
    """What Authlib does, held to the issuer of the settings."""

    def __init__(self, client: Any, issuer: str, role_claim: str) -> None:
        """Asks nothing yet."""
        self._client = client
        self._role_claim = role_claim
        self._issuer = issuer

    def authorize_redirect(self, back: str) -> Answer:
        """Off to the provider, with a state, a nonce and a code challenge of this browser's."""
        with exchange(SERVICE, TIMEOUT_SECONDS):
            self._described()
            answer: Answer = self._client.authorize_redirect(back)
        return answer

    def claims(self) -> Claims:
        """Who it is, signed by the provider for us and for this browser; raises many things."""
        with exchange(SERVICE, TIMEOUT_SECONDS):
            issuer = self._described()
            told = {"iss": {"essential": True, "value": issuer}}
            token = self._client.authorize_access_token(claims_options=told)
            claims: Claims = token["userinfo"]
            if find_claim(claims, self._role_claim) is None:
                return {**self._userinfo(token, claims), **claims}
        return claims

    def end_session(self, back: str) -> str | None:
        """Where somebody signs out at the provider too, and comes back from; None where it has no
        such address."""
        with exchange(SERVICE, TIMEOUT_SECONDS):
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


def current_provider() -> OidcProvider:
    """The provider of this process."""
    if EXTENSION not in current_app.extensions:
        current_app.extensions[EXTENSION] = _build_provider()
    found: OidcProvider = current_app.extensions[EXTENSION]
    return found


def _build_provider() -> OidcProvider:
    settings = current_services().settings
    issuer = settings.oidc_issuer or ""
    client = OAuth(current_app).register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{issuer}{DISCOVERY_PATH}",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )
    client.client_cls = BoundSession
    return OidcProvider(client, issuer, settings.oidc_role_claim)


# Signing in with an account that people have already, at an OpenID Connect provider.


page = ConsolePage("oidc", __name__, Role.VIEWER, path="/sign_in/elsewhere")

RETURN_KEY = "wanted"
PROVIDER_ERRORS = (
    AuthlibBaseError,
    JoseError,
    RequestException,
    OAuthError,
    LookupError,
    ValueError,
)
"""What a provider that is away, mistaken or imitated makes of its answer."""

log = structlog.get_logger()
Shown = Answer | tuple[str, int]


@page.before_request
def require_configuration() -> None:
    """Without a provider there is no such door."""
    if current_services().settings.oidc_issuer is None:
        abort(404)


@page.get("/")
@public
@OUTSIDE_REQUESTS.limits
def go() -> Shown:
    """Off to the provider; where somebody wanted to go is kept until they are back."""
    session[RETURN_KEY] = request.args.get("next")
    try:
        away: Answer = current_provider().authorize_redirect(_callback_address())
    except PROVIDER_ERRORS as error:
        return _render_refusal("away", error)
    return away


@page.get("/back")
@public
@OUTSIDE_REQUESTS.limits
def back() -> Shown:
    """Back from the provider, with a proof of who it is."""
    try:
        claims = current_provider().claims()
        account = find_account(claims, current_services(), current_call_service().clock())
    except RefusedSignInError as error:
        _end_sessions(error.account)
        return _render_refusal(error.reason, error)
    except PROVIDER_ERRORS as error:
        return _render_refusal("away", error)
    return start_session(account, session.get(RETURN_KEY))


@page.get("/out")
@public
def out() -> Shown:
    """Signed out here; the provider is asked to sign them out as well, where it can."""
    home = f"{current_services().settings.public_url}{url_for('sign_in.sign_in')}"
    away = None
    with OUTSIDE_REQUESTS.taken() as free:
        try:
            away = current_provider().end_session(home) if free else None
        except PROVIDER_ERRORS as error:
            log.warning("not signed out elsewhere", error=type(error).__name__)
    if away is None:
        return redirect(url_for("sign_in.sign_in"))
    # Not by a redirect: the policy lets the form that signed them out lead nowhere else.
    return render_template("oidc/out.html", away=away), 200


def _end_sessions(account: Account | None) -> None:
    """Whom the provider sends away is signed in no more: not in this browser, nor anywhere else
    where they came in by that account."""
    here = somebody()
    if here is not None:
        open_sessions().end(here.session_id)
    if account is not None:
        open_sessions().end_all(account)
    empty_session()


def _callback_address() -> str:
    """Never from ``Host``: the provider sends the proof to this address."""
    inside = url_for("oidc.back").removeprefix(request.script_root)
    return f"{current_services().settings.public_url}{request.script_root}{inside}"


def _render_refusal(reason: str, error: Exception) -> tuple[str, int]:
    log.warning("not signed in elsewhere", reason=reason, error=type(error).__name__)
    return render_template("oidc/refused.html", reason=reason), 403


# Whom the provider sends: the account they have here, or get on their first visit.


class RefusedSignInError(Exception):
    """The provider knows them, and we do not let them in; ``reason`` is a word of our catalogue."""

    def __init__(self, reason: str, account: Account | None = None) -> None:
        """``reason`` may be shown; ``account`` is the one that they had here so far."""
        super().__init__(reason)
        self.reason, self.account = reason, account


def find_account(claims: Mapping[str, Any], board: Services, at: dt.datetime) -> Account:
    """The account of whoever these claims are about, in the role that they tell.

    By subject, never by name or address: those can be chosen at many a provider. Somebody else's
    name is refused. Raises NotOursError.
    """
    accounts = Accounts(board.engine)
    subject = f"{claims['iss']} {claims['sub']}"
    known = accounts.of_subject(subject)
    role = find_role(find_claim(claims, board.settings.oidc_role_claim), list_roles(board.settings))
    if role is None:
        raise RefusedSignInError("no_role", known)
    if known is None:
        return _add_account(accounts, Account(0, _find_name(claims), role, subject=subject), at)
    return known if known.role is role else _update_role(accounts, known, role, at)


def list_roles(settings: Settings) -> Mapping[str, Role]:
    """Which word of the provider means which role: those of OIDC_ROLES, or else our own."""
    if settings.oidc_roles:
        return {word: Role(role) for word, role in pairs(settings.oidc_roles)}
    return {role.value: role for role in Role}


def _update_role(accounts: Accounts, known: Account, role: Role, at: dt.datetime) -> Account:
    """The role of today; the last admin stays one, or nobody could let anybody in."""
    try:
        deed = AuditEntry(at, known.name, "console", "oidc.role")
        return accounts.change(known, deed, role=role) or known
    except LastAdminError:
        log.error("the provider would take the last admin away", role=role.value)
        return known


def _add_account(accounts: Accounts, account: Account, at: dt.datetime) -> Account:
    try:
        return accounts.add(account, AuditEntry(at, account.name, "console", "oidc.first"))
    except NameTakenError:
        raise RefusedSignInError("name_taken") from None


def _find_name(claims: Mapping[str, Any]) -> str:
    names = (claims.get(claim) for claim in ("preferred_username", "email", "sub"))
    return str(next(name for name in names if name))


# What a provider's claims say of somebody's role, in the spellings that providers have.


def find_claim(claims: Mapping[str, Any], name: str) -> Any:
    """The claim of this name; `realm_access.roles` is also the `roles` inside `realm_access`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def find_role(told: object, roles: Mapping[str, Role]) -> Role | None:
    """The highest role among what a claim tells: a word, several in one text, a list of words, or
    an object whose keys they are. ``roles`` says which word means which role."""
    named = {roles[word] for word in _list_words(told) if word in roles}
    return next((role for role in reversed(Role) if role in named), None)


def _list_words(told: object) -> Iterator[str]:
    if isinstance(told, str):
        yield told.strip()
        yield from re.split(r"[\s,]+", told)
    elif isinstance(told, Iterable):
        yield from (each.strip() for each in told if isinstance(each, str))
