"""The telephones of the world: what happens when one of them is rung."""

import asyncio
from dataclasses import dataclass, fields
from typing import Any, Literal

from devtools.phone_company.calls import Call
from devtools.phone_company.clock import Clock, first_of

Behaviour = Literal["ring", "answer", "busy", "decline", "failed", "no_answer", "mailbox"]


@dataclass
class Phone:
    """One telephone and its habits."""

    number: str
    behaviour: Behaviour = "ring"
    after: float = 0.0  # seconds of ringing before it answers or declines
    keys: str = ""  # pressed by itself once it has answered; a w waits half a second
    greeting: str = "The person you are calling is not available. Please speak after the tone."
    stays: float = 30.0  # seconds a mailbox records before it hangs up
    texts: Literal["delivered", "undelivered", "failed"] = "delivered"
    error_code: int = 30003  # why a text does not arrive

    def set(self, changes: dict[str, Any]) -> None:
        """Change the named habits; a habit that does not exist is a ValueError."""
        known = {habit.name for habit in fields(self)} - {"number"}
        if unknown := set(changes) - known:
            raise ValueError(f"A phone has no {', '.join(sorted(unknown))}")
        if changes.get("behaviour", "ring") not in Behaviour.__args__:  # type: ignore[attr-defined]
            raise ValueError(f"No phone behaves like {changes['behaviour']!r}")
        for name, value in changes.items():
            setattr(self, name, value)


class PhoneBook:
    """Every phone there is; one that was never mentioned rings."""

    def __init__(self) -> None:
        """Start with no habits known."""
        self.phones: dict[str, Phone] = {}

    def at(self, number: str) -> Phone:
        """Return the phone with that number."""
        return self.phones.setdefault(number, Phone(number))


async def ring(clock: Clock, phone: Phone, call: Call, timeout: float) -> str:
    """Ring a phone and return `answered`, or the status the leg ends with."""
    if phone.behaviour in ("busy", "failed"):
        return phone.behaviour
    call.picked_up = asyncio.get_running_loop().create_future()
    habits = [_hand(call.picked_up), clock.sleep(timeout)]
    if phone.behaviour in ("answer", "mailbox", "decline"):
        habits.append(clock.sleep(phone.after))
    winner = await first_of(*habits)
    if winner == 0:
        return call.picked_up.result()
    if winner == 1:
        return "no-answer"
    return "busy" if phone.behaviour == "decline" else "answered"


async def _hand(picked_up: asyncio.Future[str]) -> None:
    await asyncio.wait({picked_up})
