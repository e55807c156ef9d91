"""Pages of the documentation that are made from the code: ``make reference``.

Each page has a mark: the text before it is written by hand and stays, and the text after it is
generated.
"""

from __future__ import annotations

import os

from flask import Flask

from ivr_app import create_app
from settings import read_settings

SETTINGS = {
    "DATABASE_URL": "sqlite:///var/reference.db",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "no carrier",
    "PUBLIC_URL": "https://line.example.org",
    "SECRET_KEY": "the key of no line",
}


def build_application() -> Flask:
    """The application whose commands and API are described; touches no database."""
    umask = os.umask(0o022)
    app = create_app(read_settings(SETTINGS))
    os.umask(umask)  # a line keeps its files to itself, and documentation is read by all
    return app
