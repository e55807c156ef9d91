"""Signing in with a code or a link that is sent to an address of a contact, and signing out.

The page that asks for a code and the time it takes are the same for every address. A job looks the
address up and sends the code.
"""

from __future__ import annotations

import secrets

from flask import abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from ivr_app.context import current_call_service, current_services
from ivr_app.portal import (
    PortalPage,
    current_contact,
    find_contact,
    for_contacts,
    open_portal_sessions,
    start_session,
)
from ivr_app.portal.sign_in import limits
from ivr_app.web import (
    LANGUAGES,
    PageResponse,
    empty_cookie,
    find_browser_language,
    find_safe_address,
    public,
    remember_browser,
    t,
)
from routing.jobs import Job, SendPortalCode
from routing.line import Channel
from service.portal.access import PortalAccount, spell_address
from store.people.portal_codes import PortalCode

page = PortalPage("sign_in", __name__, path="/sign-in")

ASKED, PROVED, WANTED = "asked", "proved", "wanted"
"""Entries of the cookie: the request of this browser; the request that it has proved, with the key
to it; and the page that it wanted."""


@page.get("/")
@public
def show() -> PageResponse:
    """Ask for an address; redirect a contact who is signed in."""
    wanted = request.args.get("next")
    if find_contact() is not None:
        return redirect(find_safe_address(wanted))
    if wanted:
        session[WANTED] = wanted
    return _render_address_form("")


@page.post("/")
@public
def ask() -> PageResponse:
    """Ask for a code. The answer says nothing about the address."""
    typed = request.form.get("address", "")
    addresses = spell_address(typed, current_services().lines.list_lines())
    if not addresses:
        return _render_address_form(t("portal.sign_in.no_address")), 422
    if wait := limits.enter_address(addresses):
        return _render_address_form(t("portal.sign_in.wait", seconds=wait)), 429, _retry(wait)
    limits.count("asked")
    session[ASKED] = _ask_for_code(addresses)
    return redirect(url_for("sign_in.code"))


@page.get("/code")
@public
def code() -> PageResponse:
    """Ask for the code that was sent."""
    if ASKED not in session:
        return redirect(url_for("sign_in.show"))
    return _render_code_form("")


@page.post("/code")
@public
def code_typed() -> PageResponse:
    """Check the code. It is counted before it is compared."""
    now, portal = current_call_service().clock(), current_services().portal
    asked = session.get(ASKED, "")
    if wait := limits.enter_code():
        return _render_code_form(t("portal.sign_in.wait", seconds=wait)), 429, _retry(wait)
    counted = portal.codes.count_try(asked, now)
    answer = None
    if portal.proofs.is_code(asked, request.form.get("code", "")) and counted:
        answer = _let_in(asked)
    if answer is None:
        limits.count("refused")
        return _render_code_form(t("portal.sign_in.wrong_code")), 403
    return answer


@page.get("/link/<token>")
@public
def link(token: str) -> PageResponse:
    """Show a button. Programs that scan mail open every link, and must not use this one up."""
    if _find_request(token) is None:
        return render_template("sign_in/worn_out.html"), 404
    return render_template("sign_in/link.html", token=token)


@page.post("/link/<token>")
@public
def link_used(token: str) -> PageResponse:
    """Sign in by the link."""
    asked = _find_request(token)
    answer = None
    if asked is not None:
        answer = _let_in(asked.id)
    return answer or (render_template("sign_in/worn_out.html"), 404)


@page.get("/contract")
@public
def choose() -> PageResponse:
    """Let somebody who is a contact of several contracts choose one."""
    action = url_for("sign_in.chosen")
    return render_template("sign_in/choose.html", accounts=_list_proved(), action=action)


@page.post("/contract")
@public
def chosen() -> PageResponse:
    """Sign in for the chosen contract."""
    accounts = _list_proved()
    account = accounts.get(request.form.get("contract", "")) or abort(404)
    id_, key = session[PROVED]
    portal, now = current_services().portal, current_call_service().clock()
    proved = portal.codes.find_proved(id_, key, now)
    if proved is None or not portal.codes.use_proved(id_, key, now):
        return redirect(url_for("sign_in.show"))
    return _begin(account, portal.proofs.open(proved.address)[0])


@page.post("/out")
@for_contacts
def sign_out() -> PageResponse:
    """End this session."""
    open_portal_sessions().end(current_contact().session_id)
    return _leave(t("portal.sign_in.gone"))


@page.post("/out/everywhere")
@for_contacts
def sign_out_everywhere() -> PageResponse:
    """End every session of the contact, in every browser."""
    ended = open_portal_sessions().end_all(current_contact().owner)
    return _leave(t("portal.sign_in.gone_everywhere", n=ended))


@page.post("/language")
@public
def language() -> PageResponse:
    """Change the language of this browser."""
    wanted = request.form.get("language")
    if wanted in LANGUAGES:
        session["language"] = wanted
    return redirect(find_safe_address(request.form.get("next")))


def _ask_for_code(addresses: list[str]) -> str:
    """Write a request and the job that sends its code; return the id of the request."""
    services, now = current_services(), current_call_service().clock()
    chosen, channel = session.get("language") or find_browser_language(), Channel.SMS
    if "@" in addresses[0]:
        channel = Channel.EMAIL
    asked = PortalCode(secrets.token_hex(16), services.portal.proofs.seal(addresses), chosen, now)
    due = services.portal.codes.ask(asked, Job(now, SendPortalCode(asked.id, channel)))
    current_call_service().notifier.notify(due)
    return asked.id


def _find_request(token: str) -> PortalCode | None:
    """Return the request of a link, if it may still be used."""
    portal = current_services().portal
    id_ = portal.proofs.read_link_token(token)
    if id_ is None:
        return None
    return portal.codes.find(id_, current_call_service().clock())


def _let_in(id_: str) -> Response | None:
    """Sign in whoever has proved a request; None if it has been used or is nobody's.

    Only a request with one address was sent, and only its owner can have proved it.
    """
    portal, now = current_services().portal, current_call_service().clock()
    asked = portal.codes.find(id_, now)
    addresses = [] if asked is None else portal.proofs.open(asked.address)
    if len(addresses) != 1:
        return None
    accounts = portal.find_by_address(addresses[0], now)
    if len(accounts) == 1 and portal.codes.use(id_, now):
        return _begin(accounts[0], addresses[0])
    if len(accounts) > 1 and (key := portal.codes.prove(id_, now)):
        session.pop(ASKED, None)
        session[PROVED] = [id_, key]
        return redirect(url_for("sign_in.choose"))
    return None


def _list_proved() -> dict[str, PortalAccount]:
    """Return the accounts among which this browser may choose, by their names in forms; 404 if it
    has proved nothing, or too long ago."""
    portal, now = current_services().portal, current_call_service().clock()
    id_, key = session.get(PROVED) or ("", "")
    proved = portal.codes.find_proved(id_, key, now) or abort(404)
    accounts = portal.find_by_address(portal.proofs.open(proved.address)[0], now)
    return {portal.proofs.hash_contact(account): account for account in accounts}


def _begin(account: PortalAccount, address: str) -> Response:
    wanted = session.get(WANTED)
    start_session(account, address)
    limits.count("let_in")
    return remember_browser(limits.name_address(address), redirect(find_safe_address(wanted)))


def _leave(words: str) -> Response:
    empty_cookie()
    flash(words, "good")
    return redirect(url_for("sign_in.show"))


def _retry(wait: int) -> dict[str, str]:
    return {"Retry-After": str(wait)}


def _render_address_form(mistake: str) -> str:
    by_mail = Channel.EMAIL in current_call_service().channels
    typed = request.form.get("address", "")
    return render_template("sign_in/show.html", mistake=mistake, by_mail=by_mail, typed=typed)


def _render_code_form(mistake: str) -> str:
    return render_template("sign_in/code.html", mistake=mistake)
