"""From a number and a PIN to a contract and a contact; digits come in and only verdicts go out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from routing.call import Entitlement, Identity
from routing.contracts import Contact, Contract, Plan
from routing.events import Keyed
from routing.names import tidy
from routing.oncall.local_time import wall
from routing.ports import CallRepository, PinVerifier

LONGEST = 32
"""No contract number or PIN has more digits; more is nonsense and cannot be right."""

SLIPS_COUNT_FOR = dt.timedelta(minutes=30)
LONGEST_PAUSE = 8


def read_keys(digits: str | None) -> tuple[Keyed, str]:
    """What was meant: the hash key ends, the star starts over, 0 and hash goes on without."""
    meant = (digits or "").rsplit("*", 1)[-1].partition("#")[0].strip()
    if not meant:
        return Keyed.NOTHING, ""
    if meant == "0":
        return Keyed.WITHOUT, ""
    return Keyed.DIGITS, meant if meant.isascii() and meant.isdigit() else ""


def standing(contract: Contract, now: dt.datetime, timezone: str) -> Entitlement:
    """What the contract is worth today; its last day counts whole, in the line's zone."""
    today = wall(now, timezone).date()
    if contract.valid_until is not None and today > contract.valid_until:
        return Entitlement.EXPIRED
    if contract.valid_from is not None and today < contract.valid_from:
        return Entitlement.NOT_BEGUN
    return Entitlement.ENTITLED if contract.plan is Plan.MSA_PLUS else Entitlement.STANDARD


def contacts_now(contract: Contract, today: dt.date, phone: str | None) -> list[Contact]:
    """The contacts who still count, those who own the caller's number first. Of one who was kept
    in spellings that nobody can tell apart, before names were tidied, the newest counts alone: the
    others have a PIN that was replaced."""
    counting = [c for c in contract.contacts if c.ends is None or c.ends >= today]
    newest = {tidy(contact.name): contact.name for contact in counting}
    known = [contact for contact in counting if contact.name == newest[tidy(contact.name)]]
    return sorted(known, key=lambda contact: phone not in contact.phones)


def selected_by(
    contracts: Sequence[Contract], phone: str | None, today: dt.date
) -> tuple[str | None, str | None]:
    """The one contract that has a contact with this phone, and the language its owners share."""
    owners = {
        (contract.number, contact.language)
        for contract in contracts
        for contact in contacts_now(contract, today, phone)
        if phone in contact.phones
    }
    numbers, languages = {number for number, _ in owners}, {language for _, language in owners}
    selected = numbers.pop() if len(numbers) == 1 else None
    return selected, languages.pop() if len(languages) == 1 else None


def prove(
    contract: Contract | None, pin: str, contacts: list[Contact], locksmith: PinVerifier
) -> Contact | None:
    """The contact whose PIN this is; a contract that does not exist costs the same time."""
    sound = contract is not None and 0 < len(pin) <= LONGEST
    return locksmith.find(pin[:LONGEST], contacts if sound else ())


def identity(contract: Contract, contact: Contact, worth: Entitlement) -> Identity:
    """What the call knows of a proved caller; who is not entitled today is of plan standard."""
    phone = contact.phones[0] if contact.phones else None
    plan = contract.plan if worth is Entitlement.ENTITLED else Plan.STANDARD
    return Identity(contract.number, contract.customer, contact.name, plan.value, phone)


def of_contract(line: str, contract: str) -> str:
    """What wrong PINs of this contract count against."""
    return f"contract {line} {contract}"


def of_line(line: str) -> str:
    """What every wrong PIN of a line counts against."""
    return f"line {line}"


def slip_subjects(line: str, caller: str | None, suspect: str | None) -> list[str]:
    """Against whom a wrong PIN counts for the pause: the caller's number, and the contract that was
    tried. A number that is no contract's counts likewise, or the pause would tell which exist."""
    named = [suspect] if suspect is not None else []
    return [f"caller {line} {caller or 'withheld'}", *named]


def slip_pause(book: CallRepository, subjects: list[str], now: dt.datetime) -> int:
    """The spoken delay in seconds after one more wrong PIN: 1, 2, 4, then 8."""
    return _pause(_slips(book, subjects, now) + 1)


def earned_pause(book: CallRepository, subjects: list[str], now: dt.datetime) -> int:
    """The spoken delay in seconds before a call's first PIN, for the wrong ones of before: none, 1,
    2, 4, then 8. Without it one guess a call would never be slowed."""
    return _pause(_slips(book, subjects, now))


def _slips(book: CallRepository, subjects: list[str], now: dt.datetime) -> int:
    return max(
        book.unverified_limits.count_failed_pins(subject, now - SLIPS_COUNT_FOR)
        for subject in subjects
    )


def _pause(slips: int) -> int:
    return min(LONGEST_PAUSE, int(2 ** min(slips - 1, 3))) if slips else 0
