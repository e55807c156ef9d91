"""The Flask application: every view, the console, the API and the command line."""

from __future__ import annotations

from flask import Flask

from ivr_app import acknowledge, calendar, health, mail_inbound
from ivr_app.cli.context import build_app_without_settings
from ivr_app.cli.main import LineGroup
from ivr_app.context import SERVICES
from ivr_app.mounted import (
    API,
    API_ADDRESS,
    CONSOLE,
    CONSOLE_ADDRESS,
    PORTAL,
    PORTAL_ADDRESS,
    MountedApp,
)
from ivr_app.webhooks import customer, fallback, guard, leg, recording, sms, voice
from ivr_app.whole_numbers import register_converters
from service.bootstrap import Services, start_services
from settings import Settings, SettingsError

LARGEST_FORM = 256 * 1024


def build_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """Build the application; touches neither database nor Redis. Raises SettingsError."""
    try:
        services = services or start_services(settings)
    except SettingsError as error:
        return build_app_without_settings(error)
    app = Flask(__name__)
    app.secret_key = services.settings.secret_key
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
    _mount_console(app, services)
    _mount_portal(app, services)
    _mount_api(app, services)
    return app


def _mount_console(app: Flask, services: Services) -> None:
    def build() -> Flask:
        from ivr_app.console.app import build_console

        return build_console(services)

    MountedApp(build, services.settings.console_proxies).mount_on(app, CONSOLE_ADDRESS, CONSOLE)


def _mount_portal(app: Flask, services: Services) -> None:
    def build() -> Flask:
        from ivr_app.portal.app import build_portal

        return build_portal(services)

    MountedApp(build, services.settings.console_proxies).mount_on(app, PORTAL_ADDRESS, PORTAL)


def _mount_api(app: Flask, services: Services) -> None:
    def build() -> Flask:
        from ivr_app.api.app import build_api

        return build_api(services)

    MountedApp(build, services.settings.console_proxies).mount_on(app, API_ADDRESS, API)
