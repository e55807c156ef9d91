"""The front door of one test: made as in production, its addresses compiled once a process."""

from __future__ import annotations

import copy
import logging

from flask import Flask

import logbook
from ivr_app import console, create_app
from ivr_app.switch import EXTENSION
from switchboard import Switchboard

MADE: list[Flask] = []
"""The first that was made; compiling its addresses takes 35 ms, and no line is in them."""


def front_door(board: Switchboard) -> Flask:
    """The application with this switchboard in it, and nothing of another's."""
    if not MADE:
        MADE.append(create_app(board.settings, board))
    logbook.begin(logging.WARNING)
    app = copy.copy(MADE[0])
    app.config = copy.copy(app.config)
    app.secret_key = board.settings.secret_key
    app.extensions = {**app.extensions, EXTENSION: board}
    del app.wsgi_app  # the first one's, in which its console is
    console.mount(app, board)
    return app
