"""Finds the contract and the contact of a caller. Digits come in, and only the result goes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from routing.call import Call, Entitlement, Identity, Preamble
from routing.contracts import Contact, Contract
from routing.events import Keyed
from routing.line import Line
from routing.names import tidy
from routing.oncall.local_time import wall
from routing.ports import CallRepository, PinVerifier

LONGEST = 32
"""Digits of a contract number or a PIN at most. A longer one cannot be right."""

SLIPS_COUNT_FOR = dt.timedelta(minutes=30)
LONGEST_PAUSE = 8


def read_keys(digits: str | None, length: int | None = None) -> tuple[Keyed, str]:
    """The keyed number: the hash key ends it, the star starts over, 0 and hash goes on without.

    With ``length``, the carrier ends a number after so many keys. If one of them was a star, the
    number is not whole.
    """
    keyed = (digits or "").strip()
    _, star, rest = keyed.rpartition("*")
    meant = rest.partition("#")[0].strip()
    if star and not meant:
        return Keyed.STAR, ""
    if star and len(keyed) == length:
        return Keyed.RESTART, ""
    if not meant and rest:
        return Keyed.HASH, ""
    if not meant:
        return Keyed.NOTHING, ""
    if meant == "0":
        return Keyed.WITHOUT, ""
    if meant.isascii() and meant.isdigit():
        return Keyed.DIGITS, meant
    return Keyed.DIGITS, ""


def read_pin(call: Call, digits: str | None, length: int) -> tuple[Keyed, str]:
    """The keyed PIN. The keys that are left of a number with a star in it may come to the next
    question, and are no wrong PIN."""
    keyed, pin = read_keys(digits, length)
    restarted = call.remark is Preamble.ONE_MOMENT and call.repeats > 0
    if keyed is Keyed.DIGITS and restarted and len(pin) < length:
        return Keyed.STAR, ""
    return keyed, pin


def find_entitlement(contract: Contract, line: Line, now: dt.datetime) -> Entitlement:
    """The entitlement of a contract today. Its last day counts whole, in the line's zone."""
    today = wall(now, line.timezone).date()
    if contract.valid_until is not None and today > contract.valid_until:
        return Entitlement.EXPIRED
    if contract.valid_from is not None and today < contract.valid_from:
        return Entitlement.NOT_BEGUN
    if line.plan(contract.plan).has_priority:
        return Entitlement.ENTITLED
    return Entitlement.STANDARD


def find_contacts(contract: Contract, today: dt.date, phone: str | None) -> list[Contact]:
    """The contacts of a contract today, those who own the caller's number first.

    A contact may be stored in several spellings that look the same, from before names were tidied.
    Only the newest counts: the others have a PIN that was replaced.
    """
    counting = [c for c in contract.contacts if c.ends is None or c.ends >= today]
    names = [tidy(contact.name) for contact in counting]
    newest = dict(zip(names, counting, strict=True))
    known = [
        contact
        for contact, name in zip(counting, names, strict=True)
        if contact.name == newest[name].name
    ]
    return sorted(known, key=lambda contact: phone not in contact.phones)


def select_contract(
    contracts: Sequence[Contract], phone: str | None, today: dt.date
) -> tuple[str | None, str | None]:
    """The one contract that has a contact with this phone, and the language its owners share."""
    owners = {
        (contract.number, contact.language)
        for contract in contracts
        for contact in find_contacts(contract, today, phone)
        if phone in contact.phones
    }
    return _find_only({number for number, _ in owners}), _find_only(
        {tongue for _, tongue in owners}
    )


def _find_only(values: set[str | None]) -> str | None:
    if len(values) != 1:
        return None
    return next(iter(values))


def find_contact_by_pin(
    contract: Contract | None, pin: str, contacts: list[Contact], locksmith: PinVerifier
) -> Contact | None:
    """The contact who has this PIN. A contract that does not exist costs the same time."""
    if contract is None or not 0 < len(pin) <= LONGEST:
        contacts = []
    return locksmith.find(pin[:LONGEST], contacts)


def build_identity(
    contract: Contract, contact: Contact, worth: Entitlement, line: Line
) -> Identity:
    """The identity of a verified caller. A contract that is not valid today has the last plan."""
    plan = line.last_plan
    if worth.in_force:
        plan = line.plan(contract.plan)
    phone = next(iter(contact.phones), None)
    return Identity(contract.number, contract.customer, contact.name, plan.id, phone)


def contract_subject(line: str, contract: str) -> str:
    """The subject against which wrong PINs of this contract count."""
    return f"contract {line} {contract}"


def line_subject(line: str) -> str:
    """The subject against which every wrong PIN of a line counts."""
    return f"line {line}"


def list_subjects(line: str, caller: str | None, suspect: str | None) -> list[str]:
    """The subjects against which a wrong PIN counts for the pause: the caller's number, and the
    contract that was tried. A number without a contract counts likewise, or the pause would tell
    which contracts exist."""
    subjects = [f"caller {line} {caller or 'withheld'}"]
    if suspect is not None:
        subjects.append(suspect)
    return subjects


def find_pause(book: CallRepository, subjects: list[str], now: dt.datetime) -> int:
    """The spoken delay in seconds after one more wrong PIN: 1, 2, 4, then 8."""
    return _pause(_slips(book, subjects, now) + 1)


def find_first_pause(book: CallRepository, subjects: list[str], now: dt.datetime) -> int:
    """The spoken delay in seconds before a call's first PIN, by earlier wrong PINs: none, 1, 2, 4,
    then 8. Without it one guess a call would never be slowed."""
    return _pause(_slips(book, subjects, now))


def _slips(book: CallRepository, subjects: list[str], now: dt.datetime) -> int:
    return max(
        book.unverified_limits.count_failed_pins(subject, now - SLIPS_COUNT_FOR)
        for subject in subjects
    )


def _pause(slips: int) -> int:
    if not slips:
        return 0
    return min(LONGEST_PAUSE, int(2 ** min(slips - 1, 3)))
