"""Who is on stage: the people who may call, and the telephones the line may ring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.line import LineFile, read_line_file
from config.reader import FileError
from devtools.demo.site import DemoError
from routing.contracts import Contact, Contract
from routing.line import LAST_RESORT, Line

WITHHELD = "+266696687"
"""What carriers show for a withheld number: ANONYMOUS on a keypad."""
STRANGER = "+31687654321"


@dataclass(frozen=True)
class Caller:
    """Somebody who may call, and what is on the card beside their telephone."""

    number: str
    name: str
    about: str
    contract: str
    pin: str
    language: str
    known: bool = True  # whether the number shows
    email: str | None = None


@dataclass(frozen=True)
class Telephone:
    """A telephone that the line may ring."""

    number: str
    person: str
    name: str
    kind: str


@dataclass(frozen=True)
class Cast:
    """Everybody."""

    line: Line
    callers: tuple[Caller, ...]
    telephones: tuple[Telephone, ...]

    @property
    def customers(self) -> tuple[Caller, ...]:
        """The contacts of the contracts: they may sign in to the customer portal."""
        return tuple(caller for caller in self.callers if caller.number not in (WITHHELD, STRANGER))

    @property
    def people(self) -> tuple[Caller | Telephone, ...]:
        """Everybody who has a telephone here."""
        return self.callers + self.telephones

    def phone_of(self, email: str) -> str:
        """The telephone of the person with this e-mail address, or nothing."""
        owners = [(engineer.email, engineer.phones[0]) for engineer in self.line.engineers]
        owners += [(caller.email, caller.number) for caller in self.callers]
        return next((phone for address, phone in owners if address == email), "")

    def name_of(self, number: str) -> str:
        """Whose telephone this is, as one would say it."""
        if number in (self.line.number, self.line.texts_from):
            return self.line.name
        return next((each.name for each in self.people if each.number == number), number)


def read_cast(path: Path) -> Cast:
    """The cast of a line's file; DemoError when the file is wrong."""
    try:
        paper = read_line_file(path, lambda pin, _owner: pin)  # the card shows it: it is a sample
    except (FileError, OSError) as error:
        raise DemoError(f"{path.name} cannot be read: {error}.") from None
    callers = tuple(_callers(paper))
    return Cast(paper.line, (*callers, *_unknown(callers)), tuple(_telephones(paper.line)))


def _callers(paper: LineFile) -> Iterator[Caller]:
    for contract in paper.contracts:
        for contact in contract.contacts:
            yield _caller(contract, contact, paper.line)


def _caller(contract: Contract, contact: Contact, line: Line) -> Caller:
    until = f", until {contract.valid_until:%-d %B %Y}" if contract.valid_until else ""
    return Caller(
        number=contact.phones[0] if contact.phones else WITHHELD,
        name=contact.name,
        about=f"{contract.customer}{until}",
        contract=contract.number,
        pin=contact.pin_hash,
        language=contact.language or line.languages[0],
        email=contact.email,
    )


def _unknown(callers: tuple[Caller, ...]) -> Iterator[Caller]:
    """Two who must say who they are, and can: the first contact, on other telephones."""
    if not callers:
        return
    known = callers[0]
    says = (known.contract, known.pin, known.language)
    yield Caller(WITHHELD, "A withheld number", f"{known.name}, calling anonymously", *says, False)
    yield Caller(STRANGER, "A stranger", f"{known.name}, on a telephone nobody knows", *says)


def _telephones(line: Line) -> Iterator[Telephone]:
    for engineer in line.engineers:
        for place, number in enumerate(engineer.phones, 1):
            kind = f"telephone {place}" if len(engineer.phones) > 1 else ""
            yield Telephone(number, engineer.id, engineer.name, kind)
    for number in line.last_resort:
        yield Telephone(number, LAST_RESORT, "Last resort", "stand-by")
