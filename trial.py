"""The made-up call of a drill: a caller who is identified, says level 1, waits, and is gone again.

Signed webhooks go to PUBLIC_URL as the carrier would send them. The contract is lent for the time
of the call and opens nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from carrier.standin import StandIn, keys_go_to
from routing import events as ev
from routing.contract import Contact, Contract, Plan
from routing.drill import COMPANY, PERSON, PHONE
from routing.line import Line
from routing.memo import How
from routing.ports import Matter
from store.drills import lend, take_back
from store.pins import Argon2Locksmith
from switchboard import Switchboard

STEPS = 12
"""No caller answers more questions before somebody is rung."""


class DrillError(Exception):
    """A sentence that says at which step a drill failed, and how."""


@dataclass
class Trial:
    """One call to the line of a drill, whose ``number`` is a word that only a drill can call."""

    board: Switchboard
    line: Line
    number: str
    say: Callable[[str], None]
    sid: str = field(default_factory=lambda: f"{PHONE}-{secrets.token_hex(8)}")
    result: str = ""
    """What its journal says in the end."""

    @property
    def carrier(self) -> StandIn:
        """Asks as the carrier would ask of this call."""
        return StandIn(self.board.seal, self.sid, self.number)

    @property
    def matter(self) -> Matter:
        """What the log knows of it; raises DrillError when that is nothing."""
        matter = self.board.desk.book.matter_of_sid(self.sid)
        if matter is None:
            raise DrillError("the call is not in the log")
        return matter

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """The caller waits in the queue; nothing of it goes on afterwards, however far it came."""
        settings, pin = self.board.settings, digits(self.line.pin.length)
        hashed = Argon2Locksmith(settings.pin_pepper).hash(pin, "drill")
        contact = Contact(COMPANY, (), hashed)
        contract = Contract(digits(6), COMPANY, Plan.MSA_PLUS, contacts=(contact,))
        lend(self.board.engine, self.line.id, contract)
        try:
            self._identify(contract.number, pin)
            yield
        finally:
            take_back(self.board.engine, self.line.id, contract)
            self._end()

    def _identify(self, number: str, pin: str) -> None:
        address = f"{self.board.settings.public_url}/voice/incoming"
        heard = self.carrier.ask(address, CallStatus="ringing")
        for _ in range(STEPS):
            if "<Enqueue" in heard:
                self.say("identified, level 1, waiting")
                return
            then = keys_go_to(heard)
            if then is None:
                raise DrillError("the caller was asked nothing and was not put in the queue")
            kept = {"contract": number, "pin": pin}
            keys = next((kept[room] for room in kept if f"/{room}/" in then), "1")
            heard = self.carrier.ask(then, Digits=keys)
        raise DrillError(f"after {STEPS} answers the caller was still not put in the queue")

    def _end(self) -> None:
        desk = self.board.desk
        matter = desk.book.matter_of_sid(self.sid)
        if matter is None or matter.call is None:
            return
        after = desk.happen(ev.CallEnded(matter.call.id))
        if after.incident is not None:
            desk.happen(ev.Responded(after.incident.key, PERSON, How.CALL, self.result))
            desk.happen(ev.Closed(after.incident.key, PERSON, How.CALL))


def digits(count: int) -> str:
    """So many of them, drawn at random."""
    return "".join(secrets.choice("0123456789") for _ in range(count))
