"""The forms of a contract: read as the file of rows is read, with a mistake beside each field."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from cryptography.fernet import Fernet, InvalidToken
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from config import fields
from ivr_app.console.forms import Form, Mistakes, read_as_file_field
from ivr_app.console.i18n import has_text
from ivr_app.console.session import current_line
from ivr_app.console.templating import t
from ivr_app.context import current_call_service, current_services
from routing.contracts import Contract, Plan
from routing.line import Line
from routing.names import tidy
from routing.oncall.local_time import wall
from routing.phone_numbers import normalise
from store.people.contract_search import ContractFilter, Place, Validity

Name = Annotated[str, BeforeValidator(read_as_file_field(fields.name, "contracts.no_name"))]
Number = Annotated[str, BeforeValidator(read_as_file_field(fields.keyed, "contracts.no_number"))]
Day = Annotated[dt.date, BeforeValidator(read_as_file_field(fields.date, "contracts.no_day"))]
Bundle = Annotated[
    int, BeforeValidator(read_as_file_field(fields.whole_number(0, 100_000), "contracts.no_bundle"))
]


class ContractForm(Form):
    """A contract as somebody wants it; ``mark`` tells which one they were shown."""

    customer: Name
    plan: Plan = Plan.MSA_PLUS
    valid_from: Day | None = None
    valid_until: Day | None = None
    premium_incidents: Bundle = 12
    mark: str = ""

    def over(self, contract: Contract) -> Contract:
        """The contract with all of this."""
        return replace(contract, **self.model_dump(include=_OWN))


class NewContractForm(ContractForm):
    """A new contract; its number stays."""

    number: Number


class EndContractForm(Form):
    """The last day on which it can be used."""

    valid_until: Day
    mark: str = ""

    def over(self, contract: Contract) -> Contract:
        """The contract until then."""
        return replace(contract, valid_until=self.valid_until)


_OWN = {"customer", "plan", "valid_from", "valid_until", "premium_incidents"}


def initial_values(contract: Contract | None) -> dict[str, str]:
    """What stands in the fields at first."""
    if contract is None:
        return {"plan": Plan.MSA_PLUS.value, "premium_incidents": "12"}
    values = {name: getattr(contract, name) for name in ("number", *_OWN)}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def validate(contract: Contract) -> Mistakes:
    """What is wrong with a contract although each of its fields is right."""
    if contract.valid_from and contract.valid_until and contract.valid_until < contract.valid_from:
        return {"valid_until": t("contracts.ends_too_early")}
    return {}


# What contracts are sought by: the fields of the form, and an address that carries them sealed.


LASTS = dt.timedelta(hours=12)
"""An address that carries a search is good for so long."""

VALIDITIES = ("", *(one.value for one in Validity))

Some = Field(max_length=200)


def _check_phone(text: str) -> str:
    looked_at = current_line()
    if text and looked_at is not None and normalise(text, looked_at.country) is None:
        raise ValueError("contracts.no_phone")
    return text


class ContractSearchForm(Form):
    """What somebody knows of a contract; blank where nothing."""

    number: Annotated[str, Field(pattern=r"^[0-9]{0,20}$")] = ""
    company: Annotated[str, Some, AfterValidator(tidy)] = ""
    contact: Annotated[str, Some, AfterValidator(tidy)] = ""
    phone: Annotated[str, Some, AfterValidator(_check_phone)] = ""
    validity: Literal["", "valid", "soon", "ended"] = ""

    def alone(self, name: str) -> bool:
        """True when nothing but this is known."""
        return {key for key, value in self.model_dump().items() if value} == {name}


def build_filter(wanted: ContractSearchForm, looked_at: Line) -> ContractFilter:
    """The same, as the contracts of a line are asked for it today."""
    return ContractFilter(
        looked_at.id,
        wall(current_call_service().clock(), looked_at.timezone).date(),
        number=wanted.number,
        company=wanted.company,
        contact=wanted.contact,
        phone=normalise(wanted.phone, looked_at.country) or "",
        validity=Validity(wanted.validity) if wanted.validity else None,
    )


def seal_search(wanted: ContractSearchForm, after: Place | None = None) -> str | None:
    """The search as an address carries it, which nobody reads without our key; None for all."""
    filled = {name: value for name, value in wanted.model_dump().items() if value}
    if not filled and after is None:
        return None
    return _search_serializer().encrypt(json.dumps([filled, after]).encode()).decode()


def open_search(sealed: str | None) -> tuple[ContractSearchForm, Place | None]:
    """The search that an address carries, and where its page begins; everything for one that is
    over or not ours."""
    try:
        text = _search_serializer().decrypt((sealed or "").encode(), ttl=int(LASTS.total_seconds()))
        filled, after = json.loads(text)
        return ContractSearchForm.model_validate(filled), _check_cursor(after)
    except (InvalidToken, ValidationError):
        return ContractSearchForm(), None


def _check_cursor(after: list[Any] | None) -> Place | None:
    return None if after is None else (int(after[0]), str(after[1]), str(after[2]))


def _search_serializer() -> Fernet:
    key = hmac.digest(
        current_services().settings.secret_key.encode(), b"sought contracts", hashlib.sha256
    )
    return Fernet(base64.urlsafe_b64encode(key))


# What somebody else made of what is being changed: nothing that was typed is lost by it.


Differing = Sequence[tuple[str, str]]
"""The words of a field, and what stands in it by now."""


def changed_fields(page: str, given: Mapping[str, str], by_now: Mapping[str, str]) -> Differing:
    """The fields of a form in which it is not what was typed."""
    return [
        (t(f"{page}.field.{name}"), value)
        for name, value in by_now.items()
        if has_text(f"{page}.field.{name}") and value.split() != given.get(name, "").split()
    ]
