"""The numbers of one line as the command line shows them, those that people added included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.refusal import Refusal
from routing.line import Line
from routing.numbers import normalise
from store.people import SqlPeople
from store.phones import AddedPhones
from store.rows import moment
from store.tried import last_tried
from switchboard import Switchboard


@dataclass(frozen=True)
class Phonebook:
    """The numbers of one line."""

    board: Switchboard
    line: Line
    added: AddedPhones

    @classmethod
    def open(cls, line_id: str | None) -> Phonebook:
        """The book of this line, or of the only one."""
        board = ready_board()
        line = line_of(SqlPeople(board.engine), line_id)
        return cls(board, line, AddedPhones(board.engine, board.settings.pin_pepper, line.id))

    def number(self, written: str) -> str:
        """A number in E.164, however it is written."""
        found = normalise(written, self.line.country)
        if found is None:
            where = f"{self.line.country} or the world"
            raise Refusal(f"That is no phone number of {where}; write it as +31612345678.")
        return found

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each engineer's numbers in the order in which they are rung, unverified ones last."""
        tried = last_tried(self.board.engine, self.line)
        added = {(one.engineer, one.number): one for one in self.added.all()}
        for engineer in self.line.engineers:
            unverified = (n for e, n in added if e == engineer.id and n not in engineer.phones)
            for number in (*engineer.phones, *unverified):
                one = added.get((engineer.id, number))
                if one is not None and one.verified_at is None and number in engineer.phones:
                    one = None  # the file has it by now
                yield {
                    "engineer": engineer.id,
                    "number": number,
                    "from": "file" if one is None else "added",
                    "verified_at": moment(one.verified_at if one else None),
                    "last_tried": moment(tried.get(number)),
                }
