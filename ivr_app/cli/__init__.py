"""The command line: what duty managers and operators do with a line."""

from __future__ import annotations

from flask import Flask

from ivr_app.cli.access import token, user, webhooks
from ivr_app.cli.calendars import calendars, vcard
from ivr_app.cli.context import closed as closed_app
from ivr_app.cli.contracts import contracts
from ivr_app.cli.engineers import handovers, phones
from ivr_app.cli.figures import figures
from ivr_app.cli.incident import incident, premium
from ivr_app.cli.line import apply, check, migrate
from ivr_app.cli.log import calls, incidents, route, show
from ivr_app.cli.oncall import oncall
from ivr_app.cli.operations import backup, doctor, drill, fallback, provision, restore
from ivr_app.cli.privacy import export, forget, recordings
from ivr_app.cli.swaps import override, swap, swaps
from settings import SettingsError

COMMANDS = (
    *(migrate, apply, check, contracts, calendars, phones, swap, override, swaps, vcard),
    *(oncall, handovers, route, calls, incidents, incident, show, recordings, premium, figures),
    *(doctor, forget, export, provision, fallback, drill, backup, restore, user, token, webhooks),
)


def hang_on(app: Flask) -> None:
    """Hang the commands on the application's command line."""
    for command in COMMANDS:
        app.cli.add_command(command)


def without_line(because: SettingsError) -> Flask:
    """An application of commands only, while the settings are wrong; else the error is raised."""
    app = closed_app(__name__, because)
    hang_on(app)
    return app
