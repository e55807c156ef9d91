"""A handset in somebody's hand: what they hear and what they do with it."""

from typing import Any

from devtools.phone_company.calls import Call
from devtools.phone_company.control.calls import speak
from devtools.phone_company.driver.floor import Floor
from devtools.phone_company.ringing import press

_HEARD = ("say", "voice")


class Handset:
    """One leg of a call, held by a person."""

    def __init__(self, floor: Floor, call: Call) -> None:
        """Hold this leg."""
        self._floor, self._call = floor, call
        self._listening_from = 0

    def __repr__(self) -> str:
        """Show whose handset it is and what was heard last."""
        return f"<Handset {self._call.customer} {self.status}, heard {self.hears[-3:]}>"

    @property
    def sid(self) -> str:
        """The identifier of the leg."""
        return self._call.sid

    @property
    def status(self) -> str:
        """The status of the leg, in the carrier's words."""
        return self._call.status

    @property
    def live(self) -> bool:
        """Whether the leg has not ended."""
        return not self._call.over

    @property
    def transcript(self) -> list[dict[str, Any]]:
        """Everything this phone heard and did."""
        return list(self._call.transcript)

    @property
    def hears(self) -> list[str]:
        """Everything said to this phone so far, in order."""
        return [entry["text"] for entry in self.transcript if entry["what"] in _HEARD]

    @property
    def asking(self) -> dict[str, Any] | None:
        """The open Gather or Record with its attributes, or None."""
        return self._call.asking

    @property
    def bridged_with(self) -> str | None:
        """The identifier of the leg it is talking to."""
        return self._call.bridged_with

    def press(self, digits: str) -> None:
        """Press keys; `until_hears` listens from here on."""
        self._listening_from = len(self.hears)
        self._floor.wait(press(self._floor.company, self._call, digits))
        self._floor.do(lambda: None)

    def speak(self, seconds: float = 2.0, text: str = "") -> None:
        """Say something, into a recording or to whoever is at the other end."""
        self._floor.do(lambda: speak(self._floor.company, self._call, seconds, text))

    def hang_up(self) -> None:
        """Put the phone down."""
        self._floor.do(lambda: self._floor.company.exchange.hang_up(self._call))

    def until_hears(self, words: str, timeout: float = 5.0) -> str:
        """Wait for a sentence with these words since the last key press, and return it."""

        def heard() -> str | None:
            fresh = self.hears[self._listening_from :]
            return next((said for said in fresh if words.lower() in said.lower()), None)

        return self._floor.until(heard, timeout, self, f"did not hear {words!r}")

    def until_asked(self, verb: str = "Gather", timeout: float = 5.0) -> dict[str, Any]:
        """Wait until keys (Gather) or words (Record) are asked for; return the attributes."""

        def asked() -> dict[str, Any] | None:
            asking = self._call.asking
            return asking if asking and asking["verb"] == verb else None

        return self._floor.until(asked, timeout, self, f"was not asked ({verb})")

    def until_bridged(self, timeout: float = 5.0) -> str:
        """Wait until somebody is at the other end; return that leg's identifier."""
        return self._floor.until(
            lambda: self._call.bridged_with, timeout, self, "was not connected"
        )

    def until_over(self, timeout: float = 5.0) -> str:
        """Wait for the end of the leg and return its final status."""
        return self._floor.until(
            lambda: self._call.status if self._call.over else None,
            timeout,
            self,
            "did not end",
        )
