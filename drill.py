"""A fire drill: a made-up call through the whole line, as the carrier and an engineer would do it.

Signed webhooks go to PUBLIC_URL, a worker or a clock pages, a key acknowledges. Only the carrier is
left out, so nobody's telephone rings.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from carrier.standin import NoAnswerError, joins_at, keys_go_to
from routing.drill import PERSON, drill_number, drill_of
from routing.line import Line
from routing.page import LegState, Page
from routing.written.telling import News, manager_letters
from switchboard import Switchboard
from trial import DrillError, Trial

TRIES = 150


def rest() -> None:
    """A little time for those who work meanwhile."""
    time.sleep(0.2)


@dataclass
class Drill:
    """One drill of one line; ``wait`` passes a little time while others do their part."""

    board: Switchboard
    line: Line
    say: Callable[[str], None]
    wait: Callable[[], None] = rest
    tries: int = TRIES

    def hold(self) -> None:
        """From the first word to the acknowledgement; raises DrillError, having told of it."""
        trial = Trial(self.board, drill_of(self.line), drill_number(self.line), self.say)
        try:
            with trial.waiting():
                self._acknowledge(trial, self._page(trial))
        except (DrillError, NoAnswerError) as failed:
            alarm(self.board, self.line)
            raise DrillError(str(failed)) from None

    def _page(self, trial: Trial) -> Page:
        """A worker or the clock placed the call of somebody."""
        for _ in range(self.tries):
            incident = trial.matter.incident
            legs = incident.legs() if incident is not None else ()
            rung = [leg for leg in legs if leg.state is LegState.RINGING or leg.sid is not None]
            if rung:
                self.say("paged")
                return rung[0]
            self.wait()
        raise DrillError("nobody was paged in time: see the logs of worker and clock")

    def _acknowledge(self, trial: Trial, leg: Page) -> None:
        whisper = self.board.addresses.of_leg(leg.id)
        heard = trial.carrier.ask(whisper, CallSid=leg.sid or "", CallStatus="in-progress")
        then = keys_go_to(heard)
        if then is None:
            raise DrillError("whoever was paged was not asked for a key")
        heard = trial.carrier.ask(then, CallSid=leg.sid or "", Digits=leg.take_key)
        incident = trial.matter.incident
        if incident is None or incident.acknowledged_by != PERSON:
            raise DrillError("a key was pressed, and nobody had acknowledged")
        self.say(f"acknowledged: incident {incident.number}")
        joined = joins_at(heard)
        if joined is None:
            raise DrillError("whoever took the call was not joined with the caller")
        trial.carrier.ask(joined)
        self.say("joined with the caller")
        over = self.board.addresses.of_leg_status(leg.id)
        trial.carrier.ask(over, CallSid=leg.sid or "", CallStatus="completed")


def alarm(board: Switchboard, line: Line) -> None:
    """The people of the real line are told that it may not work."""
    facts = board.desk.facts(line)
    letters = manager_letters(facts, News("drill_failed", (("line", line.name),)))
    board.desk.bell.ring(board.desk.book.write(letters, facts.now))
