"""Builds the console from its pages: each package in this folder that has a ``page``."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager

from ivr_app import console
from ivr_app.console import (
    CONSOLE_SITE,
    ConsolePage,
    authorize,
    find_viewer,
    list_lines,
    login_limits,
    may,
    register_loader,
)
from ivr_app.console.contracts import forms
from ivr_app.web import (
    build_site,
    find_pages,
    list_navigation,
    register_pages,
    register_template_globals,
)
from service.bootstrap import Services


def build_console(services: Services) -> Flask:
    """Build the console; uses neither database nor Redis."""
    app = build_site(console.__name__, CONSOLE_SITE, services)
    login_limits.register(app, services)
    register_pages(app, find_pages(console, ConsolePage))
    register_loader(LoginManager(app))
    app.before_request(authorize)
    register_template_globals(
        app,
        may=may,
        lines=list_lines,
        person=find_viewer,
        name_plan=forms.name_plan,
        navigation=lambda: list_navigation(lambda page: may(page.role)),
    )
    return app
