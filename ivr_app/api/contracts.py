"""Contracts and their contacts: read, and changed by programs. PINs are neither read nor shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    create_model,
)

from ivr_app.api import (
    ApiSection,
    DigitString,
    Id,
    Limit,
    LineQuery,
    OperationAnswer,
    Phone,
    RequestBody,
    ResponseBody,
    conflict,
    current_token,
    find_line,
    not_found,
    read_whole_number,
)
from ivr_app.context import current_call_service, current_services
from routing.contracts import (
    CONTACT_FIELDS,
    CONTRACT_FIELDS,
    MOST_PREMIUM_INCIDENTS,
    Contact,
    Contract,
    ContractChange,
    ContractField,
    ContractOrigin,
    EmailLevel1,
    ValueKind,
    ends_before_it_begins,
    list_defaults,
    list_values,
)
from routing.line import Line
from routing.names import name_key, tidy
from routing.phone_numbers import normalise
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore, StaleError
from store.people.contracts import list_contracts

section = ApiSection("contracts")

# The models have the fields of ``routing.contracts``, with a type for each kind of value.


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
Count = Annotated[int, Field(ge=0, le=MOST_PREMIUM_INCIDENTS), BeforeValidator(read_whole_number)]

VALUE_TYPES: dict[ValueKind, tuple[Any, Any]] = {
    ValueKind.DIGITS: (str, DigitString),
    ValueKind.NAME: (str, Name),
    ValueKind.PLAN: (str, Id),
    ValueKind.DATE: (dt.date, dt.date),
    ValueKind.COUNT: (int, Count),
    ValueKind.PHONES: (list[str], Phones),
    ValueKind.LANGUAGE: (str, Language),
    ValueKind.EMAIL: (str, EmailAddress),
    ValueKind.YES_NO: (bool, bool),
    ValueKind.EMAIL_LEVEL_1: (EmailLevel1, EmailLevel1),
}
"""The type of each kind in a response and in a request. There is none for a PIN."""


def build_response_model(
    name: str, fields: Iterable[ContractField], of: type[Contract | Contact]
) -> type[BaseModel]:
    """A model of these fields without those that are secret."""
    defaults = list_defaults(of)
    answered: dict[str, Any] = {}
    for each in fields:
        if each.secret:
            continue
        kind, _ = VALUE_TYPES[each.kind]
        if defaults.get(each.name, "") is None:
            kind = kind | None
        answered[each.key] = (kind, Field(description=each.about))
    return create_model(name, __base__=ResponseBody, **answered)


def build_request_model(
    name: str, fields: Iterable[ContractField], base: type[RequestBody]
) -> type[RequestBody]:
    """A model of the fields that a program may change; each may be left out."""
    accepted: dict[str, Any] = {}
    for each in fields:
        if each.changeable:
            _, kind = VALUE_TYPES[each.kind]
            accepted[each.key] = (kind | None, Field(None, description=each.about))
    return create_model(name, __base__=base, **accepted)


class ContactBody(build_response_model("ContactFields", CONTACT_FIELDS, Contact)):  # type: ignore[misc]
    """A person who may call on a contract; never the PIN."""


class ContractBody(build_response_model("ContractFields", CONTRACT_FIELDS, Contract)):  # type: ignore[misc]
    """One contract."""

    line: str
    contacts: list[ContactBody]


class ContractList(ResponseBody):
    """A page of contracts, by number."""

    items: list[ContractBody]
    next: str | None = Field(description="Pass it as `after` for the next page; null at the end.")


class ContactUpdate(build_request_model("ContactChanges", CONTACT_FIELDS, RequestBody)):  # type: ignore[misc]
    """Changes of the contact with this name; a field that is left out stays the same."""

    name: Name


class ContractUpdate(build_request_model("ContractChanges", CONTRACT_FIELDS, LineQuery)):  # type: ignore[misc]
    """Changes of a contract; a field that is left out stays the same."""

    contacts: Annotated[list[ContactUpdate], Field(max_length=100)] | None = None


class ContractQuery(LineQuery):
    """A filter and the place of a page."""

    phone: Phone | None = Field(None, description="Of a contact, in E.164.")
    after: DigitString | None = Field(None, description="The `next` of the previous page.")
    limit: Limit = 50


@section.get("/contracts", ContractList, ContractQuery)
def contracts(query: ContractQuery) -> OperationAnswer:
    """List the contracts of a line by number, or those with this phone."""
    line, following = find_line(query.line).id, None
    if query.phone is not None:
        found = current_services().lines.find_contracts_by_phone(line, query.phone)
    else:
        engine = current_services().engine
        found, following = list_contracts(engine, line, query.after, query.limit)
    rows = [contract_row(line, each) for each in found]
    return OperationAnswer({"items": rows, "next": following})


@section.get("/contracts/<number>", ContractBody, LineQuery)
def contract(query: LineQuery, number: str) -> OperationAnswer:
    """Show one contract, by its number."""
    line, found = find_line(query.line).id, None
    if number.isdigit():
        found = current_services().lines.find_contract(line, number)
    if found is None:
        raise not_found("There is no contract with this number.")
    return OperationAnswer(contract_row(line, found))


@section.post("/contracts/<number>", ContractBody, ContractUpdate)
def amend(body: ContractUpdate, number: str) -> OperationAnswer:
    """Change a contract and its contacts; not a contract that line.yaml defines."""
    line = find_line(body.line)
    store = ContractStore(current_services().engine, line.id, ContractOrigin.CONSOLE)
    entry = AuditEntry(
        current_call_service().clock(), current_token().name, "api", "contracts.change"
    )
    while True:
        stored = None
        if number.isdigit():
            stored = store.read(number)
        if stored is None:
            raise not_found("There is no contract with this number.")
        if stored.of_the_file:
            raise conflict(f"Contract {number} is defined in line.yaml.", "of_the_file")
        after = _apply_update(stored.contract, body, line)
        try:
            if after != stored.contract:
                store.put([ContractChange(stored.contract, after)], entry)
        except StaleError:
            continue
        return OperationAnswer(contract_row(line.id, after))


def contract_row(line: str, contract: Contract) -> dict[str, Any]:
    """One contract with all its contacts."""
    contacts = [list_values(CONTACT_FIELDS, contact) for contact in contract.contacts]
    return {"line": line, **list_values(CONTRACT_FIELDS, contract), "contacts": contacts}


def _apply_update(contract: Contract, body: ContractUpdate, line: Line) -> Contract:
    contacts = list(contract.contacts)
    places = {name_key(contact.name): place for place, contact in enumerate(contacts)}
    for each in body.contacts or ():
        place = places.get(name_key(each.name))
        if place is None:
            raise conflict("No contact of this contract has this name.", "no_contact")
        contacts[place] = _apply_contact_update(contacts[place], each, line)
    changes = _read_changes(CONTRACT_FIELDS, body)
    after = replace(contract, **changes, contacts=tuple(contacts))
    known = [plan.id for plan in line.plans]
    if after.plan != contract.plan and after.plan not in known:
        raise conflict(f"The plan must be one of {', '.join(known)}.", "no_plan")
    if ends_before_it_begins(after.valid_from, after.valid_until):
        raise conflict("A contract cannot end before it begins.", "ends_too_early")
    return after


def _apply_contact_update(contact: Contact, body: ContactUpdate, line: Line) -> Contact:
    changes = _read_changes(CONTACT_FIELDS, body)
    if "phones" in changes:
        changes["phones"] = _normalise_phones(changes["phones"], contact, line)
    return replace(contact, **changes)


def _read_changes(
    fields: Iterable[ContractField], body: ContactUpdate | ContractUpdate
) -> dict[str, Any]:
    """The values that were sent, by attribute."""
    sent = {each.name: getattr(body, each.key) for each in fields if each.changeable}
    return {name: value for name, value in sent.items() if value is not None}


def _normalise_phones(phones: Sequence[str], contact: Contact, line: Line) -> tuple[str, ...]:
    known = tuple(normalise(phone, line.country) for phone in phones)
    valid = tuple(phone for phone in known if phone is not None)
    if len(valid) < len(known):
        raise conflict("One of the phones is not a valid phone number.", "no_phone")
    added = [phone for phone in valid if phone not in contact.phones]
    if any(line.why_not_ordinary(phone) is not None for phone in added):
        why = "One of the phones is expensive or foreign: only line.yaml may contain it."
        raise conflict(why, "undialled_phone")
    return valid
