"""Between the two steps: whoever gave the password and must still give a code."""

from __future__ import annotations

import datetime as dt
import hashlib

from flask import session

from ivr_app.switch import board
from store.staff.account import Account
from store.staff.accounts import Accounts

HALF = "half"
PATIENCE = 300
"""Seconds to find one's telephone in."""


def half_in(account: Account, now: dt.datetime) -> None:
    """This browser has shown the password of an account."""
    session[HALF] = [account.name, _proof(account), now.timestamp()]


def halfway(now: dt.datetime) -> Account | None:
    """Whose password this browser has shown not long ago; not once that has changed."""
    name, proof, at = session.get(HALF) or (None, None, 0.0)
    if name is None or now.timestamp() - at > PATIENCE:
        return None
    found = Accounts(board().engine).named(name)
    return found if found and _proof(found) == proof else None


def _proof(account: Account) -> str:
    """Which password was shown; a browser can read its cookie, so it is not the hash itself."""
    return hashlib.sha256(f"shown {account.password_hash}".encode()).hexdigest()
