"""A drill that wakes people: those on call are rung, hear that it is a drill, and press the key.

Everybody of the escalation is rung once, step after step, whoever answered before. A real call
comes first: with one under way no drill begins, and one that comes in ends the drill.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from carrier.standin import NoAnswerError
from drill import alarm, rest
from routing.drill import LISTENS_FOR, waking_number, waking_of
from routing.incident import Hunting, Incident, State
from routing.line import Line
from routing.schedule.escalation import name_of, people_of, phones_of
from store.drills import answers
from switchboard import Switchboard
from trial import DrillError, Trial

WITHIN = dt.timedelta(minutes=2)
"""What worker and carrier may need beside the ringing itself."""


@dataclass
class Waking:
    """One such drill of one line; ``wait`` passes a little time while people answer."""

    board: Switchboard
    line: Line
    say: Callable[[str], None]
    wait: Callable[[], None] = rest

    def whom(self) -> dict[str, str]:
        """The names of those whom it would wake now, by id, in the order of the steps."""
        line = waking_of(self.line)
        facts, language = self.board.desk.facts(line), line.languages[0]
        steps = line.escalation.steps
        found = (person for step in steps for person in people_of(step, facts, language))
        return {person: name_of(line, person) for person in found}

    def hold(self) -> dict[str, dt.timedelta | None]:
        """After how long each person answered, None who did not; raises DrillError."""
        self._give_way()
        number = waking_number(self.line)
        trial = Trial(self.board, waking_of(self.line), number, self.say)
        try:
            with trial.waiting():
                answered = self._answers(trial)
                trial.result = "; ".join(_sentence(*one) for one in answered.items())
                if not any(answered.values()):
                    raise DrillError("nobody answered")
                return answered
        except GivenWayError:
            raise
        except (DrillError, NoAnswerError) as failed:
            alarm(self.board, self.line)
            raise DrillError(str(failed)) from None

    def _answers(self, trial: Trial) -> dict[str, dt.timedelta | None]:
        until = self.board.desk.clock() + self._longest()
        told: set[str] = set()
        incident = trial.matter.incident
        while incident is not None and not _over(incident):
            self._give_way()
            if self.board.desk.clock() > until:
                raise DrillError(
                    "the ringing did not end in time: see the logs of worker and clock"
                )
            self.wait()
            incident = trial.matter.incident
            self._tell(told, answers(self.board.engine, incident.key) if incident else {})
        found = answers(self.board.engine, incident.key) if incident is not None else {}
        for person in (person for person, after in found.items() if after is None):
            self.say(_sentence(person, None))
        return found

    def _tell(self, told: set[str], found: dict[str, dt.timedelta | None]) -> None:
        for person, after in found.items():
            if after is not None and person not in told:
                told.add(person)
                self.say(_sentence(person, after))

    def _longest(self) -> dt.timedelta:
        """All the ringing there can be, one telephone after the other."""
        line = self.line
        phones = sum(len(phones_of(line, person)) for person in self.whom())
        longest = max(step.ring_for for step in line.escalation.steps)
        return phones * longest + LISTENS_FOR + WITHIN

    def _give_way(self) -> None:
        if self.board.desk.book.hunted(self.line.id):
            raise GivenWayError("somebody is being sought for a real incident, which comes first")


class GivenWayError(DrillError):
    """A real call is under way: that the drill was not held is no fault of the line."""


def _over(incident: Incident) -> bool:
    everybody = incident.hunt.doing in (Hunting.RESTING, Hunting.OVER) and not incident.legs()
    return everybody or incident.state is State.CLOSED


def _sentence(person: str, after: dt.timedelta | None) -> str:
    if after is None:
        return f"{person} did not answer"
    return f"{person} answered after {after.total_seconds():.0f} s"
