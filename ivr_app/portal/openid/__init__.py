"""Signing in with the OpenID provider of a customer. A contract names its provider; the provider
vouches for contacts of the contracts that name it, and for nobody else.

The address of the page is not on the page of the sign-in: it would tell who is a customer. The page
of the company has it.
"""

from __future__ import annotations

import structlog
from flask import abort, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from ivr_app.context import current_call_service, current_services
from ivr_app.portal import PortalPage, start_session
from ivr_app.thread_share import OUTSIDE_REQUESTS
from ivr_app.web import PageResponse, find_safe_address, public
from ivr_app.web.openid import PROVIDER_ERRORS, Claims, OidcProvider, ProviderIdentity
from routing.contracts import OpenIdProvider
from routing.line import Line
from service.portal import PortalAccount, name_openid
from settings import find_value, is_set
from store.people.portal_codes import LIFETIME

page = PortalPage("openid", __name__, path="/sign-in/with")

CLIENTS = "openid"
WANTED, VOUCHED = "wanted", "vouched"
"""Entries of the cookie: the wanted page, and for whom a provider has vouched, encrypted."""
EMAIL_CLAIM = "email"

log = structlog.get_logger("portal")


@page.get("/<line_id>/<provider_id>")
@public
@OUTSIDE_REQUESTS.limits
def go(line_id: str, provider_id: str) -> PageResponse:
    """Redirect to the provider; the cookie keeps the page that the contact wanted."""
    line, provider = _require_provider(line_id, provider_id)
    session[WANTED] = request.args.get("next")
    try:
        return _find_client(line, provider).authorize_redirect(_build_callback(line, provider))
    except PROVIDER_ERRORS as error:
        return _refuse("away", error)


@page.get("/<line_id>/<provider_id>/back")
@public
@OUTSIDE_REQUESTS.limits
def back(line_id: str, provider_id: str) -> PageResponse:
    """Sign in a contact whom the provider has redirected here."""
    line, provider = _require_provider(line_id, provider_id)
    try:
        claims = _find_client(line, provider).fetch_claims()
    except PROVIDER_ERRORS as error:
        return _refuse("away", error)
    email = _find_email(claims, provider)
    accounts = _find_accounts(line, provider, email)
    if not accounts:
        return _refuse("unknown")
    if len(accounts) > 1:
        session[VOUCHED] = current_services().portal.proofs.seal([line.id, provider.id, email])
        return redirect(url_for("openid.choose"))
    return _begin(accounts[0], provider.id, email)


@page.get("/contract")
@public
def choose() -> PageResponse:
    """Let a contact of several contracts with one provider choose one."""
    accounts, _, _ = _list_vouched()
    action = url_for("openid.chosen")
    return render_template("sign_in/choose.html", accounts=accounts, action=action)


@page.post("/contract")
@public
def chosen() -> PageResponse:
    """Sign in for the chosen contract."""
    accounts, provider, email = _list_vouched()
    account = accounts.get(request.form.get("contract", "")) or abort(404)
    return _begin(account, provider, email)


def _list_vouched() -> tuple[dict[str, PortalAccount], str, str]:
    """Return the accounts among which this browser may choose, by their names in forms, with the
    provider and the mail address; 404 if no provider has vouched for it, or too long ago."""
    portal = current_services().portal
    vouched = portal.proofs.open(session.get(VOUCHED, ""), LIFETIME)
    if len(vouched) != 3:
        abort(404)
    line_id, provider_id, email = vouched
    line, provider = _require_provider(line_id, provider_id)
    accounts = _find_accounts(line, provider, email)
    return {portal.proofs.hash_contact(one): one for one in accounts}, provider.id, email


def _begin(account: PortalAccount, provider: str, email: str) -> Response:
    wanted = session.get(WANTED)
    start_session(account, name_openid(provider, email))
    return redirect(find_safe_address(wanted))


def _require_provider(line_id: str, provider_id: str) -> tuple[Line, OpenIdProvider]:
    line = current_services().lines.find_line(line_id) or abort(404)
    found = next((one for one in line.openid if one.id == provider_id), None)
    return line, found or abort(404)


def _find_client(line: Line, provider: OpenIdProvider) -> OidcProvider:
    """Return the client of a provider, one per process, until line.yaml changes it. Raises
    ValueError if its secret is not set."""
    identity = ProviderIdentity(
        provider.issuer,
        provider.client_id,
        _read_secret(provider),
        f"openid provider {line.id} {provider.id}",
    )
    clients = current_app.extensions.setdefault(CLIENTS, {})
    if identity not in clients:
        clients[identity] = OidcProvider(identity, EMAIL_CLAIM)
    found: OidcProvider = clients[identity]
    return found


def _read_secret(provider: OpenIdProvider) -> str:
    if not is_set(provider.client_secret):
        raise ValueError("the secret of the provider is not set")
    return find_value(provider.client_secret) or ""


def _find_email(claims: Claims, provider: OpenIdProvider) -> str:
    """Return the mail address for which the provider vouches; empty for none."""
    verified = claims.get("email_verified") in (True, "true")
    if not verified and not provider.unverified_emails:
        return ""
    return str(claims.get(EMAIL_CLAIM) or "")


def _find_accounts(line: Line, provider: OpenIdProvider, email: str) -> list[PortalAccount]:
    now = current_call_service().clock()
    if "@" not in email:
        return []
    return current_services().portal.find_by_provider(line, provider.id, email, now)


def _build_callback(line: Line, provider: OpenIdProvider) -> str:
    """Return the address of ``back``. Never from ``Host``: the provider sends the proof there."""
    path = url_for("openid.back", line_id=line.id, provider_id=provider.id)
    inside = path.removeprefix(request.script_root)
    return f"{current_services().settings.public_url}{request.script_root}{inside}"


def _refuse(reason: str, error: Exception | None = None) -> tuple[str, int]:
    log.warning("sign-in by a provider refused", reason=reason, error=type(error).__name__)
    return render_template("openid/refused.html", reason=reason), 403
