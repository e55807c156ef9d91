"""An incident is opened by a program: a portal, a reader of mail, a ticket system."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from ivr_app.api import ADDRESS
from ivr_app.api.asking import Keyed, Level, OfLine, Phone, Words, line_of
from ivr_app.api.incidents import row_of
from ivr_app.api.log_shapes import IncidentRow
from ivr_app.api.operation import Answer, Room
from ivr_app.api.problems import Refused
from ivr_app.api.program import program
from ivr_app.api.repeats import seed
from ivr_app.switch import board, desk
from routing.call import Identity, Standing
from routing.caller.identify import contacts_now, identity, standing
from routing.contract import Contact, Contract
from routing.events import Lodged
from routing.incident import Source
from routing.line import Line
from routing.lodge import lodge
from routing.names import name_key
from routing.numbers import normalise
from routing.schedule.wallclock import wall
from store.staff.audit import Deed, audited

room = Room("incidents")


class Opening(OfLine):
    """What a customer reports. Without `verified` nobody has proved who that is: such an incident
    has no contract, and level 1 rings people no more often than unverified callers may."""

    urgency: Level = Field(description="1 rings people, at any hour.")
    source: Literal["portal", "email", "api"] = "api"
    contract: Keyed | None = None
    contact: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="By name, as the contract has it. Default: the first who counts."
    )
    verified: bool = Field(False, description="The program has made sure of it, as a PIN does.")
    phone: Phone | None = Field(
        None, description="Where the customer is called back; default: the contact's."
    )
    language: Literal["nl", "en"] | None = None
    words: Words | None = Field(None, description="What it is about; kept as a note.")


@room.post("/incidents", IncidentRow, Opening, HTTPStatus.CREATED)
def open_(said: Opening) -> Answer:
    """Open an incident: level 1 is paged as that of a caller, the desk is told of the others."""
    line, now = line_of(said.line), desk().clock()
    worth, who = _who(said, line)
    event = Lodged(
        key=hashlib.sha256(f"incident {seed()}".encode()).hexdigest()[:32],
        line=line.id,
        source=Source(said.source),
        urgency=said.urgency,
        language=_language(said, line, who),
        standing=worth,
        identity=who,
        phone=normalise(said.phone, line.country) if said.phone else None,
        words=said.words or "",
    )
    deed = Deed(now, program().name, "api", "incidents.open", "incident")
    with audited(deed.on("incident", event.key, after={"source": said.source})):
        incident = lodge(desk(), event).incident
    number = incident.number if incident is not None else 0
    return Answer(row_of(number), f"{ADDRESS}/incidents/{number}")


def _who(said: Opening, line: Line) -> tuple[Standing, Identity | None]:
    if said.contract is None or not said.verified:
        return Standing.UNVERIFIED, None
    contract = board().people.contract(line.id, said.contract)
    if contract is None:
        raise _unknown(f"There is no contract {said.contract} on line {line.id}.", "no_contract")
    worth = standing(contract, desk().clock(), line.timezone)
    return worth, identity(contract, _contact(said, contract, line), worth)


def _contact(said: Opening, contract: Contract, line: Line) -> Contact:
    today = wall(desk().clock(), line.timezone).date()
    counting = contacts_now(contract, today, said.phone)
    wanted = None if said.contact is None else name_key(said.contact)
    found = [one for one in counting if wanted in (None, name_key(one.name))]
    if not found:
        raise _unknown("No contact of this contract who counts has this name.", "no_contact")
    return found[0]


def _language(said: Opening, line: Line, who: Identity | None) -> str:
    wanted = said.language
    if wanted is None and who is not None:
        contract = board().people.contract(line.id, who.contract)
        known = {c.name: c.language for c in contract.contacts} if contract else {}
        wanted = known.get(who.contact)  # type: ignore[assignment]
    return wanted if wanted in line.languages else line.languages[0]


def _unknown(why: str, code: str) -> Refused:
    return Refused(HTTPStatus.CONFLICT, why, code)
