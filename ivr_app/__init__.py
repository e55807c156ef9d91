"""The Flask application: webhooks of the carrier, console, portal, API and command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import routing  # noqa: F401 - sets the time zone data before the first conversion

if TYPE_CHECKING:
    from flask import Flask

    from service.bootstrap import Services
    from settings import Settings


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """Build the application; touches neither database nor Redis. Raises SettingsError.

    The imports are inside, because most commands need no application.
    """
    if settings is None and services is None:
        from ivr_app.cli.context import build_command_app

        if commands := build_command_app():
            return commands
    from ivr_app.application import build_app

    return build_app(settings, services)
