"""The signed-in contact, the pages that they may use, and the incidents that are theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from flask import abort, current_app, flash, g, request, url_for
from flask import session as cookie
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from ivr_app.context import current_call_service, current_services
from ivr_app.mounted import PORTAL_ADDRESS
from ivr_app.web import (
    STATIC_FILES,
    Anybody,
    Site,
    SitePage,
    View,
    check_request,
    empty_cookie,
    find_browser_language,
    find_needs,
    find_return_address,
    is_background_request,
    mark_view,
    redirect_to,
    t,
)
from routing.contracts import Contact, Contract
from routing.decision import Case
from routing.incident import Incident
from routing.line import Line
from routing.names import name_key
from service.portal import PortalAccount
from store.people.sessions import PortalOwner, PortalSessions, SessionLimits

KEY = "key"
"""The entry of the cookie with the key of the session."""


@dataclass(frozen=True)
class PortalContact:
    """The contact who is signed in. ``session_id`` is the name of the session in the database,
    ``owner`` whose it is."""

    account: PortalAccount
    session_id: str
    owner: PortalOwner

    @property
    def line(self) -> Line:
        """The line of the contract."""
        return self.account.line

    @property
    def contract(self) -> Contract:
        """The contract, with all of its contacts."""
        return self.account.contract

    @property
    def contact(self) -> Contact:
        """The contact, as the contract has them."""
        return self.account.contact

    @property
    def name(self) -> str:
        """The name of the contact."""
        return self.contact.name

    @property
    def language(self) -> str:
        """The language of the contact, else that of the line."""
        return self.contact.language or self.line.languages[0]

    @property
    def admin(self) -> bool:
        """True for a contact who adds and ends contacts of the contract."""
        return self.contact.admin


def current_contact() -> PortalContact:
    """Return the signed-in contact; only for views that need one."""
    return find_contact() or abort(404)


def find_contact() -> PortalContact | None:
    """Return the signed-in contact, or None; looked up once per request."""
    if "contact" not in g:
        g.contact = _load_contact(cookie.get(KEY))
    found: PortalContact | None = g.contact
    return found


def _load_contact(key: str | None) -> PortalContact | None:
    """Return the contact of a session. It ends when the contact has ended, has the address no more
    with which they signed in, or may not use the portal any more."""
    if key is None:
        return None
    services, now = current_services(), current_call_service().clock()
    sessions = open_portal_sessions()
    found = sessions.find(key, now, noted=not is_background_request())
    if found is None:
        return None
    owner = found.owner
    account = services.portal.find_by_name(owner.line, owner.contract, owner.contact, now)
    if account is None or not has_way_in(account, owner.way_in):
        sessions.end(found.id)
        return None
    return PortalContact(account, found.id, owner)


def has_way_in(account: PortalAccount, way_in: str) -> bool:
    """Return True while the contact has the way in that this is the hash of."""
    return way_in in map(current_services().portal.proofs.hash_address, account.ways_in)


def start_session(account: PortalAccount, proof: str) -> None:
    """Start a session of a contact who has given one of their proofs. Nothing of an earlier session
    stays in the cookie."""
    way_in = current_services().portal.proofs.hash_address(proof)
    key = name_key(account.contact.name)
    owner = PortalOwner(account.line.id, account.contract.number, key, way_in)
    empty_cookie()
    cookie[KEY] = open_portal_sessions().begin(owner, current_call_service().clock())
    g.pop("contact", None)


def open_portal_sessions() -> PortalSessions:
    """Return the store of sessions. They last as long as those of the console."""
    settings = current_services().settings
    idle, longest = dt.timedelta(hours=settings.console_idle_hours), settings.console_days
    limits = SessionLimits(idle, dt.timedelta(days=longest))
    return PortalSessions(current_services().engine, limits)


# The incidents of the contract. Every view asks here.


def find_own_case(number: int) -> Case:
    """Return the case of an incident of the contact's contract; 404 for any other."""
    contact, case = current_contact(), None
    case = current_call_service().calls.find_by_number(number)
    if case is None or case.incident is None:
        abort(404)
    theirs = (case.incident.line, case.incident.contract)
    if theirs != (contact.line.id, contact.contract.number):
        abort(404)
    return case


def find_own_incident(number: int) -> Incident:
    """Return an incident of the contact's contract; 404 for any other."""
    return find_own_case(number).incident or abort(404)


# Pages and views.


class PortalRole(StrEnum):
    """Who may use a view: every contact, or those who administer their contract."""

    CONTACT = "contact"
    ADMIN = "admin"


class PortalPage(SitePage):
    """One page of the portal, which the navigation shows to contacts with the role."""

    def __init__(
        self,
        name: str,
        package: str,
        place: int = 0,
        path: str = "",
        role: PortalRole = PortalRole.CONTACT,
    ) -> None:
        """``package`` is the ``__name__`` of the package; ``path`` is the address below /portal, by
        default the name."""
        super().__init__(name, package, place, path)
        self.role = role


def for_contacts(view: View) -> View:
    """Open a view to every contact who is signed in. A view that names nobody is closed."""
    return mark_view(PortalRole.CONTACT)(view)


def for_admins(view: View) -> View:
    """Open a view to the contacts who administer their contract."""
    return mark_view(PortalRole.ADMIN)(view)


def may(role: PortalRole) -> bool:
    """Return True if a signed-in contact has this role."""
    contact = find_contact()
    return contact is not None and (contact.admin or role is PortalRole.CONTACT)


LARGEST = "__largest__"


def takes(most: Callable[[], int]) -> Callable[[View], View]:
    """Let a view take requests of so many bytes, such as those with files, from contacts."""

    def mark(view: View) -> View:
        setattr(view, LARGEST, most)
        return view

    return mark


def authorize() -> Response | None:
    """Authorize a request. A view that names nobody is closed."""
    if request.endpoint is None or request.endpoint in STATIC_FILES:
        return None
    view = current_app.view_functions[request.endpoint]
    who, contact = find_needs(view), find_contact()
    largest = getattr(view, LARGEST, None)
    if contact is not None and largest is not None:
        request.max_content_length = largest()
    if contact is None and not isinstance(who, Anybody):
        # Before the form is read: a stranger's form is not worth the work.
        if cookie.get(KEY) and request.method != "GET":
            flash(t("portal.sign_in.ended"), "warn")
        return redirect_to(url_for("sign_in.show", next=find_return_address()))
    check_request()
    if not isinstance(who, Anybody) and (who is None or not may(who)):
        raise Forbidden
    return None


# What the shared parts ask of the portal.


def _list_languages() -> list[str | None]:
    """Return the language chosen in this browser, the browser's own, and the contact's."""
    chosen, contact = [cookie.get("language"), find_browser_language()], find_contact()
    if contact is None:
        return chosen
    return [*chosen, contact.language]


def _find_line() -> Line | None:
    """Return the line of the contact; before the sign-in, the only line if there is one."""
    contact = find_contact()
    if contact is not None:
        return contact.line
    if "lines" not in g:
        g.lines = list(current_services().lines.list_lines())
    if len(g.lines) == 1:
        line: Line = g.lines[0]
        return line
    return None


def _forget_contact() -> None:
    g.contact, g.lines = None, []


PORTAL_SITE = Site(
    name="portal",
    address=PORTAL_ADDRESS,
    home="incidents.show",
    errors="portal.error.",
    list_languages=_list_languages,
    find_zone=lambda: None,
    find_line=_find_line,
    forget_visitor=_forget_contact,
)
