"""Who may sign in and as what, for the console and the command line alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.bootstrap import Services
from store.people.accounts import Account, Accounts, Role
from store.people.audit import AuditEntry
from store.people.hashing import Passwords, made_up

AccountWithPassword = tuple[Account, str]
"""An account, and the password that opens it once; it is told now or never."""
EngineerRef = tuple[str, str]
"""A line and an engineer of it, by their ids."""


class RoleFromProviderError(Exception):
    """The role of whoever signs in at a provider is what that tells, anew at each visit."""


def create_account(services: Services, newcomer: Account, entry: AuditEntry) -> AccountWithPassword:
    """Give somebody a way in. Raises NameTakenError."""
    word = made_up()
    once = replace(newcomer, password_hash=_hash_password(services, word), password_once=True)
    return Accounts(services.engine).add(once, entry), word


def reset_password(
    services: Services, account: Account, entry: AuditEntry, *, second_step_off: bool = False
) -> AccountWithPassword | None:
    """Also where the telephone with the codes was lost; all their sessions end. None when the
    account is gone."""
    word = made_up()
    values: dict[str, Any] = {
        "password_hash": _hash_password(services, word),
        "password_once": True,
    }
    if second_step_off:
        values |= {"totp_sealed": None, "totp_step": None}
    changed = Accounts(services.engine).change(account, entry, **values)
    return (changed, word) if changed else None


def change_role(
    services: Services, account: Account, role: Role, entry: AuditEntry
) -> Account | None:
    """They may do what this role may. Raises LastAdminError and ToldElsewhereError; None when the
    account is gone."""
    if account.subject is not None:
        raise RoleFromProviderError(account.name)
    return Accounts(services.engine).change(account, entry, role=role)


def link_engineer(
    services: Services, account: Account, post: EngineerRef | None, entry: AuditEntry
) -> Account | None:
    """Say who somebody is on the rota of a line, or that they are on none; None when the account
    is gone."""
    line, engineer = post or (None, None)
    return Accounts(services.engine).change(account, entry, line=line, engineer=engineer)


def delete_account(services: Services, account: Account, entry: AuditEntry) -> bool:
    """Whoever signed in by this name is out, and does not come back. Raises LastAdminError."""
    return Accounts(services.engine).end(account, entry)


def _hash_password(services: Services, word: str) -> str:
    return Passwords(services.settings.pin_pepper).hash(word)
