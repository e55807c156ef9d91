"""Contracts and contacts as forms: in the console, and in the portal for whoever administers one.

The words of the fields are those of the console's pages of contracts and contacts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, create_model

from config.contracts import VALUE_READERS
from ivr_app.web.forms import Form, Mistakes, read_as_file_field, read_form
from ivr_app.web.i18n import has_text
from ivr_app.web.site import current_site, language, t, translate_first
from routing.contracts import (
    CONTACT_FIELDS,
    Contact,
    Contract,
    ContractChange,
    ContractField,
    EmailLevel1,
    ValueKind,
    list_defaults,
)
from routing.line import Line
from routing.names import name_key
from routing.phone_numbers import format_international
from store.people.contract_store import StoredContract

PERSON_FIELDS = tuple(each for each in CONTACT_FIELDS if not each.secret)
"""The fields of the form of a contact."""

Changed = TypeVar("Changed", Contract, Contact)


class MarkedForm(Form):
    """A form about a stored contract; ``mark`` identifies the version that was shown."""

    mark: str = ""


class ValuesForm(MarkedForm):
    """A form with fields of a contract or of a contact."""

    def apply_to(self, known: Changed) -> Changed:
        """Return the contract or contact with the values of this form."""
        return replace(known, **self.model_dump(exclude={"mark"}))


def build_form(
    name: str, fields: Iterable[ContractField], of: type[Contract | Contact]
) -> type[ValuesForm]:
    """A form with these fields. Each is read as contracts.csv is; an empty one has its default."""
    defaults = list_defaults(of)
    typed: dict[str, Any] = {}
    for each in fields:
        value = Annotated[Any, BeforeValidator(build_reader(each.kind))]
        typed[each.name] = (value, defaults.get(each.name, ...))
    return create_model(name, __base__=ValuesForm, **typed)


def build_reader(kind: ValueKind) -> Callable[[str], Any]:
    """A reader of a field of this kind, which accepts what contracts.csv may have."""
    if kind is ValueKind.PHONES:
        return _read_phones
    return read_as_file_field(VALUE_READERS[kind], f"contracts.mistake.{kind}")


def _read_phones(text: str) -> tuple[str, ...]:
    """Phone numbers, one a line or separated by commas or semicolons."""
    typed = [part.strip() for part in re.split(r"[;,\n]", text) if part.strip()]
    if not typed:
        raise ValueError("contracts.mistake.phones")
    return tuple(dict.fromkeys(phone for part in typed for phone in _read_phone(part)))


_read_phone = read_as_file_field(VALUE_READERS[ValueKind.PHONES], "contracts.mistake.phones")

# The values of a contract or contact as the fields of a form and as text on a page.


@dataclass(frozen=True, slots=True)
class FormInput:
    """One field of a form, as the macro ``inputs`` draws it; ``options`` make it a choice."""

    name: str
    kind: ValueKind
    label: str
    hint: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[tuple[str, str]] = ()


_ATTRIBUTES = {
    ValueKind.DIGITS: {"inputmode": "numeric", "autocomplete": "off"},
    ValueKind.NAME: {"autocomplete": "off"},
    ValueKind.DATE: {"type": "date"},
    ValueKind.COUNT: {"inputmode": "numeric", "autocomplete": "off"},
    ValueKind.EMAIL: {"type": "email", "autocomplete": "off"},
}


def build_inputs(
    page: str, fields: Iterable[ContractField], given: Mapping[str, str]
) -> list[FormInput]:
    """The inputs of these fields; their words are those of this page."""
    inputs = []
    for each in fields:
        attributes = dict(_ATTRIBUTES.get(each.kind, {}))
        if each.required:
            attributes["required"] = "required"
        label, hint = t(f"{page}.field.{each.name}"), translate_first(f"{page}.hint.{each.name}")
        options = _list_options(each.kind, given.get(each.name, ""))
        inputs.append(FormInput(each.name, each.kind, label, hint or "", attributes, options))
    return inputs


def _list_options(kind: ValueKind, chosen: str) -> Sequence[tuple[str, str]]:
    """The choices with their words; none for a field in which anything may be typed."""
    line = current_site().find_line()
    if line is None:
        return ()
    if kind is ValueKind.PLAN:
        return list_plans(line)
    if kind is ValueKind.EMAIL_LEVEL_1:
        return [(each.value, t(f"contracts.email_level_1.{each}")) for each in EmailLevel1]
    if kind is not ValueKind.LANGUAGE:
        return ()
    codes = [code for code in dict.fromkeys((*line.languages, chosen)) if code]
    names = [(code, translate_first(f"contacts.tongue.{code}") or code) for code in codes]
    return [("", t("contacts.tongue.any")), *names]


def list_plans(line: Line) -> list[tuple[str, str]]:
    """The plans of a line with their names, as choices."""
    return [(plan.id, plan.name(language())) for plan in line.plans]


def list_inputs(
    fields: Iterable[ContractField], known: Contract | Contact | None, of: type[Contract | Contact]
) -> dict[str, str]:
    """What the inputs contain at first: the values, or the defaults where there are none yet."""
    if known is None:
        defaults = list_defaults(of)
        return {each.name: _write_input(defaults.get(each.name)) for each in fields}
    return {each.name: _write_input(getattr(known, each.name)) for each in fields}


def _write_input(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "true"
    if isinstance(value, tuple):
        return "\n".join(map(format_international, value))
    return str(value)


def find_other_values(
    page: str, given: Mapping[str, str], stored: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The label and stored value of each field that differs from the input, after somebody else
    changed the contract."""
    return [
        (t(f"{page}.field.{name}"), value)
        for name, value in stored.items()
        if has_text(f"{page}.field.{name}") and value.split() != given.get(name, "").split()
    ]


# One contact of a contract.


ContactForm = build_form("ContactForm", PERSON_FIELDS, Contact)


@dataclass(frozen=True, slots=True)
class ContactSlot:
    """One position among the contacts of a contract, counted from 0; None for a new contact.

    Addresses have the position, because a name must not be in them.
    """

    stored: StoredContract
    position: int | None = None

    @property
    def contract(self) -> Contract:
        """The contract as it is stored."""
        return self.stored.contract

    @property
    def contact(self) -> Contact | None:
        """The contact in this position."""
        contacts = self.contract.contacts
        if self.position is None or self.position >= len(contacts):
            return None
        return contacts[self.position]

    @property
    def other_names(self) -> set[str]:
        """The names of all other contacts, in one spelling."""
        contacts = enumerate(self.contract.contacts)
        return {name_key(one.name) for place, one in contacts if place != self.position}

    def put(self, contact: Contact) -> ContractChange:
        """The contract with this contact in the position."""
        after = list(self.contract.contacts)
        if self.position is None:
            after.append(contact)
        else:
            after[self.position] = contact
        return ContractChange(self.contract, replace(self.contract, contacts=tuple(after)))


def read_contact_form(slot: ContactSlot) -> tuple[ValuesForm | None, Mistakes]:
    """Return the form of a contact, or its mistakes. Contacts of a contract differ in name."""
    form, mistakes = read_form(ContactForm)
    if form is not None and name_key(form.apply_to(Contact("", (), "")).name) in slot.other_names:
        mistakes = {"name": t("contacts.there_already")}
    return form, mistakes
