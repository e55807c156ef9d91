"""The office: opens a company for a test and says what happens in it."""

from datetime import datetime
from types import TracebackType
from typing import Any, Self

from devtools.phone_company.calls import Call
from devtools.phone_company.clock import ManualClock
from devtools.phone_company.company import Account, Company
from devtools.phone_company.driver.floor import Floor
from devtools.phone_company.driver.handset import Handset
from devtools.phone_company.driver.telephone import Telephone
from devtools.phone_company.numbers import point
from devtools.phone_company.post.signature import SharedKey
from devtools.phone_company.recordings import Recording
from devtools.phone_company.texts import Text


class Office:
    """A whole company on a free loopback port, from `with` to the end of its block."""

    def __init__(
        self, account: Account | None = None, *, manual: bool = False, start: datetime | None = None
    ) -> None:
        """Choose the account, and whether time stands still (at `start`); nothing runs yet."""
        self.account = account or Account()
        self._manual, self._start = manual, start

    def __enter__(self) -> Self:
        """Open."""
        clock = ManualClock(self._start) if self._manual else None
        self._floor = Floor(lambda: Company(self.account, clock), port=0)
        self.url = self._floor.company.url
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, ending every call and the thread."""
        self._floor.close()

    @property
    def now(self) -> datetime:
        """The company's time."""
        return self._floor.company.clock.now()

    @property
    def due(self) -> datetime | None:
        """When a company whose time stands still does something by itself next, if ever."""
        clock = self._floor.company.clock
        return clock.due() if isinstance(clock, ManualClock) else None

    @property
    def webhooks(self) -> list[dict[str, Any]]:
        """Every webhook sent, with its answer, in the order of sending."""
        return list(self._floor.company.post.log)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Every REST request received."""
        return list(self._floor.company.requests.log)

    @property
    def legs(self) -> list[Call]:
        """Every leg of every call, oldest first."""
        return list(self._floor.company.exchange.calls.values())

    @property
    def texts(self) -> list[Text]:
        """Every text, oldest first."""
        return list(self._floor.company.texts.all.values())

    @property
    def recordings(self) -> list[Recording]:
        """What is recorded and not deleted, silence left out, oldest first."""
        found = self._floor.company.recordings.all.values()
        return [recording for recording in tuple(found) if recording.status != "absent"]

    @property
    def transcriptions(self) -> list[str]:
        """The words of recordings that are not deleted."""
        return list(self._floor.company.recordings.transcriptions.values())

    def number(self, phone_number: str, **settings: str) -> None:
        """Own a number and point its webhooks: voice_url, voice_fallback_url, sms_url, …"""
        self._floor.do(lambda: point(self._floor.company.number(phone_number), settings))

    def sign_with(self, key: SharedKey | None) -> None:
        """Sign webhooks with this shared key from now on, or with the account's token again."""
        self._floor.do(lambda: setattr(self._floor.company.courier, "shared_key", key))

    def cannot_text(self, phone_number: str) -> None:
        """One of the account's numbers takes calls and no texts."""
        self._floor.do(lambda: setattr(self._floor.company.number(phone_number), "sms", False))

    def dial(self, from_: str, to: str, headers: dict[str, str] | None = None) -> Handset:
        """Phone one of the account's numbers."""
        call = self._floor.do(lambda: self._floor.company.exchange.dial_in(from_, to, headers))
        return Handset(self._floor, call)

    def phone(self, number: str) -> Telephone:
        """Return the telephone with that number."""
        return Telephone(self._floor, self._floor.company.phones.at(number))

    def answer_next(self, *numbers: str, timeout: float = 5.0) -> Handset:
        """Wait until one of these phones rings, and pick it up before the ringing can end."""

        def pick_up() -> Call | None:
            for call in self.legs:
                if call.to in numbers and call.picked_up is not None and call.ringing:
                    call.picked_up.set_result("answered")
                    return call
            return None

        call = self._floor.until(pick_up, timeout, numbers, "did not ring")
        self._floor.do(lambda: None)
        return Handset(self._floor, call)

    def hang_up(self, leg: Call) -> None:
        """Put the phone of this leg down."""
        self._floor.do(lambda: self._floor.company.exchange.hang_up(leg))

    def text(self, from_: str, to: str, body: str) -> None:
        """Text one of the account's numbers."""
        self._floor.do(lambda: self._floor.company.inbox.receive(from_, to, body))

    def until_texted(self, to: str, words: str = "", timeout: float = 5.0) -> Text:
        """Wait until a phone has been sent a text with these words, and return it."""

        def arrived() -> Text | None:
            return next((t for t in self.texts if t.to == to and words in t.body), None)

        return self._floor.until(arrived, timeout, to, f"was not texted {words!r}")

    def faults(self, **switches: Any) -> None:
        """Move switches; without any, put all of them back."""
        company = self._floor.company
        self._floor.do(
            lambda: company.switches.set(switches) if switches else company.switches.reset()
        )

    def advance(self, seconds: float) -> None:
        """Move a clock that stands still, letting everything come to rest after each timer."""
        self._floor.wait(self._floor.company.advance(seconds))

    def idle(self) -> None:
        """Return once nothing is on the wire and every call waits for time or for a key."""
        self._floor.wait(self._floor.company.traffic.settle())
