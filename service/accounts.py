"""Who may sign in and as what, for the console and the command line alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.bootstrap import Services
from store.people.accounts import Account, Accounts, Role
from store.people.audit import AuditEntry
from store.people.hashing import Passwords, made_up

Given = tuple[Account, str]
"""An account, and the password that opens it once; it is told now or never."""
Post = tuple[str, str]
"""A line and an engineer of it, by their ids."""


class ToldElsewhereError(Exception):
    """The role of whoever signs in at a provider is what that tells, anew at each visit."""


def hire(board: Services, newcomer: Account, deed: AuditEntry) -> Given:
    """Give somebody a way in. Raises NameTakenError."""
    word = made_up()
    once = replace(newcomer, password_hash=_kept(board, word), password_once=True)
    return Accounts(board.engine).add(once, deed), word


def another_password(
    board: Services, account: Account, deed: AuditEntry, *, second_step_off: bool = False
) -> Given | None:
    """Also where the telephone with the codes was lost; all their sessions end. None when the
    account is gone."""
    word = made_up()
    values: dict[str, Any] = {"password_hash": _kept(board, word), "password_once": True}
    if second_step_off:
        values |= {"totp_sealed": None, "totp_step": None}
    changed = Accounts(board.engine).change(account, deed, **values)
    return (changed, word) if changed else None


def appoint(board: Services, account: Account, role: Role, deed: AuditEntry) -> Account | None:
    """They may do what this role may. Raises LastAdminError and ToldElsewhereError; None when the
    account is gone."""
    if account.subject is not None:
        raise ToldElsewhereError(account.name)
    return Accounts(board.engine).change(account, deed, role=role)


def tie(board: Services, account: Account, post: Post | None, deed: AuditEntry) -> Account | None:
    """Say who somebody is on the rota of a line, or that they are on none; None when the account
    is gone."""
    line, engineer = post or (None, None)
    return Accounts(board.engine).change(account, deed, line=line, engineer=engineer)


def let_go(board: Services, account: Account, deed: AuditEntry) -> bool:
    """Whoever signed in by this name is out, and does not come back. Raises LastAdminError."""
    return Accounts(board.engine).end(account, deed)


def _kept(board: Services, word: str) -> str:
    return Passwords(board.settings.pin_pepper).hash(word)
