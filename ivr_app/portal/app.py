"""Builds the portal from its pages: each package in this folder that has a ``page``."""

from __future__ import annotations

from flask import Flask

from ivr_app import portal
from ivr_app.portal import PORTAL_SITE, PortalPage, authorize, find_contact, may
from ivr_app.portal.files import PortalRequest
from ivr_app.web import (
    build_site,
    find_pages,
    list_navigation,
    register_pages,
    register_template_globals,
)
from service.bootstrap import Services


def build_portal(services: Services) -> Flask:
    """Build the portal; uses neither database nor Redis."""
    app = build_site(portal.__name__, PORTAL_SITE, services)
    app.request_class = PortalRequest
    register_pages(app, find_pages(portal, PortalPage))
    app.before_request(authorize)
    register_template_globals(
        app,
        person=find_contact,
        navigation=lambda: list_navigation(lambda page: may(page.role)),
    )
    return app
