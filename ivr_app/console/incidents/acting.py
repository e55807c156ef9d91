"""In whose name somebody signed in speaks of incidents."""

from __future__ import annotations

from ivr_app.console.viewer import may, viewer
from routing.letter import DUTY_MANAGER
from routing.line import Line
from store.staff.account import Role


def acting(line: Line) -> str | None:
    """The engineer whose account it is; a manager who is none speaks as the duty manager. None
    for whoever can only look, or belongs to another line."""
    account = viewer().account
    if account.engineer is not None and account.line in (None, line.id):
        return account.engineer if line.engineer(account.engineer) else None
    return DUTY_MANAGER if may(Role.MANAGER) else None
