"""Who may use the portal, and the proofs with which they sign in."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from itsdangerous import BadSignature, Signer
from sqlalchemy import Engine

from routing.caller.identify import find_contacts
from routing.contracts import Contact, Contract
from routing.contracts.plans import Door
from routing.line import Line
from routing.names import name_key, plain
from routing.oncall.local_time import wall
from routing.phone_numbers import normalise
from store.people.lines import SqlLineRepository
from store.people.portal_codes import PortalCodes

LINK_PATH = "/portal/sign-in/link"
DIGITS = 8
"""Digits of a code: with five tries a request, nobody guesses one."""


@dataclass(frozen=True, slots=True)
class PortalAccount:
    """A contact of a contract who may use the portal."""

    line: Line
    contract: Contract
    contact: Contact

    @property
    def addresses(self) -> list[str]:
        """The addresses of the contact in one spelling: those to which a code may be sent."""
        return [*self._mail, *self.contact.phones]

    @property
    def ways_in(self) -> list[str]:
        """What can prove the contact: an address, or a mail address that the provider of the
        contract vouches for."""
        vouched = [name_openid(self.contract.openid or "", mail) for mail in self._mail]
        if self.contract.openid is None:
            vouched = []
        return [*self.addresses, *vouched]

    @property
    def _mail(self) -> list[str]:
        if self.contact.email:
            return [self.contact.email.lower()]
        return []


def name_openid(provider: str, email: str) -> str:
    """The proof that this provider gives of this mail address."""
    return f"openid {provider} {email.lower()}"


def spell_address(typed: str, lines: Sequence[Line]) -> list[str]:
    """What somebody typed, in the spelling of ``PortalAccount.addresses``. A national number can
    mean one in the country of each line. Empty for what is neither a mail address nor a phone."""
    text = plain(typed)
    if "@" in text:
        local, _, host = text.rpartition("@")
        if local and "." in host and " " not in text and len(text) <= MOST_SIGNS:
            return [text.lower()]
        return []
    numbers = (normalise(text, line.country) for line in lines)
    return list(dict.fromkeys(number for number in numbers if number is not None))


MOST_SIGNS = 254
"""Characters of a mail address at most (RFC 5321)."""


@dataclass(frozen=True, slots=True)
class PortalProofs:
    """Codes, links and hashes, all derived from SECRET_KEY. Nothing stored opens anything."""

    secret_key: str = field(repr=False)

    def build_code(self, id_: str) -> str:
        """The code of a request."""
        digest = self._digest(f"code {id_}")
        return f"{int.from_bytes(digest[:16]) % 10**DIGITS:0{DIGITS}d}"

    def is_code(self, id_: str, typed: str) -> bool:
        """True for the code of a request, with blanks or dashes in it or not."""
        digits = "".join(sign for sign in plain(typed) if sign not in " -.")
        return hmac.compare_digest(self.build_code(id_).encode(), digits.encode())

    def build_link_token(self, id_: str) -> str:
        """The token of a request in the link of its mail."""
        return self._signer.sign(id_).decode()

    def read_link_token(self, token: str) -> str | None:
        """The id of a request, or None for a token that is not ours."""
        try:
            return self._signer.unsign(token).decode()
        except (BadSignature, UnicodeError):
            return None

    def hash_contact(self, account: PortalAccount) -> str:
        """The name of a contact in addresses and forms, in which no name of a person may be."""
        key = name_key(account.contact.name)
        return self._digest(f"contact {account.line.id}/{account.contract.number}/{key}").hex()[:16]

    def hash_address(self, address: str) -> str:
        """A hash of an address, which nobody turns back by trying all phones."""
        return self._digest(f"address {address}").hex()

    def seal(self, addresses: Sequence[str]) -> str:
        """Addresses, encrypted: whoever types one need not be a customer."""
        return self._cipher.encrypt("\n".join(addresses).encode()).decode()

    def open(self, sealed: str, lifetime: dt.timedelta | None = None) -> list[str]:
        """The addresses; none if another SECRET_KEY encrypted them, or longer ago than this."""
        seconds = None
        if lifetime is not None:
            seconds = int(lifetime.total_seconds())
        try:
            return self._cipher.decrypt(sealed.encode(), ttl=seconds).decode().split("\n")
        except InvalidToken:
            return []

    @property
    def _signer(self) -> Signer:
        return Signer(self.secret_key, salt="portal link", digest_method=hashlib.sha256)

    @property
    def _cipher(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._digest("cipher")))

    def _digest(self, what: str) -> bytes:
        return hmac.digest(self.secret_key.encode(), f"portal {what}".encode(), hashlib.sha256)


@dataclass(frozen=True, slots=True)
class PortalAccess:
    """Who may use the portal, and what proves them. ``public_url`` is the start of a link."""

    engine: Engine
    lines: SqlLineRepository
    proofs: PortalProofs
    public_url: str

    @property
    def codes(self) -> PortalCodes:
        """The requests to sign in."""
        return PortalCodes(self.engine)

    def build_link(self, id_: str) -> str:
        """The link of a request, for its mail."""
        return f"{self.public_url}{LINK_PATH}/{self.proofs.build_link_token(id_)}"

    def find_by_address(self, address: str, now: dt.datetime) -> list[PortalAccount]:
        """The contacts who have this address and may use the portal today, by contract."""
        return [
            account
            for line in self.lines.list_lines()
            for contract in self.find_contracts(line.id, address)
            for account in _list_accounts(line, contract, now)
            if address in account.addresses
        ]

    def find_by_provider(
        self, line: Line, provider: str, email: str, now: dt.datetime
    ) -> list[PortalAccount]:
        """The contacts with this mail address in the contracts that name this provider."""
        return [
            account
            for account in self.find_by_address(email.lower(), now)
            if account.line.id == line.id and account.contract.openid == provider
        ]

    def find_contracts(self, line_id: str, address: str) -> Sequence[Contract]:
        """The contracts of a line of which a contact has this mail address or phone."""
        if "@" in address:
            return self.lines.find_contracts_by_email(line_id, address)
        return self.lines.find_contracts_by_phone(line_id, address)

    def find_by_name(
        self, line_id: str, number: str, key: str, now: dt.datetime
    ) -> PortalAccount | None:
        """The contact with this key of a name, or None for one who may not use the portal today."""
        line = self.lines.find_line(line_id)
        contract = self.lines.find_contract(line_id, number)
        if line is None or contract is None:
            return None
        found = _list_accounts(line, contract, now)
        return next((one for one in found if name_key(one.contact.name) == key), None)


def _list_accounts(line: Line, contract: Contract, now: dt.datetime) -> list[PortalAccount]:
    """The contacts of a contract who may use the portal today: none if its plan has no portal.

    A contract that has ended may still look at its incidents.
    """
    if not line.plan(contract.plan).allows(Door.PORTAL):
        return []
    today = wall(now, line.timezone).date()
    current = find_contacts(contract, today, None)
    return [PortalAccount(line, contract, contact) for contact in current]
