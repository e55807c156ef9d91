"""Whom the provider sends: the account they have here, or get on their first visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from store.staff.account import Account, Role
from store.staff.accounts import Accounts, NameTakenError
from store.staff.audit import Deed
from switchboard import Switchboard


class NotOursError(Exception):
    """The provider knows them, and we do not let them in; ``reason`` is a word of our catalogue."""

    def __init__(self, reason: str) -> None:
        """``reason`` may be shown."""
        super().__init__(reason)
        self.reason = reason


def account_of(claims: Mapping[str, Any], board: Switchboard, at: dt.datetime) -> Account:
    """The account of whoever these claims are about, in the role that they tell.

    By subject, never by name or address: those can be chosen at many a provider. Somebody else's
    name is refused. Raises NotOursError.
    """
    role = role_of(claims.get(board.settings.oidc_role_claim))
    if role is None:
        raise NotOursError("no_role")
    accounts = Accounts(board.engine)
    subject = f"{claims['iss']} {claims['sub']}"
    known = accounts.of_subject(subject)
    if known is None:
        return _added(accounts, Account(0, _name(claims), role, subject=subject), at)
    if known.role is not role:
        deed = Deed(at, known.name, "console", "elsewhere.role")
        known = accounts.change(known, deed, spare_admin=False, role=role) or known
    return known


def role_of(told: object) -> Role | None:
    """The highest role among what a claim tells, a word or a list of words."""
    words = told.split() if isinstance(told, str) else told
    named = {str(word) for word in words} if isinstance(words, Iterable) else set()
    return next((role for role in reversed(Role) if role in named), None)


def _added(accounts: Accounts, account: Account, at: dt.datetime) -> Account:
    try:
        return accounts.add(account, Deed(at, account.name, "console", "elsewhere.first"))
    except NameTakenError:
        raise NotOursError("name_taken") from None


def _name(claims: Mapping[str, Any]) -> str:
    names = (claims.get(claim) for claim in ("preferred_username", "email", "sub"))
    return str(next(name for name in names if name))
