"""Contracts and their contacts: read, added and changed by programs. No PIN is read; a new one is
in the response to the request that drew it, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

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
    require_match,
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
from service.contract_import import replace_pin
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


def build_patch_model(
    name: str, fields: Iterable[ContractField], of: type[Contract | Contact]
) -> type[RequestBody]:
    """A merge patch of these fields: each may be left out, and is null where it has a default."""
    defaults, accepted = list_defaults(of), dict[str, Any]()
    for each in fields:
        if each.changeable:
            _, kind = VALUE_TYPES[each.kind]
            if each.name in defaults:
                kind = kind | None
            accepted[each.key] = (kind, Field(default_factory=lambda: None, description=each.about))
    return create_model(name, __base__=RequestBody, **accepted)


class ContractPatch(build_patch_model("ContractPatchFields", CONTRACT_FIELDS, Contract)):  # type: ignore[misc]
    """A merge patch of a contract."""


class ContactPatch(build_patch_model("ContactPatchFields", CONTACT_FIELDS, Contact)):  # type: ignore[misc]
    """A merge patch of a contact."""


class NewContact(build_request_model("NewContactFields", CONTACT_FIELDS, LineQuery)):  # type: ignore[misc]
    """A new contact; a field that is left out has its default. The line draws the PIN."""

    name: Name
    phones: Phones = Field(description="In E.164; the first is called back.")


class NewContract(build_request_model("NewContractFields", CONTRACT_FIELDS, LineQuery)):  # type: ignore[misc]
    """A new contract; a field that is left out has its default."""

    contract: DigitString = Field(description="Its number, which callers key.")
    customer: Name
    plan: Id = Field(description="The id of a plan of the line.")
    contacts: Annotated[list[NewContact], Field(max_length=20)] = Field(default_factory=list)


class EndBody(LineQuery):
    """The last day of a contract."""

    last_day: dt.date | None = Field(None, description="Default: today, in the line's zone.")


class PinBody(ResponseBody):
    """A PIN that the line drew."""

    place: int = Field(description="The place of the contact in `contacts`, from 0.")
    pin: str


class ContractWithPins(ContractBody):
    """One contract, and new PINs of its contacts."""

    pins: list[PinBody] = Field(
        description="In the first response only: a repetition by its key has none."
    )


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


@section.post("/contracts", ContractWithPins, NewContract, HTTPStatus.CREATED)
def add(body: NewContract) -> OperationAnswer:
    """Add a contract with its contacts. Each gets a PIN, which is in this response only."""
    line, number = find_line(body.line), body.contract
    after = apply_fields(Contract(number, body.customer, body.plan), CONTRACT_FIELDS, body)
    pins = []
    for each in body.contacts:
        after, pin = _add_contact(after, each, line)
        pins.append(pin)
    _check_contract(after, "", line)
    try:
        _open_store(line).put([ContractChange(None, after)], _build_entry("contracts.add"))
    except StaleError:
        raise conflict("There is a contract with this number.", "contract_exists") from None
    return _show_pins(line, after, pins, f"/contracts/{number}")


@section.patch("/contracts/<number>", ContractBody, ContractPatch, LineQuery)
def patch(body: ContractPatch, number: str, query: LineQuery) -> OperationAnswer:
    """Change fields of a contract; null sets a field to its default. Not of a contract that
    line.yaml defines."""

    def change(before: Contract, line: Line) -> Contract:
        after = apply_fields(before, CONTRACT_FIELDS, body)
        _check_contract(after, before.plan, line)
        return after

    line, after = _change(number, query, "contracts.change", change)
    return OperationAnswer(contract_row(line.id, after))


@section.post("/contracts/<number>/end", ContractBody, EndBody)
def end(body: EndBody, number: str) -> OperationAnswer:
    """End a contract: set its last day. Its history stays."""

    def change(before: Contract, line: Line) -> Contract:
        today = current_call_service().clock().astimezone(ZoneInfo(line.timezone)).date()
        after = replace(before, valid_until=body.last_day or today)
        _check_contract(after, before.plan, line)
        return after

    line, after = _change(number, body, "contracts.end", change)
    return OperationAnswer(contract_row(line.id, after))


@section.post("/contracts/<number>/contacts", ContractWithPins, NewContact, HTTPStatus.CREATED)
def add_contact(body: NewContact, number: str) -> OperationAnswer:
    """Add a contact. Their PIN is in this response only."""
    pins: list[dict[str, Any]] = []

    def change(before: Contract, line: Line) -> Contract:
        after, pin = _add_contact(before, body, line)
        pins[:] = [pin]
        return after

    line, after = _change(number, body, "contacts.add", change)
    return _show_pins(line, after, pins, f"/contracts/{number}")


@section.patch("/contracts/<number>/contacts/<int:place>", ContractBody, ContactPatch, LineQuery)
def patch_contact(body: ContactPatch, number: str, place: int, query: LineQuery) -> OperationAnswer:
    """Change fields of a contact, by the place in `contacts` counted from 0. Names have no place in
    an address, so send the ETag of the contract as If-Match."""

    def change(before: Contract, line: Line) -> Contract:
        contact = _find_contact(before, place)
        after = apply_fields(contact, CONTACT_FIELDS, body)
        if after.phones != contact.phones:
            phones = _normalise_phones(after.phones, contact.phones, line)
            after = replace(after, phones=phones)
        return _put_contact(before, place, after)

    line, after = _change(number, query, "contacts.change", change)
    return OperationAnswer(contract_row(line.id, after))


@section.post("/contracts/<number>/contacts/<int:place>/pin", ContractWithPins, LineQuery)
def replace_contact_pin(body: LineQuery, number: str, place: int) -> OperationAnswer:
    """Give a contact a new PIN. It is in this response only, and the old one stops working."""
    pins: list[dict[str, Any]] = []

    def change(before: Contract, line: Line) -> Contract:
        contact, pin = _draw_pin(_find_contact(before, place), before, line)
        pins[:] = [{"place": place, "pin": pin}]
        return _put_contact(before, place, contact)

    line, after = _change(number, body, "contacts.pin", change)
    return _show_pins(line, after, pins, None)


@section.post("/contracts/<number>", ContractBody, ContractUpdate)
def amend(body: ContractUpdate, number: str) -> OperationAnswer:
    """Change a contract and contacts of it by their names. A field that is left out or null stays
    the same; PATCH can also empty a field."""

    def change(before: Contract, line: Line) -> Contract:
        contacts = list(before.contacts)
        places = {name_key(contact.name): place for place, contact in enumerate(contacts)}
        for each in body.contacts or ():
            place = places.get(name_key(each.name))
            if place is None:
                raise conflict("No contact of this contract has this name.", "no_contact")
            contacts[place] = _apply_contact_update(contacts[place], each, line)
        changes = _read_changes(CONTRACT_FIELDS, body)
        after = replace(before, **changes, contacts=tuple(contacts))
        _check_contract(after, before.plan, line)
        return after

    line, after = _change(number, body, "contracts.change", change)
    return OperationAnswer(contract_row(line.id, after))


def _open_store(line: Line) -> ContractStore:
    return ContractStore(current_services().engine, line.id, ContractOrigin.CONSOLE)


def _build_entry(action: str) -> AuditEntry:
    return AuditEntry(current_call_service().clock(), current_token().name, "api", action)


def _change(
    number: str, asked: LineQuery, action: str, change: Callable[[Contract, Line], Contract]
) -> tuple[Line, Contract]:
    """Change a stored contract, and decide again whenever somebody else changed it meanwhile."""
    line = find_line(asked.line)
    store, entry = _open_store(line), _build_entry(action)
    while True:
        stored = None
        if number.isdigit():
            stored = store.read(number)
        if stored is None:
            raise not_found("There is no contract with this number.")
        require_match(contract_row(line.id, stored.contract))
        if stored.of_the_file:
            raise conflict(f"Contract {number} is defined in line.yaml.", "of_the_file")
        after = change(stored.contract, line)
        try:
            if after != stored.contract:
                store.put([ContractChange(stored.contract, after)], entry)
        except StaleError:
            continue
        return line, after


def _show_pins(
    line: Line, contract: Contract, pins: Sequence[Mapping[str, Any]], location: str | None
) -> OperationAnswer:
    row = contract_row(line.id, contract) | {"pins": list(pins)}
    return OperationAnswer(row, location, secret=("pins",))


def contract_row(line: str, contract: Contract) -> dict[str, Any]:
    """One contract with all its contacts."""
    contacts = [list_values(CONTACT_FIELDS, contact) for contact in contract.contacts]
    return {"line": line, **list_values(CONTRACT_FIELDS, contract), "contacts": contacts}


Changed = TypeVar("Changed", Contract, Contact)


def apply_fields(known: Changed, fields: Iterable[ContractField], body: RequestBody) -> Changed:
    """The contract or contact with the fields that were sent; null is the default of a field."""
    defaults, changes = list_defaults(type(known)), dict[str, Any]()
    for each in fields:
        if each.changeable and each.key in body.model_fields_set:
            value = getattr(body, each.key)
            if value is None:
                value = defaults[each.name]
            elif isinstance(value, list):
                value = tuple(value)
            changes[each.name] = value
    return replace(known, **changes)


def _check_contract(after: Contract, plan_before: str, line: Line) -> None:
    known = [plan.id for plan in line.plans]
    if after.plan != plan_before and after.plan not in known:
        raise conflict(f"The plan must be one of {', '.join(known)}.", "no_plan")
    if ends_before_it_begins(after.valid_from, after.valid_until):
        raise conflict("A contract cannot end before it begins.", "ends_too_early")


def _add_contact(
    contract: Contract, body: NewContact, line: Line
) -> tuple[Contract, dict[str, Any]]:
    """The contract with a new contact, and the place and PIN of the contact."""
    names = {name_key(contact.name) for contact in contract.contacts}
    if name_key(body.name) in names:
        raise conflict("The contract has a contact with this name.", "contact_exists")
    phones = _normalise_phones(body.phones, (), line)
    given = apply_fields(Contact(body.name, phones, ""), CONTACT_FIELDS, body)
    contact, pin = _draw_pin(replace(given, phones=phones), contract, line)
    place = len(contract.contacts)
    return replace(contract, contacts=(*contract.contacts, contact)), {"place": place, "pin": pin}


def _draw_pin(contact: Contact, contract: Contract, line: Line) -> tuple[Contact, str]:
    return replace_pin(contact, contract, line, current_services().settings.pin_pepper)


def _find_contact(contract: Contract, place: int) -> Contact:
    if place >= len(contract.contacts):
        raise not_found("There is no contact in this place.")
    return contract.contacts[place]


def _put_contact(contract: Contract, place: int, contact: Contact) -> Contract:
    contacts = list(contract.contacts)
    contacts[place] = contact
    return replace(contract, contacts=tuple(contacts))


def _apply_contact_update(contact: Contact, body: ContactUpdate, line: Line) -> Contact:
    changes = _read_changes(CONTACT_FIELDS, body)
    if "phones" in changes:
        changes["phones"] = _normalise_phones(changes["phones"], contact.phones, line)
    return replace(contact, **changes)


def _read_changes(
    fields: Iterable[ContractField], body: ContactUpdate | ContractUpdate
) -> dict[str, Any]:
    """The values that were sent, by attribute."""
    sent = {each.name: getattr(body, each.key) for each in fields if each.changeable}
    return {name: value for name, value in sent.items() if value is not None}


def _normalise_phones(phones: Sequence[str], before: Sequence[str], line: Line) -> tuple[str, ...]:
    known = tuple(normalise(phone, line.country) for phone in phones)
    valid = tuple(phone for phone in known if phone is not None)
    if len(valid) < len(known):
        raise conflict("One of the phones is not a valid phone number.", "no_phone")
    added = [phone for phone in valid if phone not in before]
    if any(line.why_not_ordinary(phone) is not None for phone in added):
        why = "One of the phones is expensive or foreign: only line.yaml may contain it."
        raise conflict(why, "undialled_phone")
    return valid
