"""The company: its departments, put together once."""

import asyncio
from dataclasses import dataclass

from devtools.phone_company.calls import LOTS
from devtools.phone_company.clock import Clock, ManualClock, RealClock
from devtools.phone_company.conferences import ConferenceRooms
from devtools.phone_company.dialects import TWILIO, Dialect
from devtools.phone_company.exchange import Exchange
from devtools.phone_company.feed import Feed
from devtools.phone_company.inbox import Inbox
from devtools.phone_company.numbers import Number
from devtools.phone_company.phones import PhoneBook
from devtools.phone_company.post.courier import Courier
from devtools.phone_company.post.desk import PostDesk
from devtools.phone_company.queues import Queues
from devtools.phone_company.recordings import Recordings
from devtools.phone_company.requests import RequestLog
from devtools.phone_company.switches import Switches
from devtools.phone_company.texts import Texts
from devtools.phone_company.traffic import Traffic


@dataclass(frozen=True)
class Account:
    """The one customer of this company, and how fast its speech is read."""

    sid: str = "AC" + "0" * 32
    token: str = "0" * 32
    key: str = ""
    secret: str = ""
    speech: float = 1.0  # 0 makes speech take no time
    signing: str = "a-signing-key"  # of companies that do not sign with the token
    dialect: Dialect = TWILIO


class Company:
    """Holds every department; each knows the company, none knows the line."""

    def __init__(self, account: Account, clock: Clock | None = None) -> None:
        """Open with no number, no call and no fault; `url` is set once the door is open."""
        self.account = account
        self.dialect = account.dialect
        LOTS.name = self.dialect.name_id
        self.url = ""
        self.closing = asyncio.Event()
        self.clock = clock or RealClock()
        self.feed = Feed(self.clock)
        self.switches = Switches()
        self.traffic = Traffic()
        self.courier = Courier(self)
        self.post = PostDesk(self.clock, self.feed, self.switches, self.traffic, self.courier)
        self.numbers: dict[str, Number] = {}
        self.phones = PhoneBook()
        self.queues = Queues(self)
        self.conferences = ConferenceRooms(self)
        self.recordings = Recordings(self)
        self.texts = Texts(self)
        self.inbox = Inbox(self)
        self.requests = RequestLog(self)
        self.exchange = Exchange(self)

    def number(self, phone_number: str) -> Number:
        """Return an own number, taking it into the account if it is new."""
        if phone_number not in self.numbers:
            self.numbers[phone_number] = Number(
                phone_number=phone_number,
                friendly_name=phone_number,
                created=self.clock.now(),
            )
        return self.numbers[phone_number]

    async def advance(self, seconds: float) -> None:
        """Move a manual clock, letting everything come to rest after each timer."""
        if not isinstance(self.clock, ManualClock):
            raise ValueError("This company lives in real time")
        await self.clock.advance(seconds, self.traffic.settle)

    async def close(self) -> None:
        """End every call and leave no task behind."""
        self.closing.set()
        await self.exchange.close()
        await self.post.close()
