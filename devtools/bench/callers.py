"""Who calls: customers on a line, or requests that a bare view answers without knowing them."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from devtools.bench import cast
from devtools.bench.load import Answer, Carrier
from devtools.bench.site import Site

STEPS: Mapping[str, Mapping[str, str]] = {
    "incoming": {},
    "PIN": {"Digits": f"{cast.PIN}#"},
    "urgency": {"Digits": "1"},
    "confirmation": {"Digits": "1"},
    "status": {"CallStatus": "completed"},
}
"""What is said at each step of a call; the confirmation begins the hunt for an engineer."""


class Callers(Protocol):
    """Many who call one server, all at the same step of their calls."""

    def requests(self, step: str) -> Sequence[bytes]:
        """What the carrier asks at this step, a request for each of them."""

    def heard(self, answers: Sequence[Answer]) -> None:
        """What came back; raises ValueError where it is no answer."""


@dataclass(frozen=True)
class Strangers:
    """Requests of the same size, at an address that answers all of them alike."""

    carrier: Carrier
    count: int
    path: str

    def requests(self, step: str) -> Sequence[bytes]:
        """The same request for each."""
        said = STEPS[step]
        return [self.carrier.request(self.path, "CA", cast.phone(0), **said)] * self.count

    def heard(self, answers: Sequence[Answer]) -> None:
        """Each has been answered."""
        refused = [answer.status for answer in answers if answer.status != 200]
        if refused:
            raise ValueError(f"{len(refused)} refused: {refused[0]}")


@dataclass
class Customer:
    """One call: the next address is what the last document said."""

    phone: str
    sid: str = field(default_factory=lambda: "CA" + secrets.token_hex(16))
    next: str = "/voice/incoming"

    def request(self, carrier: Carrier, step: str) -> bytes:
        """What the carrier asks for this call at this step."""
        path = "/voice/status" if step == "status" else self.next
        return carrier.request(path, self.sid, self.phone, **STEPS.get(step, {}))

    def follow(self, answer: Answer, *, waiting: bool = False) -> None:
        """Go on where the document says, or to the waiting room it names."""
        if answer.status != 204:
            self.next = answer.waiting_room if waiting else answer.action


class Customers:
    """Customers of different contracts, drawn anew for each round."""

    def __init__(self, site: Site, count: int) -> None:
        """All of them are about to call."""
        self._carrier = site.carrier
        drawn = random.sample(range(site.contracts), count)
        self._all = [Customer(cast.phone(place)) for place in drawn]

    def requests(self, step: str) -> Sequence[bytes]:
        """What the carrier asks for each."""
        return [each.request(self._carrier, step) for each in self._all]

    def heard(self, answers: Sequence[Answer]) -> None:
        """Each goes on where the document says."""
        for each, answer in zip(self._all, answers, strict=True):
            each.follow(answer)
