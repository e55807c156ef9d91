"""Contracts and who may call on them: found by number or telephone. A PIN is never told."""

from __future__ import annotations

from pydantic import Field

from ivr_app.api.asking import Keyed, Limit, OfLine, Phone, line_of
from ivr_app.api.operation import Answer, Room
from ivr_app.api.people_shapes import ContractRow, Contracts
from ivr_app.api.problems import missing
from ivr_app.switch import board
from routing.contract import Contact, Contract
from store.contracts import list_contracts
from store.rows import Row

room = Room("contracts")


class Which(OfLine):
    """Which contracts."""

    phone: Phone | None = Field(None, description="Of a contact, in E.164.")
    after: Keyed | None = Field(None, description="The `next` of the answer before.")
    limit: Limit = 50


@room.get("/contracts", Contracts, Which)
def contracts(asked: Which) -> Answer:
    """The contracts of a line by number, or those of a telephone."""
    line = line_of(asked.line).id
    if asked.phone is not None:
        found = board().people.contracts_of_phone(line, asked.phone)
        return Answer({"items": [contract_row(line, each) for each in found], "next": None})
    page, following = list_contracts(board().engine, line, asked.after, asked.limit)
    return Answer({"items": [contract_row(line, each) for each in page], "next": following})


@room.get("/contracts/<number>", ContractRow, OfLine)
def contract(asked: OfLine, number: str) -> Answer:
    """One contract, by its number."""
    line = line_of(asked.line).id
    found = board().people.contract(line, number) if number.isdigit() else None
    if found is None:
        raise missing("There is no contract of this number.")
    return Answer(contract_row(line, found))


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
