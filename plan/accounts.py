"""Contracts and the people who may call on them; their PINs are hashed on the way in."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from plan import times, words
from plan.answers import yes_or_no
from plan.forms import distinct, fields, many, note_repeats, one_or_many, record, some
from plan.reading import Reader, Reading, Wrong, then, word
from plan.sheet import Entry, Fields
from routing.contract import Contact, Contract, Plan

T = TypeVar("T")
Validity = tuple[dt.date | None, dt.date | None]

SAME_PIN = "is also another contact's of this contract; each needs one of their own"
_NOT_HASHED = ""


def _pin(entry: Entry, reading: Reading) -> str:
    """The hash of a PIN; once anything in the file is wrong, no work goes into hashing."""
    digits, length = word(entry, reading), reading.terms.pin_length
    if not (digits.isascii() and digits.isdigit() and len(digits) == length):
        raise Wrong(f"must be {length} digits")
    if reading.findings:
        return _NOT_HASHED
    return reading.terms.hasher(digits, "\n".join(reading.terms.owner))


def _owned_by(field: str, reader: Reader[T]) -> Reader[T]:
    """What is read inside belongs to whomever this field names."""

    def read(entry: Entry, reading: Reading) -> T:
        name = entry.tidied(field) if isinstance(entry, Fields) else ""
        return reader(entry, reading.inside(owner=(*reading.terms.owner, name)))

    return read


def _either(found: dict[str, Any], one: str, other: str) -> Any:
    if (one in found) == (other in found):
        raise Wrong(f"must have either {one} or {other}")
    return found.pop(one if one in found else other)


def _contact(found: dict[str, Any]) -> Contact:
    pin_hash = _either(found, "pin", "pin_hash")
    return Contact(phones=_either(found, "phone", "phones"), pin_hash=pin_hash, **found)


def _validity(from_: dt.date | None = None, until: dt.date | None = None) -> Validity:
    if from_ and until and until < from_:
        raise Wrong("must not end before it begins")
    return from_, until


def _contract(found: dict[str, Any]) -> Contract:
    since, until = found.pop("valid", (None, None))
    return Contract(number=found.pop("contract"), since=since, until=until, **found)


def _contact_reader(**more: Reader[Any]) -> Reader[Contact]:
    return then(
        fields(
            frozenset({"name"}),
            name=words.name,
            phone=then(words.contact_phone, lambda number: (number,)),
            phones=some(one_or_many(words.contact_phone)),
            pin=_pin,
            pin_hash=words.fitting(r"\S{8,512}", "the hash that was made of a PIN"),
            language=words.language,
            email=words.email,
            hears_of_releases=yes_or_no,
            **more,
        ),
        _contact,
    )


def _contract_reader(contacts: Reader[tuple[Contact, ...]]) -> Reader[Contract]:
    about = then(
        fields(
            frozenset({"contract", "customer", "plan"}),
            contract=words.keyed,
            customer=words.name,
            plan=words.choice(Plan),
            valid=record(_validity, from_=times.date, until=times.date),
            premium_incidents=words.whole(0, 100_000),
            contacts=contacts,
        ),
        _contract,
    )
    return _owned_by("contract", about)


def _contacts(entry: Entry, reading: Reading) -> tuple[Contact, ...]:
    note_repeats(entry, "pin", SAME_PIN, reading)
    return _people(entry, reading)


_people = many(_contact_reader())
contracts = distinct("contract", _contract_reader(_contacts))
row = _contract_reader(many(_contact_reader(ends=times.date)))
"""One row of ``contracts.csv``: a contract with one contact, who may have an end."""
