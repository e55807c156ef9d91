"""Contracts and who may call on them: found by number or telephone. A PIN is never told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, create_model

from ivr_app.api.auth import current_token
from ivr_app.api.openapi import ApiSection, OperationAnswer, RequestBody
from ivr_app.api.problems import ProblemError, not_found
from ivr_app.api.schemas import (
    ContractBody,
    ContractList,
    DigitString,
    Limit,
    LineQuery,
    Phone,
    find_line,
    reject_boolean,
)
from ivr_app.context import current_call_service, current_services
from routing.contracts import (
    CONTACT_FIELDS,
    CONTRACT_FIELDS,
    MOST_PREMIUM_INCIDENTS,
    Contact,
    Contract,
    ContractField,
    Plan,
    ValueKind,
    ends_before_it_begins,
    list_values,
)
from routing.line import Line
from routing.names import name_key, tidy
from routing.phone_numbers import normalise
from store.log.rows import Row
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore, StaleError
from store.people.contracts import list_contracts
from store.people.import_preview import ContractChange
from store.people.lines import CONSOLE

section = ApiSection("contracts")


class ContractQuery(LineQuery):
    """Which contracts."""

    phone: Phone | None = Field(None, description="Of a contact, in E.164.")
    after: DigitString | None = Field(None, description="The `next` of the answer before.")
    limit: Limit = 50


@section.get("/contracts", ContractList, ContractQuery)
def contracts(asked: ContractQuery) -> OperationAnswer:
    """The contracts of a line by number, or those of a telephone."""
    line = find_line(asked.line).id
    if asked.phone is not None:
        found = current_services().lines.contracts_of_phone(line, asked.phone)
        return OperationAnswer(
            {"items": [contract_row(line, each) for each in found], "next": None}
        )
    page, following = list_contracts(current_services().engine, line, asked.after, asked.limit)
    return OperationAnswer(
        {"items": [contract_row(line, each) for each in page], "next": following}
    )


@section.get("/contracts/<number>", ContractBody, LineQuery)
def contract(asked: LineQuery, number: str) -> OperationAnswer:
    """One contract, by its number."""
    line = find_line(asked.line).id
    found = current_services().lines.contract(line, number) if number.isdigit() else None
    if found is None:
        raise not_found("There is no contract of this number.")
    return OperationAnswer(contract_row(line, found))


def contract_row(line: str, contract: Contract) -> Row:
    """One contract with all its contacts."""
    contacts = [list_values(CONTACT_FIELDS, contact) for contact in contract.contacts]
    return {"line": line, **list_values(CONTRACT_FIELDS, contract), "contacts": contacts}


# A program changes the fields that it names; all others stay. PINs are neither read nor shown. A
# new contact is added in the console, where their PIN is shown once.


_INVISIBLE = r"\u0000-\u001f\u007f-\u009f\ufeff"
"""Named one by one, because dialects of regular expressions differ about which are spaces."""

_NAME = rf"^[^\s{_INVISIBLE}]([^{_INVISIBLE}]*[^\s{_INVISIBLE}])?$"
Name = Annotated[str, StringConstraints(pattern=_NAME, max_length=200), AfterValidator(tidy)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
_PART = rf"[^@\s.{_INVISIBLE}]+"
EmailAddress = Annotated[
    str, StringConstraints(pattern=rf"^[^@\s{_INVISIBLE}]+@{_PART}(\.{_PART})+$")
]
Phones = Annotated[list[Phone], Field(min_length=1, max_length=20)]
Count = Annotated[int, Field(ge=0, le=MOST_PREMIUM_INCIDENTS), BeforeValidator(reject_boolean)]


_ACCEPTED: dict[ValueKind, Any] = {
    ValueKind.DIGITS: DigitString,
    ValueKind.NAME: Name,
    ValueKind.PLAN: Plan,
    ValueKind.DATE: dt.date,
    ValueKind.COUNT: Count,
    ValueKind.PHONES: Phones,
    ValueKind.LANGUAGE: Language,
    ValueKind.EMAIL: EmailAddress,
    ValueKind.YES_NO: bool,
}


def build_update(
    name: str, fields: Iterable[ContractField], base: type[RequestBody]
) -> type[RequestBody]:
    """A model of the fields that a program may change; each may be left out."""
    accepted: dict[str, Any] = {
        each.key: (_ACCEPTED[each.kind] | None, Field(None, description=each.about))
        for each in fields
        if each.changeable
    }
    return create_model(name, __base__=base, **accepted)


class ContactUpdate(build_update("ContactChanges", CONTACT_FIELDS, RequestBody)):  # type: ignore[misc]
    """Changes of the contact with this name; a field that is left out stays the same."""

    name: Name


class ContractUpdate(build_update("ContractChanges", CONTRACT_FIELDS, LineQuery)):  # type: ignore[misc]
    """Changes of a contract; a field that is left out stays the same."""

    contacts: Annotated[list[ContactUpdate], Field(max_length=100)] | None = None


@section.post("/contracts/<number>", ContractBody, ContractUpdate)
def amend(said: ContractUpdate, number: str) -> OperationAnswer:
    """Change a contract and contacts of it, but for those that stand in the file of the line."""
    line = find_line(said.line)
    register = ContractStore(current_services().engine, line.id, CONSOLE)
    deed = AuditEntry(
        current_call_service().clock(), current_token().name, "api", "contracts.change"
    )
    while True:
        kept = register.read(number) if number.isdigit() else None
        if kept is None:
            raise not_found("There is no contract of this number.")
        if kept.of_the_file:
            raise _conflict(f"Contract {number} stands in the file of the line.", "of_the_file")
        after = _apply_update(kept.contract, said, line)
        try:
            if after != kept.contract:
                register.put([ContractChange(kept.contract, after)], deed)
        except StaleError:
            continue
        return OperationAnswer(contract_row(line.id, after))


def _apply_update(contract: Contract, said: ContractUpdate, line: Line) -> Contract:
    contacts = list(contract.contacts)
    places = {name_key(contact.name): place for place, contact in enumerate(contacts)}
    for each in said.contacts or ():
        place = places.get(name_key(each.name))
        if place is None:
            raise _conflict("No contact of this contract has this name.", "no_contact")
        contacts[place] = _apply_contact_update(contacts[place], each, line)
    changes = _read_changes(CONTRACT_FIELDS, said)
    after = replace(contract, **changes, contacts=tuple(contacts))
    if ends_before_it_begins(after.valid_from, after.valid_until):
        raise _conflict("A contract cannot end before it begins.", "ends_too_early")
    return after


def _apply_contact_update(contact: Contact, said: ContactUpdate, line: Line) -> Contact:
    changes = _read_changes(CONTACT_FIELDS, said)
    if "phones" in changes:
        changes["phones"] = _normalise_phones(changes["phones"], contact, line)
    return replace(contact, **changes)


def _read_changes(
    fields: Iterable[ContractField], said: ContactUpdate | ContractUpdate
) -> dict[str, Any]:
    """The values that were sent, by attribute."""
    sent = {each.name: getattr(said, each.key) for each in fields if each.changeable}
    return {name: value for name, value in sent.items() if value is not None}


def _normalise_phones(phones: Sequence[str], contact: Contact, line: Line) -> tuple[str, ...]:
    known = tuple(normalise(phone, line.country) for phone in phones)
    valid = tuple(phone for phone in known if phone is not None)
    if len(valid) < len(known):
        raise _conflict("One of the phones is not a valid phone number.", "no_phone")
    added = [phone for phone in valid if phone not in contact.phones]
    if any(line.why_not_ordinary(phone) is not None for phone in added):
        why = "One of the phones is expensive or foreign: only line.yaml may contain it."
        raise _conflict(why, "undialled_phone")
    return valid


def _conflict(why: str, code: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, why, code)
