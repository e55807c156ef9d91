"""Numbers that are kept although no way in takes them any more: they are not dialled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ivr_app.checkup.verdict import Verdict, ok, warn
from routing.dialling import why_not_ordinary
from routing.line import Line
from store.people import SqlPeople
from store.phones import AddedPhones
from switchboard import Switchboard

NAMED = 10
"""So many contracts are named."""


def dialled(board: Switchboard, lines: Sequence[Line]) -> Iterator[Verdict]:
    """The engineers and contracts whose numbers are left out, without the numbers."""
    for line in lines:
        check = f"numbers, {line.id}"
        added = AddedPhones(board.engine, board.settings.pin_pepper, line.id).all()
        people = [a.engineer for a in added if why_not_ordinary(line, a.number)]
        phones = SqlPeople(board.engine).unfiled_phones(line.id)
        contracts = [number for number, phone in phones if why_not_ordinary(line, phone)]
        if people:
            yield _left_out(check, "engineers", people)
        if contracts:
            yield _left_out(check, "contacts of the contracts", contracts)
        if not people and not contracts:
            yield ok(check, "all of them are ordinary, or in the line's file")


def _left_out(check: str, whose: str, names: Sequence[str]) -> Verdict:
    different = list(dict.fromkeys(names))
    more = f" and {len(different) - NAMED} more" if len(different) > NAMED else ""
    named = ", ".join(different[:NAMED])
    why = "is not dialled, being dear or foreign"
    do = "write it into the line's file, or its country into dial_countries"
    return warn(check, f"a number of the {whose} {named}{more} {why}; {do}")
