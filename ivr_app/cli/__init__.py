"""The command line: what duty managers and operators do with a line."""

from __future__ import annotations

from flask import Flask

from ivr_app.cli.apply import apply, check
from ivr_app.cli.backup import backup, restore
from ivr_app.cli.calendars import calendars
from ivr_app.cli.closed import closed as closed_app
from ivr_app.cli.contracts import contracts
from ivr_app.cli.doctor import doctor
from ivr_app.cli.drill import drill
from ivr_app.cli.export import export
from ivr_app.cli.fallback import fallback
from ivr_app.cli.figures import figures
from ivr_app.cli.forget import forget
from ivr_app.cli.handovers import handovers
from ivr_app.cli.incident import incident
from ivr_app.cli.log import calls, incidents, show
from ivr_app.cli.migrate import migrate
from ivr_app.cli.oncall import oncall
from ivr_app.cli.phones import phones
from ivr_app.cli.premium import premium
from ivr_app.cli.provision import provision
from ivr_app.cli.recordings import recordings
from ivr_app.cli.route import route
from ivr_app.cli.swap import override, swap
from ivr_app.cli.swaps import swaps
from ivr_app.cli.token import token
from ivr_app.cli.user import user
from ivr_app.cli.vcard import vcard
from ivr_app.cli.webhooks import webhooks
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
