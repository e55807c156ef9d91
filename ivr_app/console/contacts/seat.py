"""One place among the contacts of a contract: somebody's, or that of somebody to come."""

from __future__ import annotations

from dataclasses import dataclass, replace

from routing.contract import Contact, Contract
from store.preview import Change
from store.register import Kept


@dataclass(frozen=True, slots=True)
class Seat:
    """``place`` counts from 0, so that no address names anybody; None for a new contact."""

    kept: Kept
    place: int | None = None

    @property
    def contract(self) -> Contract:
        """The contract as it is kept."""
        return self.kept.contract

    @property
    def contact(self) -> Contact | None:
        """Whoever has this place."""
        known = self.contract.contacts
        return known[self.place] if self.place is not None and self.place < len(known) else None

    @property
    def others(self) -> list[Contact]:
        """Everybody else."""
        return [c for place, c in enumerate(self.contract.contacts) if place != self.place]

    def change(self, contact: Contact) -> Change:
        """The contract with this contact in the place."""
        people = self.contract.contacts
        at = len(people) if self.place is None else self.place
        after = (*people[:at], contact, *people[at + 1 :])
        return Change(self.contract, replace(self.contract, contacts=after))
