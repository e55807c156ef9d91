"""Contracts and contacts as forms and as text, and the search for contracts."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import Annotated, Any, Literal

from cryptography.fernet import Fernet, InvalidToken
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, create_model

from ivr_app.console import current_line, require_line
from ivr_app.context import current_call_service, current_services
from ivr_app.web import (
    Form,
    Mistakes,
    format_date,
    language,
    t,
)
from ivr_app.web.contract_forms import ValuesForm, build_form, build_reader, list_plans
from routing.contracts import (
    CONTRACT_FIELDS,
    Contract,
    ValueKind,
    ends_before_it_begins,
)
from routing.line import Line
from routing.names import tidy
from routing.oncall.local_time import wall
from routing.phone_numbers import format_international, normalise
from store.people.contract_search import ContractFilter, Place, Validity

ADDED_FIELDS = CONTRACT_FIELDS
CHANGED_FIELDS = tuple(each for each in CONTRACT_FIELDS if not each.identity)
"""The fields of the two forms: a new contract, and a changed contract."""

ContractForm = build_form("ContractForm", CHANGED_FIELDS, Contract)
NewContractForm = build_form("NewContractForm", ADDED_FIELDS, Contract)
EndContractForm = create_model(
    "EndContractForm",
    __base__=ValuesForm,
    valid_until=(Annotated[Any, BeforeValidator(build_reader(ValueKind.DATE))], ...),
)
"""The last day of a contract."""


def validate(contract: Contract) -> Mistakes:
    """Mistakes that no single field has."""
    if ends_before_it_begins(contract.valid_from, contract.valid_until):
        return {"valid_until": t("contracts.ends_too_early")}
    return {}


# The values of a contract or contact as text on a page.


def list_plan_choices() -> list[tuple[str, str]]:
    """The plans to search for; the first choice is any plan."""
    line, plans = current_line(), list[tuple[str, str]]()
    if line is not None:
        plans = list_plans(line)
    return [("", t("contracts.any.plan")), *plans]


def describe_value(kind: ValueKind, value: object) -> str:
    """The value of a field in the viewer's language."""
    if value is None and kind is ValueKind.COUNT:
        return t("contracts.as_plan")
    if value is None:
        return "–"
    if kind is ValueKind.PLAN:
        return name_plan(str(value))
    if kind is ValueKind.EMAIL_LEVEL_1:
        return t(f"contracts.email_level_1.{value}")
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
