"""Signing in with an account of an OpenID Connect provider."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import structlog
from flask import abort, current_app, redirect, render_template, request, session, url_for

from ivr_app.console import ConsolePage, find_viewer, open_sessions
from ivr_app.console.sign_in import start_session
from ivr_app.context import current_call_service, current_services
from ivr_app.thread_share import OUTSIDE_REQUESTS
from ivr_app.web import PageResponse, empty_cookie, public
from ivr_app.web.openid import (
    PROVIDER_ERRORS,
    Claims,
    OidcProvider,
    ProviderIdentity,
    find_claim,
)
from settings import Settings
from settings.checks import pairs
from store.people.accounts import Account, Accounts, LastAdminError, NameTakenError, Role
from store.people.audit import AuditEntry

EXTENSION = "openid"


def current_provider() -> OidcProvider:
    """Return the provider, with one client per process."""
    if EXTENSION not in current_app.extensions:
        current_app.extensions[EXTENSION] = _build_provider()
    found: OidcProvider = current_app.extensions[EXTENSION]
    return found


def _build_provider() -> OidcProvider:
    settings = current_services().settings
    identity = ProviderIdentity(
        settings.oidc_issuer or "", settings.oidc_client_id or "", settings.oidc_client_secret or ""
    )
    return OidcProvider(identity, settings.oidc_role_claim)


page = ConsolePage("oidc", __name__, Role.VIEWER, path="/sign_in/elsewhere")

RETURN_KEY = "wanted"
log = structlog.get_logger()


@page.before_request
def require_configuration() -> None:
    """Hide the page if no provider is configured."""
    if current_services().settings.oidc_issuer is None:
        abort(404)


@page.get("/")
@public
@OUTSIDE_REQUESTS.limits
def go() -> PageResponse:
    """Redirect to the provider; the cookie keeps the page that the user wanted."""
    session[RETURN_KEY] = request.args.get("next")
    try:
        return current_provider().authorize_redirect(_build_callback_address())
    except PROVIDER_ERRORS as error:
        return _render_refusal("away", error)


@page.get("/back")
@public
@OUTSIDE_REQUESTS.limits
def back() -> PageResponse:
    """Sign in a user whom the provider has redirected here."""
    try:
        account = find_account(current_provider().fetch_claims())
    except RefusedSignInError as error:
        _end_sessions(error.account)
        return _render_refusal(error.reason, error)
    except PROVIDER_ERRORS as error:
        return _render_refusal("away", error)
    return start_session(account, session.get(RETURN_KEY))


@page.get("/out")
@public
def out() -> PageResponse:
    """Lead a user who has signed out here to the sign-out of the provider, if it has one."""
    away = None
    with OUTSIDE_REQUESTS.taken() as free:
        if free:
            away = _find_sign_out_address()
    if away is None:
        return redirect(url_for("sign_in.sign_in"))
    # Not a redirect: the security policy limits where a form may lead, and a form came here.
    return render_template("oidc/out.html", away=away)


def _find_sign_out_address() -> str | None:
    home = f"{current_services().settings.public_url}{url_for('sign_in.sign_in')}"
    try:
        return current_provider().find_sign_out_address(home)
    except PROVIDER_ERRORS as error:
        log.warning("no sign-out at the provider", error=type(error).__name__)
        return None


def _end_sessions(account: Account | None) -> None:
    """Sign out a user whom the provider refuses: in this browser, and everywhere else by the same
    account."""
    viewer = find_viewer()
    if viewer is not None:
        open_sessions().end(viewer.session_id)
    if account is not None:
        open_sessions().end_all(account)
    empty_cookie()


def _build_callback_address() -> str:
    """Return the address of ``back``. Never from ``Host``: the provider sends the proof there."""
    inside = url_for("oidc.back").removeprefix(request.script_root)
    return f"{current_services().settings.public_url}{request.script_root}{inside}"


def _render_refusal(reason: str, error: Exception) -> tuple[str, int]:
    log.warning("sign-in by the provider refused", reason=reason, error=type(error).__name__)
    return render_template("oidc/refused.html", reason=reason), 403


class RefusedSignInError(Exception):
    """The provider knows the user, but the console refuses the sign-in."""

    def __init__(self, reason: str, account: Account | None = None) -> None:
        """``reason`` is a text key below ``oidc.because``; ``account`` is an earlier account of the
        user."""
        super().__init__(reason)
        self.reason, self.account = reason, account


def find_account(claims: Claims) -> Account:
    """Return the account of the user, with the role in the claims; the first sign-in creates it.

    The account is found by subject only, as users of many providers can choose their name and
    e-mail address. Raises RefusedSignInError, also for the name of another account.
    """
    settings, accounts = current_services().settings, Accounts(current_services().engine)
    subject = f"{claims['iss']} {claims['sub']}"
    known = accounts.of_subject(subject)
    role = find_role(find_claim(claims, settings.oidc_role_claim), list_roles(settings))
    if role is None:
        raise RefusedSignInError("no_role", known)
    if known is None:
        return _add_account(accounts, Account(0, _find_name(claims), role, subject=subject))
    if known.role is not role:
        return _update_role(accounts, known, role)
    return known


def list_roles(settings: Settings) -> Mapping[str, Role]:
    """Return the role of each word of the provider: OIDC_ROLES, or else our own names."""
    if settings.oidc_roles:
        return {word: Role(role) for word, role in pairs(settings.oidc_roles)}
    return {role.value: role for role in Role}


def _update_role(accounts: Accounts, known: Account, role: Role) -> Account:
    """Set the role. The last admin keeps theirs, or nobody could add accounts any more."""
    try:
        return accounts.change(known, _build_audit_entry(known, "oidc.role"), role=role) or known
    except LastAdminError:
        log.error("the provider would remove the last admin", role=role.value)
        return known


def _add_account(accounts: Accounts, account: Account) -> Account:
    try:
        return accounts.add(account, _build_audit_entry(account, "oidc.first"))
    except NameTakenError:
        raise RefusedSignInError("name_taken") from None


def _build_audit_entry(account: Account, action: str) -> AuditEntry:
    return AuditEntry(current_call_service().clock(), account.name, "console", action)


def _find_name(claims: Claims) -> str:
    names = (claims.get(claim) for claim in ("preferred_username", "email", "sub"))
    return str(next(name for name in names if name))


def find_role(claim: object, roles: Mapping[str, Role]) -> Role | None:
    """Return the highest role in a claim: a word, several words in one text, a list of words, or an
    object with words as keys. ``roles`` is the role of each word."""
    named = {roles[word] for word in _list_words(claim) if word in roles}
    return next((role for role in reversed(Role) if role in named), None)


def _list_words(claim: object) -> Iterator[str]:
    if isinstance(claim, str):
        yield claim.strip()
        yield from re.split(r"[\s,]+", claim)
    elif isinstance(claim, Iterable):
        yield from (each.strip() for each in claim if isinstance(each, str))
