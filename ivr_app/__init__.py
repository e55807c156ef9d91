"""The front door: a Flask application that the carrier, staff and operators talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import routing  # noqa: F401 - it sets the zone data before anybody turns a local time

if TYPE_CHECKING:
    from flask import Flask

    from service.bootstrap import Services
    from settings import Settings


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """Build the application; touches neither database nor Redis. Raises SettingsError.

    The import waits for the call: most commands need no application.
    """
    from ivr_app.application import build_app

    return build_app(settings, services)
