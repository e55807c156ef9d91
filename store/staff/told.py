"""What the audit log tells of an account: never a secret."""

from __future__ import annotations

from typing import Any

from store.staff.account import Account

SHOWN = ("role", "line", "engineer", "language", "zone", "password_once")
Shown = dict[str, Any]


def had(account: Account) -> Shown:
    """All that is set in an account."""
    return {name: value for name, value in _shown(account).items() if value}


def differing(before: Account, after: Account) -> tuple[Shown, Shown]:
    """What was and what is, where that is not the same."""
    was, now = _shown(before), _shown(after)
    names = [name for name in was if was[name] != now[name]]
    return {name: was[name] for name in names}, {name: now[name] for name in names}


def _shown(account: Account) -> Shown:
    second_step = {"second_step": account.totp_sealed is not None}
    return {name: getattr(account, name) for name in SHOWN} | second_step
