"""Who may change which shifts: a manager any, an engineer gives away or trades their own."""

from __future__ import annotations

from collections.abc import Sequence

from ivr_app.console.viewer import may, signed_in
from ivr_app.shifts.wishing import Wish
from routing.line import Line
from store.kept import Kept
from store.staff.account import Role


def own(line: Line) -> str | None:
    """The engineer of this line whose account it is."""
    person = signed_in()
    if person is None or person.account.line not in (None, line.id):
        return None
    engineer = line.engineer(person.account.engineer or "")
    return engineer.id if engineer else None


def may_change(line: Line, wish: Wish) -> bool:
    """True when whoever looks may have this."""
    if may(Role.MANAGER):
        return True
    mine = own(line)
    theirs = wish.give is not None and wish.take is not None and wish.give.id == mine
    return may(Role.ENGINEER) and theirs


def may_give(line: Line, person: str) -> bool:
    """True when whoever looks may give this person's shifts away."""
    return may(Role.MANAGER) or (may(Role.ENGINEER) and own(line) == person)


def may_undo(line: Line, kept: Sequence[Kept]) -> bool:
    """True when whoever looks may take this change back: it is about them."""
    if may(Role.MANAGER):
        return True
    mine = own(line)
    about = any(mine in (one.override.add, one.override.remove) for one in kept)
    return may(Role.ENGINEER) and mine is not None and about
