"""A telephone on somebody's table: it rings, and somebody answers or does not."""

from typing import Any

from devtools.phone_company.calls import Call
from devtools.phone_company.driver.floor import Floor
from devtools.phone_company.driver.handset import Handset
from devtools.phone_company.phones import Phone


class Telephone:
    """The phone with one number."""

    def __init__(self, floor: Floor, phone: Phone) -> None:
        """Sit beside this phone."""
        self._floor, self._phone = floor, phone

    def __repr__(self) -> str:
        """Show the number and what its legs are doing."""
        return f"<Telephone {self._phone.number} {[call.status for call in self._legs()]}>"

    @property
    def number(self) -> str:
        """The number it is reached at."""
        return self._phone.number

    @property
    def handsets(self) -> list[Handset]:
        """Every leg to this phone so far, oldest first."""
        return [Handset(self._floor, call) for call in self._legs()]

    def behave(self, behaviour: str, **habits: Any) -> None:
        """Give the phone a behaviour: ring, answer, busy, decline, failed, no_answer, mailbox."""
        self._floor.do(lambda: self._phone.set({"behaviour": behaviour, **habits}))

    def ringing(self) -> bool:
        """Whether it rings now."""
        return self._ringing() is not None

    def until_rings(self, timeout: float = 5.0) -> Handset:
        """Wait until it rings; the handset is still on the hook."""
        call = self._floor.until(self._ringing, timeout, self, "did not ring")
        return Handset(self._floor, call)

    def answer(self) -> Handset:
        """Pick up; it is an error when the phone does not ring now."""
        return self._pick_up("answered")

    def decline(self) -> Handset:
        """Turn the call away."""
        return self._pick_up("busy")

    def _pick_up(self, outcome: str) -> Handset:
        def act() -> Call:
            call = self._ringing()
            if call is None or call.picked_up is None:
                raise AssertionError(f"{self!r} is not ringing")
            call.picked_up.set_result(outcome)
            return call

        return Handset(self._floor, self._floor.do(act))

    def _ringing(self) -> Call | None:
        return next((call for call in self._legs() if call.ringing), None)

    def _legs(self) -> list[Call]:
        calls = tuple(self._floor.company.exchange.calls.values())
        number = self._phone.number
        return [call for call in calls if call.to == number and call.direction != "inbound"]
