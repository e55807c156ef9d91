"""What opens the door of this process: how passwords are compared."""

from __future__ import annotations

from flask import current_app

from ivr_app.switch import board
from store.staff.passwords import Passwords

PASSWORDS = "passwords"


def passwords() -> Passwords:
    """Made once, because the comparison for names that nobody has needs a hash of its own."""
    found: Passwords | None = current_app.extensions.get(PASSWORDS)
    if found is None:
        found = current_app.extensions[PASSWORDS] = Passwords(board().settings.pin_pepper)
    return found
