"""Contracts and who may call on them: found by number or telephone. A PIN is never told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

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
from routing.contracts import Contact, Contract, Plan
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
        found = current_services().people.contracts_of_phone(line, asked.phone)
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
    found = current_services().people.contract(line, number) if number.isdigit() else None
    if found is None:
        raise not_found("There is no contract of this number.")
    return OperationAnswer(contract_row(line, found))


def contract_row(line: str, contract: Contract) -> Row:
    """One contract with everybody who may call on it."""
    return {
        "contract": contract.number,
        "line": line,
        "customer": contract.customer,
        "plan": contract.plan,
        "valid_from": contract.valid_from.isoformat() if contract.valid_from else None,
        "valid_until": contract.valid_until.isoformat() if contract.valid_until else None,
        "premium_incidents": contract.premium_incidents,
        "contacts": [_contact_row(contact) for contact in contract.contacts],
    }


def _contact_row(contact: Contact) -> Row:
    return {
        "name": contact.name,
        "phones": list(contact.phones),
        "language": contact.language,
        "email": contact.email,
        "ends": contact.ends.isoformat() if contact.ends else None,
        "hears_of_releases": contact.hears_of_releases,
    }


# A contract is changed by a program: what it names changes, all else stays. A PIN is neither
# taken nor told; whoever may call anew is added where a PIN is shown once.


_INVISIBLE = r"\u0000-\u001f\u007f-\u009f\ufeff"
"""Named one by one, as dialects differ about which of them are spaces."""

_NAME = rf"^[^\s{_INVISIBLE}]([^{_INVISIBLE}]*[^\s{_INVISIBLE}])?$"
Name = Annotated[str, StringConstraints(pattern=_NAME, max_length=200), AfterValidator(tidy)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
_PART = rf"[^@\s.{_INVISIBLE}]+"
EmailAddress = Annotated[
    str, StringConstraints(pattern=rf"^[^@\s{_INVISIBLE}]+@{_PART}(\.{_PART})+$")
]
Phones = Annotated[list[Phone], Field(min_length=1, max_length=20)]
Bundle = Annotated[int, Field(ge=0, le=100_000), BeforeValidator(reject_boolean)]


class ContactUpdate(RequestBody):
    """What changes of a contact, who is known by name; a field that is left out stays."""

    name: Name
    phones: Phones | None = Field(None, description="In E.164; the first is called back.")
    language: Language | None = None
    email: EmailAddress | None = None
    ends: dt.date | None = Field(None, description="The last day on which they may call.")
    hears_of_releases: bool | None = None


class ContractUpdate(LineQuery):
    """What changes of a contract; a field that is left out stays."""

    customer: Name | None = None
    plan: Plan | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = Field(None, description="The last day; it may be in the past.")
    premium_incidents: Bundle | None = None
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
    named = said.model_dump(include={"customer", "plan", "premium_incidents"})
    named |= {"valid_from": said.valid_from, "valid_until": said.valid_until}
    people = list(contract.contacts)
    places = {name_key(contact.name): place for place, contact in enumerate(people)}
    for each in said.contacts or ():
        place = places.get(name_key(each.name))
        if place is None:
            raise _conflict("No contact of this contract has this name.", "no_contact")
        people[place] = _apply_contact_update(people[place], each, line)
    after = replace(contract, **_drop_missing(named), contacts=tuple(people))
    if after.valid_from and after.valid_until and after.valid_until < after.valid_from:
        raise _conflict("A contract cannot end before it begins.", "ends_too_early")
    return after


def _apply_contact_update(contact: Contact, said: ContactUpdate, line: Line) -> Contact:
    phones = tuple(normalise(phone, line.country) for phone in said.phones or ())
    if None in phones:
        raise _conflict("One of the phones is not a valid phone number.", "no_phone")
    added = [phone for phone in phones if phone is not None and phone not in contact.phones]
    if any(line.why_not_ordinary(phone) is not None for phone in added):
        why = "One of the phones is expensive or foreign: only line.yaml may contain it."
        raise _conflict(why, "undialled_phone")
    told = said.model_dump(exclude={"name"}) | {"phones": phones or None}
    return replace(contact, **_drop_missing(told))


def _drop_missing(named: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if value is not None}


def _conflict(why: str, code: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, why, code)
