"""The portal for customers: what its pages use. A page is a package here that has a ``page``."""

from __future__ import annotations

from ivr_app.portal.session import (
    PORTAL_SITE,
    PortalContact,
    PortalPage,
    authorize,
    current_contact,
    find_contact,
    find_own_case,
    find_own_incident,
    for_admins,
    for_contacts,
    may,
    open_portal_sessions,
    start_session,
    takes,
)

__all__ = [
    "PORTAL_SITE",
    "PortalContact",
    "PortalPage",
    "authorize",
    "current_contact",
    "find_contact",
    "find_own_case",
    "find_own_incident",
    "for_admins",
    "for_contacts",
    "may",
    "open_portal_sessions",
    "start_session",
    "takes",
]
