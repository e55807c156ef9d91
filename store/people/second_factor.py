"""The second factor: time-based codes of a phone, and recovery codes for when it is lost."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from pyotp.utils import build_uri
from sqlalchemy import Connection, Engine, and_, delete, insert, or_, update

from store.db.engine import writing
from store.people.accounts import Account
from store.people.audit import AuditEntry, record
from store.people.hashing import generate_password
from store.tables.people import accounts, recovery_codes

STEP = 30
"""Seconds that a code is valid; the code before and the code after are accepted too."""
ON_PAPER = 10


class SecondStep:
    """The keys are stored encrypted, so that the database alone does not reveal them."""

    def __init__(self, engine: Engine, secret: str) -> None:
        """``secret`` encrypts the keys; with another secret, no code is right any more."""
        self._engine = engine
        self._secret = secret.encode()
        key = hmac.digest(self._secret, b"second step", hashlib.sha256)
        self._seal = Fernet(base64.urlsafe_b64encode(key))

    def draw(self) -> str:
        """A new encrypted key."""
        return self._seal.encrypt(pyotp.random_base32().encode()).decode()

    def key(self, sealed: str) -> str | None:
        """The key in base32, or None for what this secret did not encrypt."""
        try:
            return self._seal.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def address(self, sealed: str, name: str, line: str) -> str:
        """The address in the QR code."""
        return build_uri(self.key(sealed) or "", name, issuer=line)

    def begin(
        self, account: Account, sealed: str, code: str, entry: AuditEntry
    ) -> Sequence[str] | None:
        """Turn the second factor on; return the recovery codes, which are stored as hashes, or None
        when the code is wrong."""
        step = self._step(sealed, code, entry.at)
        if step is None:
            return None
        codes = [generate_password(10) for _ in range(ON_PAPER)]
        rows = [{"account": account.id, "code_hash": self._hashed(code)} for code in codes]
        with writing(self._engine) as connection:
            _keep(connection, account, sealed, step)
            connection.execute(insert(recovery_codes), rows)
            values = ({"second_step": account.totp_sealed is not None}, {"second_step": True})
            record(connection, entry.on("account", account.name, *values))
        return codes

    def end(self, account: Account, entry: AuditEntry) -> None:
        """Turn the second factor off."""
        with writing(self._engine) as connection:
            _keep(connection, account, None, None)
            values = ({"second_step": True}, {"second_step": False})
            record(connection, entry.on("account", account.name, *values))

    def opens(self, account: Account, code: str, at: dt.datetime) -> bool:
        """True when this is a valid code of the phone or a recovery code; each is accepted once."""
        given = code.strip().lower().replace(" ", "")
        step = self._step(account.totp_sealed or "", given, at)
        with writing(self._engine) as connection:
            if step is not None:
                newer = or_(accounts.c.totp_step.is_(None), accounts.c.totp_step < step)
                mine = and_(accounts.c.id == account.id, newer)
                used = update(accounts).where(mine).values(totp_step=step)
                return connection.execute(used).rowcount == 1
            paper = recovery_codes.c.code_hash == self._hashed(given)
            theirs = delete(recovery_codes).where(recovery_codes.c.account == account.id, paper)
            return connection.execute(theirs).rowcount == 1

    def _step(self, sealed: str, code: str, at: dt.datetime) -> int | None:
        key = self.key(sealed)
        if key is None:
            return None
        now = int(at.timestamp()) // STEP
        codes = pyotp.TOTP(key, interval=STEP)
        fitting = (step for step in (now - 1, now, now + 1) if _same(codes, step, code))
        return max(fitting, default=None)

    def _hashed(self, code: str) -> str:
        return hmac.new(self._secret, f"on paper {code}".encode(), hashlib.sha256).hexdigest()


def _same(codes: pyotp.TOTP, step: int, code: str) -> bool:
    return hmac.compare_digest(codes.generate_otp(step).encode(), code.encode())


def _keep(connection: Connection, account: Account, sealed: str | None, step: int | None) -> None:
    mine = update(accounts).where(accounts.c.id == account.id)
    connection.execute(mine.values(totp_sealed=sealed, totp_step=step))
    old = delete(recovery_codes).where(recovery_codes.c.account == account.id)
    connection.execute(old)
