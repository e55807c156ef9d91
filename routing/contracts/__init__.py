"""A premium support contract and the people who may call on it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who may call: the phone selects the contract, the PIN selects the contact.

    ``phones`` are in E.164. ``ends`` is the last day on which the contact may call.
    """

    name: str
    phones: tuple[str, ...]
    pin_hash: str
    language: str | None = None
    email: str | None = None
    ends: dt.date | None = None
    hears_of_releases: bool = False  # gets a message when virus recognition is updated
    admin: bool = False  # adds and ends contacts of the contract in the portal


class EmailLevel1(StrEnum):
    """What a mail about level 1 does: it rings people, or its answer says to call the line."""

    PAGE = "page"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract. ``plan`` is the id of a plan of the line, and ``premium_incidents`` is None for
    as many as the plan includes. ``valid_until`` is its last day in the line's zone; None means no
    end."""

    number: str
    customer: str
    plan: str
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    premium_incidents: int | None = None
    contacts: tuple[Contact, ...] = ()
    openid: str | None = None  # the provider with which its contacts may sign in to the portal
    email_level_1: EmailLevel1 = EmailLevel1.ANSWER


class ContractOrigin(StrEnum):
    """Where a contract was added. Only line.yaml changes a contract of the file; a contract of a
    drill exists only while the drill runs."""

    FILE = "file"
    IMPORT = "import"
    CONSOLE = "console"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class ContractChange:
    """A contract as it is stored, if it is, and as it is to become."""

    before: Contract | None
    after: Contract

    @property
    def kind(self) -> str:
        """The result: added, changed or unchanged."""
        if self.before is None:
            return "added"
        if self.before == self.after:
            return "unchanged"
        return "changed"


# The fields of a contract and of a contact, each listed once. API, contracts.csv, line.yaml,
# console, audit log and import preview derive from these two tables.


class ValueKind(StrEnum):
    """How a value is written. Each view knows how to read and show a value of each kind."""

    DIGITS = "digits"
    NAME = "name"
    PLAN = "plan"
    DATE = "date"
    COUNT = "count"
    PHONES = "phones"
    LANGUAGE = "language"
    EMAIL = "email"
    YES_NO = "yes_no"
    EMAIL_LEVEL_1 = "email_level_1"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class ContractField:
    """One field of a contract or of a contact.

    ``name`` is the attribute and the database column. ``outside`` is the name in the API and in
    line.yaml where it differs, ``in_csv`` the column of contracts.csv where it differs from that.
    ``about`` is the description in the documentation of the API.
    """

    name: str
    kind: ValueKind
    outside: str = ""
    in_csv: str = ""
    about: str | None = None
    required: bool = False  # never empty
    identity: bool = False  # says which contract or contact it is; a program cannot change it
    personal: bool = False  # the audit log says that it changed, and not from what to what
    in_every_csv: bool = False  # a contracts.csv without this column is refused
    in_line_file: bool = True

    @property
    def key(self) -> str:
        """The name in the API and in line.yaml."""
        return self.outside or self.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of contracts.csv: a PIN may be written as its hash instead."""
        column = self.in_csv or self.key
        if self.secret:
            return (column, self.name)
        return (column,)

    @property
    def secret(self) -> bool:
        """True if no view shows the value."""
        return self.kind is ValueKind.PIN

    @property
    def changeable(self) -> bool:
        """True if a program may change the value through the API."""
        return not (self.identity or self.secret)


CONTRACT_FIELDS: tuple[ContractField, ...] = (
    ContractField(
        "number", ValueKind.DIGITS, "contract", required=True, identity=True, in_every_csv=True
    ),
    ContractField("customer", ValueKind.NAME, required=True, personal=True, in_every_csv=True),
    ContractField("plan", ValueKind.PLAN, required=True, in_every_csv=True),
    ContractField("valid_from", ValueKind.DATE, in_every_csv=True, about="The first day."),
    ContractField(
        "valid_until",
        ValueKind.DATE,
        in_every_csv=True,
        about="The last day; it may be in the past.",
    ),
    ContractField(
        "premium_incidents",
        ValueKind.COUNT,
        in_every_csv=True,
        about="In each year; null for as many as the plan includes.",
    ),
    ContractField(
        "openid",
        ValueKind.NAME,
        about="The id of a provider of line.yaml, with which contacts may sign in to the portal.",
    ),
    ContractField(
        "email_level_1",
        ValueKind.EMAIL_LEVEL_1,
        about="What a mail about level 1 does: page rings people, answer says to call the line.",
    ),
)

CONTACT_FIELDS: tuple[ContractField, ...] = (
    ContractField(
        "name",
        ValueKind.NAME,
        in_csv="contact",
        required=True,
        identity=True,
        personal=True,
        in_every_csv=True,
    ),
    ContractField(
        "phones",
        ValueKind.PHONES,
        in_csv="phone",
        required=True,
        personal=True,
        in_every_csv=True,
        about="In E.164; the first is called back.",
    ),
    ContractField("pin_hash", ValueKind.PIN, "pin", personal=True),
    ContractField("language", ValueKind.LANGUAGE, personal=True, in_every_csv=True),
    ContractField("email", ValueKind.EMAIL, personal=True),
    ContractField(
        "ends",
        ValueKind.DATE,
        personal=True,
        in_line_file=False,
        about="The last day on which they may call.",
    ),
    ContractField("hears_of_releases", ValueKind.YES_NO, personal=True),
    ContractField(
        "admin",
        ValueKind.YES_NO,
        personal=True,
        about="Adds and ends contacts of the contract in the portal.",
    ),
)

MOST_PREMIUM_INCIDENTS = 100_000


def find_changed_fields(
    fields: Iterable[ContractField], before: Contract | Contact, after: Contract | Contact
) -> list[ContractField]:
    """The fields in which the two differ."""
    return [one for one in fields if getattr(before, one.name) != getattr(after, one.name)]


def list_values(fields: Iterable[ContractField], of: Contract | Contact) -> dict[str, Any]:
    """The values as JSON has them, by the names that programs know; nothing of a secret."""
    return {one.key: _to_json(getattr(of, one.name)) for one in fields if not one.secret}


def list_defaults(of: type[Contract | Contact]) -> dict[str, Any]:
    """The default of each field that has one, by attribute."""
    known = dataclasses.fields(of)
    return {one.name: one.default for one in known if one.default is not dataclasses.MISSING}


def ends_before_it_begins(valid_from: dt.date | None, valid_until: dt.date | None) -> bool:
    """True for days that no contract can have."""
    return bool(valid_from and valid_until and valid_until < valid_from)


def _to_json(value: object) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value


FEW = 3
"""The caller hears how many premium incidents are left from this number on."""


@dataclass(frozen=True, slots=True)
class PremiumUse:
    """When an incident was counted, the first day of its contract year, and its place in that year.
    No two incidents of a contract have the same place in a year."""

    at: dt.datetime
    year: dt.date
    place: int


@dataclass(frozen=True, slots=True)
class PremiumBundle:
    """The premium incidents of one contract year: how many were sold (None without a limit), how
    many count, and how many places were given (an incident that was set to standard keeps its
    place)."""

    year: dt.date
    sold: int | None
    used: int = 0
    places: int = 0

    @property
    def left(self) -> int | None:
        """How many are left; None without a limit."""
        if self.sold is None:
            return None
        return max(0, self.sold - self.used)

    @property
    def over(self) -> int:
        """How many were used beyond those sold."""
        if self.sold is None:
            return 0
        return max(0, self.used - self.sold)


def contract_year(start: dt.date | None, day: dt.date) -> dt.date:
    """The first day of the contract year of this day. A contract without a start day runs by
    calendar years. One that starts on 29 February runs from 1 March in common years."""
    if start is None:
        return day.replace(month=1, day=1)
    this_year = _anniversary(start, day.year)
    if this_year <= day:
        return this_year
    return _anniversary(start, day.year - 1)


def _anniversary(start: dt.date, year: int) -> dt.date:
    if (start.month, start.day) == (2, 29) and not _leap(year):
        return dt.date(year, 3, 1)
    return start.replace(year=year)


def _leap(year: int) -> bool:
    return dt.date(year, 3, 1) - dt.date(year, 2, 1) == dt.timedelta(days=29)


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """An OpenID provider of a customer, with which contacts sign in to the portal. A contract names
    it by ``id``. ``client_secret`` names the environment variable with the secret. A mail address
    counts only if the provider says that it is verified, unless ``unverified_emails``."""

    id: str
    issuer: str
    client_id: str
    client_secret: str
    unverified_emails: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseSubscriber:
    """A contact who gets a message when virus recognition is updated. Subscribers are read in the
    order of ``id``."""

    id: int
    contract: str
    contact: Contact


def is_valid(contract: Contract, today: dt.date) -> bool:
    """True on the days of a contract, its first and last included."""
    begun = contract.valid_from is None or contract.valid_from <= today
    return begun and (contract.valid_until is None or contract.valid_until >= today)


def has_email(contact: Contact, email: str) -> bool:
    """True if this is the mail address of the contact, in capitals or not."""
    return contact.email is not None and contact.email.lower() == email.lower()
