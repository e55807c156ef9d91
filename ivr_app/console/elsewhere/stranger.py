"""Whom the provider sends: the account they have here, or get on their first visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import structlog

import spelling
from ivr_app.console.elsewhere.claims import claim_of, role_of
from settings import Settings
from store.staff.account import Account, Role
from store.staff.accounts import Accounts, LastAdminError, NameTakenError
from store.staff.audit import Deed
from switchboard import Switchboard

log = structlog.get_logger()


class NotOursError(Exception):
    """The provider knows them, and we do not let them in; ``reason`` is a word of our catalogue."""

    def __init__(self, reason: str, account: Account | None = None) -> None:
        """``reason`` may be shown; ``account`` is the one that they had here so far."""
        super().__init__(reason)
        self.reason, self.account = reason, account


def account_of(claims: Mapping[str, Any], board: Switchboard, at: dt.datetime) -> Account:
    """The account of whoever these claims are about, in the role that they tell.

    By subject, never by name or address: those can be chosen at many a provider. Somebody else's
    name is refused. Raises NotOursError.
    """
    accounts = Accounts(board.engine)
    subject = f"{claims['iss']} {claims['sub']}"
    known = accounts.of_subject(subject)
    role = role_of(claim_of(claims, board.settings.oidc_role_claim), roles_of(board.settings))
    if role is None:
        raise NotOursError("no_role", known)
    if known is None:
        return _added(accounts, Account(0, _name(claims), role, subject=subject), at)
    return known if known.role is role else _appointed(accounts, known, role, at)


def roles_of(settings: Settings) -> Mapping[str, Role]:
    """Which word of the provider means which role: those of OIDC_ROLES, or else our own."""
    if settings.oidc_roles:
        return {word: Role(role) for word, role in spelling.pairs(settings.oidc_roles)}
    return {role.value: role for role in Role}


def _appointed(accounts: Accounts, known: Account, role: Role, at: dt.datetime) -> Account:
    """The role of today; the last admin stays one, or nobody could let anybody in."""
    try:
        deed = Deed(at, known.name, "console", "elsewhere.role")
        return accounts.change(known, deed, role=role) or known
    except LastAdminError:
        log.error("the provider would take the last admin away", role=role.value)
        return known


def _added(accounts: Accounts, account: Account, at: dt.datetime) -> Account:
    try:
        return accounts.add(account, Deed(at, account.name, "console", "elsewhere.first"))
    except NameTakenError:
        raise NotOursError("name_taken") from None


def _name(claims: Mapping[str, Any]) -> str:
    names = (claims.get(claim) for claim in ("preferred_username", "email", "sub"))
    return str(next(name for name in names if name))
