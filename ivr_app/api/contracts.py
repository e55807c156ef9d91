"""Contracts and who may call on them: found by number or telephone. A PIN is never told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from ivr_app.api.auth import program
from ivr_app.api.openapi import ApiSection, OperationAnswer, RequestBody
from ivr_app.api.problems import ProblemError, missing
from ivr_app.api.schemas import (
    ContractBody,
    ContractList,
    Keyed,
    Limit,
    LineQuery,
    Phone,
    counted,
    line_of,
)
from ivr_app.context import board, desk
from routing.contract import Contact, Contract, Plan
from routing.dial_guard import why_not_ordinary
from routing.line import Line
from routing.names import name_key, tidy
from routing.phone_numbers import normalise
from store.log.rows import Row
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore, StaleError
from store.people.contracts import list_contracts
from store.people.import_preview import ContractChange
from store.people.lines import CONSOLE

room = ApiSection("contracts")


class ContractQuery(LineQuery):
    """Which contracts."""

    phone: Phone | None = Field(None, description="Of a contact, in E.164.")
    after: Keyed | None = Field(None, description="The `next` of the answer before.")
    limit: Limit = 50


@room.get("/contracts", ContractList, ContractQuery)
def contracts(asked: ContractQuery) -> OperationAnswer:
    """The contracts of a line by number, or those of a telephone."""
    line = line_of(asked.line).id
    if asked.phone is not None:
        found = board().people.contracts_of_phone(line, asked.phone)
        return OperationAnswer(
            {"items": [contract_row(line, each) for each in found], "next": None}
        )
    page, following = list_contracts(board().engine, line, asked.after, asked.limit)
    return OperationAnswer(
        {"items": [contract_row(line, each) for each in page], "next": following}
    )


@room.get("/contracts/<number>", ContractBody, LineQuery)
def contract(asked: LineQuery, number: str) -> OperationAnswer:
    """One contract, by its number."""
    line = line_of(asked.line).id
    found = board().people.contract(line, number) if number.isdigit() else None
    if found is None:
        raise missing("There is no contract of this number.")
    return OperationAnswer(contract_row(line, found))


def contract_row(line: str, contract: Contract) -> Row:
    """One contract with everybody who may call on it."""
    return {
        "contract": contract.number,
        "line": line,
        "customer": contract.customer,
        "plan": contract.plan,
        "valid_from": contract.since.isoformat() if contract.since else None,
        "valid_until": contract.until.isoformat() if contract.until else None,
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


_UNSEEN = r"\u0000-\u001f\u007f-\u009f\ufeff"
"""Named one by one, as dialects differ about which of them are spaces."""

_NAME = rf"^[^\s{_UNSEEN}]([^{_UNSEEN}]*[^\s{_UNSEEN}])?$"
Name = Annotated[str, StringConstraints(pattern=_NAME, max_length=200), AfterValidator(tidy)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
_PART = rf"[^@\s.{_UNSEEN}]+"
Mail = Annotated[str, StringConstraints(pattern=rf"^[^@\s{_UNSEEN}]+@{_PART}(\.{_PART})+$")]
Phones = Annotated[list[Phone], Field(min_length=1, max_length=20)]
Bundle = Annotated[int, Field(ge=0, le=100_000), BeforeValidator(counted)]


class ContactUpdate(RequestBody):
    """What changes of a contact, who is known by name; a field that is left out stays."""

    name: Name
    phones: Phones | None = Field(None, description="In E.164; the first is called back.")
    language: Language | None = None
    email: Mail | None = None
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


@room.post("/contracts/<number>", ContractBody, ContractUpdate)
def amend(said: ContractUpdate, number: str) -> OperationAnswer:
    """Change a contract and contacts of it, but for those that stand in the file of the line."""
    line = line_of(said.line)
    register = ContractStore(board().engine, line.id, CONSOLE)
    deed = AuditEntry(desk().clock(), program().name, "api", "contracts.change")
    while True:
        kept = register.read(number) if number.isdigit() else None
        if kept is None:
            raise missing("There is no contract of this number.")
        if kept.of_the_file:
            raise _refused(f"Contract {number} stands in the file of the line.", "of_the_file")
        after = _amended(kept.contract, said, line)
        try:
            if after != kept.contract:
                register.put([ContractChange(kept.contract, after)], deed)
        except StaleError:
            continue
        return OperationAnswer(contract_row(line.id, after))


def _amended(contract: Contract, said: ContractUpdate, line: Line) -> Contract:
    named = said.model_dump(include={"customer", "plan", "premium_incidents"})
    named |= {"since": said.valid_from, "until": said.valid_until}
    people = list(contract.contacts)
    places = {name_key(contact.name): place for place, contact in enumerate(people)}
    for each in said.contacts or ():
        place = places.get(name_key(each.name))
        if place is None:
            raise _refused("No contact of this contract has this name.", "no_contact")
        people[place] = _amended_contact(people[place], each, line)
    after = replace(contract, **_given(named), contacts=tuple(people))
    if after.since and after.until and after.until < after.since:
        raise _refused("A contract cannot end before it begins.", "ends_too_early")
    return after


def _amended_contact(contact: Contact, said: ContactUpdate, line: Line) -> Contact:
    phones = tuple(normalise(phone, line.country) for phone in said.phones or ())
    if None in phones:
        raise _refused("One of the phones is no valid telephone number.", "no_phone")
    added = [phone for phone in phones if phone is not None and phone not in contact.phones]
    if any(why_not_ordinary(line, phone) is not None for phone in added):
        why = "One of the phones is not dialled: only the file of the line may have it."
        raise _refused(why, "undialled_phone")
    told = said.model_dump(exclude={"name"}) | {"phones": phones or None}
    return replace(contact, **_given(told))


def _given(named: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if value is not None}


def _refused(why: str, code: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, why, code)
