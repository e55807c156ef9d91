"""Who says what about which incident at the command line, and how it is told what came of it."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

import click

from carrier import prompts
from ivr_app.cli.counter import ready_board
from ivr_app.cli.printout import objects
from ivr_app.cli.refusal import Refusal
from routing import events as ev
from routing.course import progress
from routing.course.answers import answer
from routing.course.states import Move, why_not
from routing.course.verbs import Verb
from routing.incident import Incident
from routing.letter import DUTY_MANAGER
from routing.line import Line
from routing.memo import How
from routing.ports import Matter
from routing.request import Progress
from routing.schedule.escalation import name_of
from store.reports import Reports
from switchboard import Switchboard

SPOKEN_HERE = "en"
"""The language of the command line."""


@dataclass(frozen=True)
class Standing:
    """The incident of this command as it stands, its line, and who speaks."""

    board: Switchboard
    matter: Matter
    line: Line
    who: str

    @classmethod
    def here(cls, by: str | None) -> Standing:
        """What the command that runs now is about; refuses an unknown incident or person."""
        context = click.get_current_context().parent
        number = context.params["number"] if context is not None else 0
        board = ready_board()
        matter = board.desk.book.matter_of_number(number)
        if matter is None or matter.incident is None:
            raise Refusal(f"There is no incident {number}.")
        line = board.desk.line_of(matter)
        return cls(board, matter, line, person(line, by or getpass.getuser()))

    @property
    def incident(self) -> Incident:
        """The incident before anything is done."""
        if self.matter.incident is None:
            raise Refusal("There is no such incident.")
        return self.matter.incident

    def move(self, verb: Verb, event: Move, *, as_json: bool) -> None:
        """Do what is said, unless the course of the incident does not allow it."""
        self._unless(why_not(self.incident, self.matter.call, type(event)))
        self.happen(verb, event, as_json=as_json)

    def advance(self, verb: Verb, to: Progress, reason: str, *, as_json: bool) -> None:
        """Say how far a signature request has come, unless it is none or has come as far."""
        self._unless(progress.why_not(self.incident, to))
        event = ev.RequestCame(self.incident.key, to, self.who, How.COMMAND, reason)
        self.happen(verb, event, as_json=as_json)

    def _unless(self, refused: str | None) -> None:
        if refused is not None:
            raise Refusal(self.sentence(refused))

    def happen(self, verb: Verb, event: ev.IncidentEvent, *, as_json: bool) -> None:
        """Let it happen, and print how the incident stands afterwards."""
        after = self.board.desk.happen(event)
        if as_json:
            objects(Reports(self.board.engine).incident(self.incident.number))
            return
        if verb is Verb.TAKE and after.incident is not None:
            has = name_of(self.line, after.incident.acknowledged_by)
            click.echo(self.sentence("in_the_name", has))
            return
        answered = answer(verb, self.who, after, self.line)
        click.echo(prompts.text(SPOKEN_HERE, answered.words, answered.values))

    def sentence(self, words: str, name: str = "") -> str:
        """A sentence about the incident."""
        return prompts.text(SPOKEN_HERE, words, {"number": self.incident.number, "name": name})


def person(line: Line, who: str) -> str:
    """An engineer of the line or the duty manager, or a refusal that names those that there are."""
    known = [engineer.id for engineer in line.engineers]
    if who in (*known, DUTY_MANAGER):
        return who
    may = ", ".join((*known, DUTY_MANAGER))
    raise Refusal(f"{who} is nobody of line {line.id}; --by may be: {may}")
