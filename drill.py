"""A fire drill: a made-up call through the whole line, as the carrier and an engineer would do it.

Signed webhooks go to PUBLIC_URL, a worker or a clock pages, a key acknowledges. Only the carrier is
left out, so nobody's telephone rings.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from carrier.standin import NoAnswerError, StandIn, joins_at, keys_go_to
from routing import events as ev
from routing.contract import Contact, Contract, Plan
from routing.drill import COMPANY, PERSON, PHONE, drill_id, drill_number
from routing.line import Line
from routing.memo import How
from routing.page import LegState, Page
from routing.ports import Matter
from routing.written.telling import News, manager_letters
from store.drills import lend, take_back
from store.pins import Argon2Locksmith
from switchboard import Switchboard

TRIES = 150
STEPS = 12
"""No caller answers more questions before somebody is rung."""


class DrillError(Exception):
    """A sentence that says at which step a drill failed, and how."""


def _rest() -> None:
    time.sleep(0.2)


@dataclass
class Drill:
    """One drill of one line; ``wait`` passes a little time while others do their part."""

    board: Switchboard
    line: Line
    say: Callable[[str], None]
    wait: Callable[[], None] = _rest
    sid: str = field(default_factory=lambda: f"{PHONE}-{secrets.token_hex(8)}")
    tries: int = TRIES

    def hold(self) -> None:
        """From the first word to the acknowledgement; raises DrillError, having told of it."""
        settings, pin = self.board.settings, _digits(self.line.pin.length)
        hashed = Argon2Locksmith(settings.pin_pepper).hash(pin, "drill")
        contact = Contact(COMPANY, (), hashed)
        contract = Contract(_digits(6), COMPANY, Plan.MSA_PLUS, contacts=(contact,))
        lend(self.board.engine, drill_id(self.line), contract)
        try:
            self._identify(contract.number, pin)
            self._acknowledge(self._page())
        except (DrillError, NoAnswerError) as failed:
            self._alarm()
            raise DrillError(str(failed)) from None
        finally:
            take_back(self.board.engine, drill_id(self.line), contract)
            self._end()

    def _identify(self, number: str, pin: str) -> None:
        address = f"{self.board.settings.public_url}/voice/incoming"
        heard = self._carrier.ask(address, CallStatus="ringing")
        for _ in range(STEPS):
            if "<Enqueue" in heard:
                self.say("identified, level 1, waiting")
                return
            then = keys_go_to(heard)
            if then is None:
                raise DrillError("the caller was asked nothing and was not put in the queue")
            kept = {"contract": number, "pin": pin}
            digits = next((kept[room] for room in kept if f"/{room}/" in then), "1")
            heard = self._carrier.ask(then, Digits=digits)
        raise DrillError(f"after {STEPS} answers the caller was still not put in the queue")

    def _page(self) -> Page:
        """A worker or the clock placed the call of somebody."""
        for _ in range(self.tries):
            legs = self._matter.incident.legs() if self._matter.incident is not None else ()
            rung = [leg for leg in legs if leg.state is LegState.RINGING or leg.sid is not None]
            if rung:
                self.say("paged")
                return rung[0]
            self.wait()
        raise DrillError("nobody was paged in time: see the logs of worker and clock")

    def _acknowledge(self, leg: Page) -> None:
        whisper = self.board.addresses.of_leg(leg.id)
        heard = self._carrier.ask(whisper, CallSid=leg.sid or "", CallStatus="in-progress")
        then = keys_go_to(heard)
        if then is None:
            raise DrillError("whoever was paged was not asked for a key")
        heard = self._carrier.ask(then, CallSid=leg.sid or "", Digits=leg.take_key)
        incident = self._matter.incident
        if incident is None or incident.acknowledged_by != PERSON:
            raise DrillError("a key was pressed, and nobody had acknowledged")
        self.say(f"acknowledged: incident {incident.number}")
        joined = joins_at(heard)
        if joined is None:
            raise DrillError("whoever took the call was not joined with the caller")
        self._carrier.ask(joined)
        self.say("joined with the caller")
        over = self.board.addresses.of_leg_status(leg.id)
        self._carrier.ask(over, CallSid=leg.sid or "", CallStatus="completed")

    def _end(self) -> None:
        """Nothing of it goes on, however far it came."""
        desk = self.board.desk
        matter = desk.book.matter_of_sid(self.sid)
        if matter is None or matter.call is None:
            return
        after = desk.happen(ev.CallEnded(matter.call.id))
        if after.incident is not None:
            desk.happen(ev.Responded(after.incident.key, PERSON, How.CALL))
            desk.happen(ev.Closed(after.incident.key, PERSON, How.CALL))

    def _alarm(self) -> None:
        """The people of the real line are told that it may not work."""
        facts = self.board.desk.facts(self.line)
        letters = manager_letters(facts, News("drill_failed", (("line", self.line.name),)))
        self.board.desk.bell.ring(self.board.desk.book.write(letters, facts.now))

    @property
    def _carrier(self) -> StandIn:
        return StandIn(self.board.seal, self.sid, drill_number(self.line))

    @property
    def _matter(self) -> Matter:
        matter = self.board.desk.book.matter_of_sid(self.sid)
        if matter is None:
            raise DrillError("the call is not in the log")
        return matter


def _digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))
