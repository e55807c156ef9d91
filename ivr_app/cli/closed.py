"""An application whose settings are wrong: it answers nobody, but some commands need none."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import FlaskGroup

from ivr_app.cli.refusal import Refusal
from settings import SettingsError

EXTENSION = "closed_because"


def closed(name: str, because: SettingsError) -> Flask:
    """The application while a command is looked up; for anything else the error is raised."""
    context = click.get_current_context(silent=True)
    if context is None:
        raise because
    if not isinstance(context.command, FlaskGroup):  # `flask run` and the like
        raise Refusal(str(because))
    app = Flask(name)
    app.extensions[EXTENSION] = because
    return app
