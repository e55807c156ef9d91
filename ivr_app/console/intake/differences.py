"""What a change of a contract comes to, field by field: how it is, and how it would be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ivr_app.console import clockface
from ivr_app.console.viewer import language
from ivr_app.console.wardrobe import t
from routing.contract import Contact, Contract, Plan
from routing.names import name_key
from routing.numbers import legible
from store.preview import Change

OF_A_CONTRACT = ("customer", "plan", "since", "until", "premium_incidents")
OF_A_CONTACT = ("phones", "language", "email", "ends", "hears_of_releases")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field; nothing ``before`` in what is new, and neither for a PIN, which is never shown."""

    words: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Differences:
    """Those of a contract, and of each contact by name; ``new`` are the contacts that are added."""

    contract: list[Difference]
    contacts: dict[str, list[Difference]]
    new: frozenset[str]


def differences(change: Change) -> Differences:
    """What differs; of a new contract or contact everything that is said of it."""
    before, after = change.before, change.after
    known = {name_key(one.name): one for one in before.contacts} if before else {}
    people = {
        contact.name: _of_contact(known.get(name_key(contact.name)), contact)
        for contact in after.contacts
        if known.get(name_key(contact.name)) != contact
    }
    new = frozenset(name for name in people if name_key(name) not in known)
    return Differences(_fields("contracts", OF_A_CONTRACT, before, after), people, new)


def _of_contact(before: Contact | None, after: Contact) -> list[Difference]:
    found = _fields("contacts", OF_A_CONTACT, before, after)
    if before is not None and before.pin_hash != after.pin_hash:
        found.append(Difference(t("contacts.field.pin"), None, t("intake.another_pin")))
    return found


def _fields(
    page: str, names: tuple[str, ...], before: Contract | Contact | None, after: Contract | Contact
) -> list[Difference]:
    pairs = ((n, getattr(before, n) if before else None, getattr(after, n)) for n in names)
    return [
        Difference(t(f"{page}.field.{name}"), _told(old) if before else None, _told(new))
        for name, old, new in pairs
        if old != new and (before is not None or new not in (None, False))
    ]


def _told(value: object) -> str:
    if isinstance(value, bool):
        return t("console.yes") if value else t("console.no")
    if isinstance(value, Plan):
        return t(f"contracts.plan.{value.value}")
    if isinstance(value, dt.date):
        return clockface.date(language(), value)
    if isinstance(value, tuple):
        return ", ".join(map(legible, value))
    return "–" if value is None else str(value)
