"""The Flask application: every view, the console, the API and the command line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Request
from flask.sessions import SessionInterface
from werkzeug.routing import MapAdapter

from ivr_app import acknowledge, calendar, health, mail_inbound
from ivr_app.cli.context import raise_settings_error
from ivr_app.cli.main import LineGroup
from ivr_app.context import SERVICES, WebhookRequest
from ivr_app.mounted import API, CONSOLE, PORTAL, mount_apps
from ivr_app.webhooks import customer, fallback, guard, leg, recording, sms, voice
from ivr_app.whole_numbers import register_converters
from service.bootstrap import Services, start_services
from settings import Settings, SettingsError

LARGEST_FORM = 256 * 1024


class NoSessions(SessionInterface):
    """No cookie is read or written: neither the carrier nor a probe has one."""

    def open_session(self, app: Flask, request: Request) -> None:
        """Open nothing."""


class WebhookApp(Flask):
    """Flask without what no webhook has: cookies, several hosts, asynchronous views."""

    request_class = WebhookRequest
    session_interface = NoSessions()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Find views by the path alone."""
        if request is None:
            return None
        path, method = request.path, request.method
        return MapAdapter(self.url_map, "", "/", "", "https", path, method)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Call each function as it is."""
        return func


def build_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """Build the application; touches neither database nor Redis. Raises SettingsError."""
    try:
        services = services or start_services(settings)
    except SettingsError as error:
        raise_settings_error(error)
    app = WebhookApp(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_FORM
    app.url_map.strict_slashes = False
    register_converters(app)
    app.extensions[SERVICES] = services
    for module in (voice, customer, leg, recording, sms, fallback, health, calendar, acknowledge):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(recording.sound)
    app.register_blueprint(mail_inbound.blueprint)
    guard.register(app)
    app.cli = LineGroup(app.name)
    proxies = services.settings.console_proxies
    others = {CONSOLE: _build_console, PORTAL: _build_portal, API: _build_api}
    mount_apps(app, {name: partial(build, services) for name, build in others.items()}, proxies)
    health.time_requests(app)
    return app


def _build_console(services: Services) -> Flask:
    from ivr_app.console.app import build_console

    return build_console(services)


def _build_portal(services: Services) -> Flask:
    from ivr_app.portal.app import build_portal

    return build_portal(services)


def _build_api(services: Services) -> Flask:
    from ivr_app.api.app import build_api

    return build_api(services)
