"""Lines and contracts in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from routing.contracts import Contract, ReleaseSubscriber, has_email, is_valid
from routing.drill import find_line_or_drill
from routing.line import Line
from routing.ports import LineRepository


class MemoryLineRepository(LineRepository):
    """Lines by id, and contracts by line and number, as plain attributes that tests may change."""

    def __init__(self, line: Line, contracts: Sequence[Contract] = ()) -> None:
        """One line with its contracts; more can be added to the attributes."""
        self.lines = {line.id: line}
        self.imported: set[str] = set()  # numbers of contracts that are not the file's
        self.contracts = {(line.id, contract.number): contract for contract in contracts}

    def find_line(self, line_id: str) -> Line | None:
        """The line of this id."""
        return find_line_or_drill(self.lines.get, line_id)

    def list_lines(self) -> Sequence[Line]:
        """Every line, by id."""
        return sorted(self.lines.values(), key=lambda line: line.id)

    def find_lines_by_text_number(self, number: str) -> Sequence[Line]:
        """The lines whose texts come from this number, or that ring at it, by id; written in any
        way."""
        ours = [line for line in self.lines.values() if line.texts_at(number)]
        return sorted(ours, key=lambda line: line.id)

    def find_contract(self, line_id: str, number: str) -> Contract | None:
        """The contract of this number with all its contacts, those that have ended included."""
        return self.contracts.get((line_id, number))

    def find_contracts_by_phone(self, line_id: str, phone: str) -> Sequence[Contract]:
        """The contracts with a contact who has this phone, by number."""
        return [
            contract
            for (line, _), contract in sorted(self.contracts.items())
            if line == line_id and any(phone in contact.phones for contact in contract.contacts)
        ]

    def find_contracts_by_email(self, line_id: str, email: str) -> Sequence[Contract]:
        """The contracts with a contact who has this mail address, by number."""
        return [
            contract
            for (line, _), contract in sorted(self.contracts.items())
            if line == line_id and any(has_email(contact, email) for contact in contract.contacts)
        ]

    def is_file_phone(self, line_id: str, phone: str) -> bool:
        """True when a contact has this phone whose contract the file of the line holds."""
        found = self.find_contracts_by_phone(line_id, phone)
        return any(contract.number not in self.imported for contract in found)

    def find_subscribers(
        self, line_id: str, plans: Sequence[str], today: dt.date, after: int = 0
    ) -> Sequence[ReleaseSubscriber]:
        """The next ones after this id, in the order of their contracts."""
        ours = [c for (line, _), c in sorted(self.contracts.items()) if line == line_id]
        everybody = [(contract, contact) for contract in ours for contact in contract.contacts]
        return [
            ReleaseSubscriber(place, contract.number, contact)
            for place, (contract, contact) in enumerate(everybody, start=1)
            if place > after and contract.plan in plans and is_valid(contract, today)
            if contact.hears_of_releases and (contact.ends is None or contact.ends >= today)
        ]
