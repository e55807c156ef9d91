"""Contracts and contacts as forms and as text, and the search for contracts."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, TypeVar

from cryptography.fernet import Fernet, InvalidToken
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, create_model

from config.contracts import VALUE_READERS
from ivr_app.console import current_line, require_line
from ivr_app.context import current_call_service, current_services
from ivr_app.web import (
    Form,
    Mistakes,
    format_date,
    has_text,
    language,
    read_as_file_field,
    t,
    translate_first,
)
from routing.contracts import (
    CONTACT_FIELDS,
    CONTRACT_FIELDS,
    Contact,
    Contract,
    ContractField,
    ValueKind,
    ends_before_it_begins,
    list_defaults,
)
from routing.line import Line
from routing.names import tidy
from routing.oncall.local_time import wall
from routing.phone_numbers import format_international, normalise
from store.people.contract_search import ContractFilter, Place, Validity

ADDED_FIELDS = CONTRACT_FIELDS
CHANGED_FIELDS = tuple(each for each in CONTRACT_FIELDS if not each.identity)
PERSON_FIELDS = tuple(each for each in CONTACT_FIELDS if not each.secret)
"""The fields of the three forms: a new contract, a changed contract, and a contact."""

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
        value = Annotated[Any, BeforeValidator(_build_reader(each.kind))]
        typed[each.name] = (value, defaults.get(each.name, ...))
    return create_model(name, __base__=ValuesForm, **typed)


def _build_reader(kind: ValueKind) -> Callable[[str], Any]:
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

ContractForm = build_form("ContractForm", CHANGED_FIELDS, Contract)
NewContractForm = build_form("NewContractForm", ADDED_FIELDS, Contract)
ContactForm = build_form("ContactForm", PERSON_FIELDS, Contact)
EndContractForm = create_model(
    "EndContractForm",
    __base__=ValuesForm,
    valid_until=(Annotated[Any, BeforeValidator(_build_reader(ValueKind.DATE))], ...),
)
"""The last day of a contract."""


def validate(contract: Contract) -> Mistakes:
    """Mistakes that no single field has."""
    if ends_before_it_begins(contract.valid_from, contract.valid_until):
        return {"valid_until": t("contracts.ends_too_early")}
    return {}


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
    if kind is ValueKind.PLAN:
        return _list_plans(require_line())
    if kind is not ValueKind.LANGUAGE:
        return ()
    codes = [code for code in dict.fromkeys((*require_line().languages, chosen)) if code]
    names = [(code, translate_first(f"contacts.tongue.{code}") or code) for code in codes]
    return [("", t("contacts.tongue.any")), *names]


def _list_plans(line: Line) -> list[tuple[str, str]]:
    return [(plan.id, plan.name(language())) for plan in line.plans]


def list_plan_choices() -> list[tuple[str, str]]:
    """The plans to search for; the first choice is any plan."""
    line, plans = current_line(), list[tuple[str, str]]()
    if line is not None:
        plans = _list_plans(line)
    return [("", t("contracts.any.plan")), *plans]


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


def describe_value(kind: ValueKind, value: object) -> str:
    """The value of a field in the viewer's language."""
    if value is None and kind is ValueKind.COUNT:
        return t("contracts.as_plan")
    if value is None:
        return "–"
    if kind is ValueKind.PLAN:
        return name_plan(str(value))
    if isinstance(value, bool):
        return t(_YES_NO[value])
    if isinstance(value, dt.date):
        return format_date(language(), value)
    if isinstance(value, tuple):
        return ", ".join(map(format_international, value))
    return str(value)


def name_plan(plan_id: str) -> str:
    """The name of a plan of the line in the viewer's language; a plan that is gone has its id."""
    names = {plan.id: plan.name(language()) for plan in require_line().plans}
    return names.get(plan_id, plan_id)


_YES_NO = {True: "web.yes", False: "web.no"}


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


# The search for contracts. Its address carries the search encrypted, because a name or a phone
# number may be in it.


SEARCH_LIFETIME = dt.timedelta(hours=12)
"""How long the address of a search works."""

VALIDITIES = ("", *(one.value for one in Validity))

ShortText = Field(max_length=200)


def _check_phone(text: str) -> str:
    line = current_line()
    if text and line is not None and normalise(text, line.country) is None:
        raise ValueError("contracts.no_phone")
    return text


def _check_plan(plan_id: str) -> str:
    if plan_id not in dict(list_plan_choices()):
        raise ValueError("web.mistake.wrong")
    return plan_id


class ContractSearchForm(Form):
    """What is known of a contract; empty where nothing is."""

    number: Annotated[str, Field(pattern=r"^[0-9]{0,20}$")] = ""
    company: Annotated[str, ShortText, AfterValidator(tidy)] = ""
    contact: Annotated[str, ShortText, AfterValidator(tidy)] = ""
    phone: Annotated[str, ShortText, AfterValidator(_check_phone)] = ""
    plan: Annotated[str, AfterValidator(_check_plan)] = ""
    validity: Literal["", "valid", "soon", "ended"] = ""

    def has_only(self, name: str) -> bool:
        """True if only this field is filled in."""
        return {key for key, value in self.model_dump().items() if value} == {name}


def build_filter(wanted: ContractSearchForm, line: Line) -> ContractFilter:
    """The search as a filter of the contracts of a line, as of today."""
    validity = None
    if wanted.validity:
        validity = Validity(wanted.validity)
    return ContractFilter(
        line.id,
        wall(current_call_service().clock(), line.timezone).date(),
        number=wanted.number,
        company=wanted.company,
        contact=wanted.contact,
        phone=normalise(wanted.phone, line.country) or "",
        plan=wanted.plan,
        validity=validity,
    )


def seal_search(wanted: ContractSearchForm, after: Place | None = None) -> str | None:
    """The search encrypted for an address; None for a search without any field."""
    filled = {name: value for name, value in wanted.model_dump().items() if value}
    if not filled and after is None:
        return None
    return _search_cipher().encrypt(json.dumps([filled, after]).encode()).decode()


def open_search(sealed: str | None) -> tuple[ContractSearchForm, Place | None]:
    """The search of an address and the place where its page begins; all contracts if the address
    is too old or not ours."""
    lifetime = int(SEARCH_LIFETIME.total_seconds())
    try:
        text = _search_cipher().decrypt((sealed or "").encode(), ttl=lifetime)
        filled, after = json.loads(text)
        return ContractSearchForm.model_validate(filled), _read_place(after)
    except (InvalidToken, ValidationError):
        return ContractSearchForm(), None


def _read_place(after: list[Any] | None) -> Place | None:
    if after is None:
        return None
    way, key, tie = after
    return int(way), str(key), str(tie)


def _search_cipher() -> Fernet:
    secret = current_services().settings.secret_key.encode()
    key = hmac.digest(secret, b"sought contracts", hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(key))
