"""Signing in with a code or a link that is sent to an address of a contact, and signing out.

The page that asks for a code and the time it takes are the same for every address. A job looks the
address up and sends the code.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Sequence

import structlog
from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
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
from ivr_app.web import (
    LANGUAGES,
    PageResponse,
    empty_cookie,
    find_browser_language,
    find_known_browser,
    find_safe_address,
    public,
    remember_browser,
    t,
)
from routing.jobs import Job, SendPortalCode
from routing.line import Channel
from service.counters import COUNTERS, PORTAL_SIGN_INS
from service.portal import PortalAccount, spell_address
from store.people.portal_codes import PortalCode
from store.work.rate_limits import Backoff, Ceiling, Counted, GuessLimiter

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
    if wait := _enter_address(addresses):
        words = t("portal.sign_in.wait", seconds=wait)
        if wait > ADDRESS_BACKOFF.longest:
            words = t("portal.sign_in.no_more_texts", minutes=-(-wait // 60))
        return _render_address_form(words), 429, _retry(wait)
    _count("asked")
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
    if wait := _enter_code():
        return _render_code_form(t("portal.sign_in.wait", seconds=wait)), 429, _retry(wait)
    counted = portal.codes.count_try(asked, now)
    answer = None
    if portal.proofs.is_code(asked, request.form.get("code", "")) and counted:
        answer = _let_in(asked)
    if answer is None:
        _count("refused")
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
    _count("let_in")
    return remember_browser(_name_address(address), redirect(find_safe_address(wanted)))


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


# Rate limits: by address, and by where a request comes from. A limit is a growing wait that ends by
# itself. Each one that is reached is counted in the metrics and logged, without the address.


EXTENSION = "portal_limits"

ADDRESS_BACKOFF = Backoff(free=5, longest=300)
"""Codes for one address: nobody's telephone or mailbox is flooded."""
TEXTS = {"hour": Ceiling(6, 3600), "day": Ceiling(12, 24 * 3600)}
"""Codes by text for one number: a text costs money and wakes people. A mail stays possible, and so
does a text for a browser in which the number has signed in before."""
SOURCE_BACKOFF = Backoff(free=30, longest=60)
"""Requests of one source: a whole office may be behind one address of the internet."""

IPV6_NETWORK = 64
"""The first bits of an IPv6 address, which are those of one household or office."""

log = structlog.get_logger("portal")


def _enter_address(addresses: Sequence[str]) -> int:
    """Count a request for a code; return the seconds that it must still wait, or 0. A browser in
    which this address has signed in before does not wait for the requests of others."""
    for address in addresses:
        browser = find_known_browser(_name_address(address))
        if browser is not None:
            return _enter([(f"portal browser {browser}", ADDRESS_BACKOFF)])
    numbers = [address for address in addresses if "@" not in address]
    return _enter(
        [(f"portal texts {one} {name}", most) for one in numbers for name, most in TEXTS.items()]
        + [(f"portal address {address}", ADDRESS_BACKOFF) for address in addresses]
        + [(f"portal source {_find_source()}", SOURCE_BACKOFF)]
    )


def _name_address(address: str) -> str:
    """Return the name of an address in the cookie of a known browser."""
    return current_services().portal.proofs.hash_address(address)


def _enter_code() -> int:
    """Count a code that was typed; return the seconds that it must still wait, or 0."""
    return _enter([(f"portal code {_find_source()}", SOURCE_BACKOFF)])


def _count(result: str) -> None:
    """Count a result of signing in, for the metrics."""
    COUNTERS.count(PORTAL_SIGN_INS, result)


def _enter(counted: Sequence[Counted]) -> int:
    wait = _current_limiter().enter(counted)
    if wait:
        _count("throttled")
        log.warning("sign-ins to the portal are throttled", subject=counted[0][0].split()[1])
    return wait


def _current_limiter() -> GuessLimiter:
    if EXTENSION not in current_app.extensions:
        settings = current_services().settings
        limiter = GuessLimiter(settings.redis_url, settings.installation)
        current_app.extensions[EXTENSION] = limiter
    found: GuessLimiter = current_app.extensions[EXTENSION]
    return found


def _find_source() -> str:
    """Return where the request comes from; an IPv6 network of any one customer counts as one."""
    try:
        source = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if source.version == 6:
        return str(ipaddress.ip_network((source, IPV6_NETWORK), strict=False))
    return str(source)
