"""The contracts of the line that is looked at, as they are kept, and how they are changed here."""

from __future__ import annotations

from flask import abort

from ivr_app.console.viewer import deed, line
from ivr_app.switch import board
from store.apply import CONSOLE
from store.preview import Change
from store.register import Kept, Register, StaleError


def register() -> Register:
    """Those of the line that is looked at."""
    looked_at = line()
    return Register(board().engine, looked_at.id if looked_at else "", CONSOLE)


def kept_of(number: str) -> Kept | None:
    """The contract of this number, if there is one."""
    return register().read(number)


def changeable(number: str) -> Kept:
    """The same for whoever wants to change it: what stands in the file is changed there."""
    kept = kept_of(number)
    if kept is None or kept.of_the_file:
        abort(404)
    return kept


def put(change: Change, word: str) -> bool:
    """Write it with its deed; False when the contract is not what it was ``before`` any more."""
    if change.before == change.after:
        return True
    try:
        register().put([change], deed(word))
    except StaleError:
        return False
    return True
