"""The accounts of the console; every change of one is in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from store.engine import reading, writing
from store.staff.account import Account, Role
from store.staff.audit import Deed, record
from store.tables import accounts, sittings

SHOWN = ("role", "line", "engineer", "language", "zone", "password_once")
"""What the audit log tells of an account."""
_FIELDS = tuple(c for c in accounts.c if c.name in Account.__dataclass_fields__)


class NameTakenError(Exception):
    """Somebody else has this name already."""


class Accounts:
    """Everybody who may sign in. Names are kept in lower case, so that each is one person's."""

    def __init__(self, engine: Engine) -> None:
        """Touches no database yet."""
        self._engine = engine

    def all(self) -> Sequence[Account]:
        """Everybody, by name."""
        with reading(self._engine) as connection:
            found = connection.execute(select(*_FIELDS).order_by(accounts.c.name))
            return [account_of(row) for row in found]

    def named(self, name: str) -> Account | None:
        """The account of this name."""
        wanted = select(*_FIELDS).where(accounts.c.name == folded(name))
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
            return None if row is None else account_of(row)

    def of_subject(self, subject: str) -> Account | None:
        """The account of somebody whom an OpenID provider knows by this."""
        wanted = select(*_FIELDS).where(accounts.c.subject == subject)
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
            return None if row is None else account_of(row)

    def add(self, account: Account, deed: Deed) -> Account:
        """Give somebody a way in; the id is ours to choose. Raises NameTakenError."""
        row = {field.name: getattr(account, field.name) for field in _FIELDS if field.name != "id"}
        row |= {"name": folded(account.name), "made_at": deed.at}
        try:
            with writing(self._engine) as connection:
                made = insert(accounts).values(row).returning(*_FIELDS)
                added = account_of(connection.execute(made).one())
                record(connection, deed.on("account", added.name, after=_had(added)))
        except IntegrityError:
            raise NameTakenError(account.name) from None
        return added

    def change(self, account: Account, deed: Deed, **values: Any) -> Account | None:
        """Change some of an account; None when it is gone. Whoever loses or changes the password
        is signed out everywhere but at ``deed.sitting``."""
        mine = accounts.c.id == account.id
        with writing(self._engine) as connection:
            before = connection.execute(select(*_FIELDS).where(mine).with_for_update()).first()
            if before is None:
                return None
            changed = update(accounts).where(mine).values(values).returning(*_FIELDS)
            after = account_of(connection.execute(changed).one())
            if "password_hash" in values:
                _sign_out(connection, account.id, but=deed.sitting)
            told = (_shown(account_of(before)), _shown(after))
            record(connection, deed.on("account", after.name, *_differing(*told)))
            return after

    def end(self, account: Account, deed: Deed) -> bool:
        """Nobody signs in by this name any more; False when it was gone already."""
        with writing(self._engine) as connection:
            gone = connection.execute(delete(accounts).where(accounts.c.id == account.id)).rowcount
            if gone:
                record(connection, deed.on("account", account.name, before=_had(account)))
            return bool(gone)

    def admins(self) -> int:
        """How many may do everything: the last one is not let go."""
        with reading(self._engine) as connection:
            counted = select(func.count()).where(accounts.c.role == Role.ADMIN)
            return connection.scalar(counted) or 0


def folded(name: str) -> str:
    """A name as it is kept."""
    return name.strip().casefold()


def account_of(row: Row[Any]) -> Account:
    """The account that a row of it tells."""
    values = {field.name: getattr(row, field.name) for field in _FIELDS}
    return Account(**values | {"role": Role(row.role)})


def _sign_out(connection: Connection, account: int, but: str | None) -> None:
    theirs = delete(sittings).where(sittings.c.account == account)
    connection.execute(theirs.where(sittings.c.id != but) if but else theirs)


def _shown(account: Account) -> dict[str, Any]:
    second_step = {"second_step": account.totp_sealed is not None}
    return {name: getattr(account, name) for name in SHOWN} | second_step


def _had(account: Account) -> dict[str, Any]:
    return {name: value for name, value in _shown(account).items() if value}


def _differing(
    before: dict[str, Any], after: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [name for name in before if before[name] != after[name]]
    return {name: before[name] for name in names}, {name: after[name] for name in names}
