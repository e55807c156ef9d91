"""Creates, changes and deletes the accounts of the console."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.bootstrap import Services
from store.people.accounts import Account, Accounts, Role
from store.people.audit import AuditEntry
from store.people.hashing import Passwords, generate_password

AccountWithPassword = tuple[Account, str]
"""An account and its one-time password, which is shown once and never stored in the clear."""
EngineerRef = tuple[str, str]
"""The id of a line and the id of one of its engineers."""


class RoleFromProviderError(Exception):
    """The identity provider sets the role of this account at each sign-in."""


def create_account(services: Services, newcomer: Account, entry: AuditEntry) -> AccountWithPassword:
    """Create an account with a one-time password. Raises NameTakenError."""
    password = generate_password()
    once = replace(newcomer, password_hash=_hash_password(services, password), password_once=True)
    return Accounts(services.engine).add(once, entry), password


def reset_password(
    services: Services, account: Account, entry: AuditEntry, *, second_step_off: bool = False
) -> AccountWithPassword | None:
    """Set a new one-time password and end all sessions of the account.

    ``second_step_off`` also removes the second factor, for a lost phone. Returns None when the
    account no longer exists.
    """
    password = generate_password()
    values: dict[str, Any] = {
        "password_hash": _hash_password(services, password),
        "password_once": True,
    }
    if second_step_off:
        values |= {"totp_sealed": None, "totp_step": None}
    changed = Accounts(services.engine).change(account, entry, **values)
    if changed is None:
        return None
    return changed, password


def change_role(
    services: Services, account: Account, role: Role, entry: AuditEntry
) -> Account | None:
    """Give the account another role; None when the account no longer exists.

    Raises LastAdminError and RoleFromProviderError.
    """
    if account.subject is not None:
        raise RoleFromProviderError(account.name)
    return Accounts(services.engine).change(account, entry, role=role)


def link_engineer(
    services: Services, account: Account, engineer: EngineerRef | None, entry: AuditEntry
) -> Account | None:
    """Link the account to an engineer of a line, or to none; None when it no longer exists."""
    line, engineer_id = engineer or (None, None)
    return Accounts(services.engine).change(account, entry, line=line, engineer=engineer_id)


def delete_account(services: Services, account: Account, entry: AuditEntry) -> bool:
    """Delete the account and end its sessions. Raises LastAdminError."""
    return Accounts(services.engine).end(account, entry)


def _hash_password(services: Services, password: str) -> str:
    return Passwords(services.settings.pin_pepper).hash(password)
