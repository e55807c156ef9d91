"""One night of a line: everything joined together, and every fault drawn from one seed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from random import Random

from carrier.urls import WebhookUrls
from devtools.simulation import cast
from devtools.simulation.callers import dial, hang_up
from devtools.simulation.company import Company
from devtools.simulation.crew import Crew, Tools
from devtools.simulation.door import Door
from devtools.simulation.exchange import Exchange
from devtools.simulation.invariants import Invariants
from devtools.simulation.lobby import Lobby
from devtools.simulation.machines import NOTHING, Machines
from devtools.simulation.office import UnreliableBell, UnreliableBook, UnreliableDue
from devtools.simulation.people import Phone
from devtools.simulation.phone import Side, Talk
from devtools.simulation.plain import PlainLocksmith, PlainShelf
from devtools.simulation.requested import Requests
from devtools.simulation.screens import Letters, Screens
from devtools.simulation.weather import Weather, draw
from devtools.simulation.witness import Witness
from devtools.simulation.world import Process, World
from routing import events
from routing.line import Channel
from routing.message import Via
from routing.page import PageResult
from service.channels.sms import SmsSender
from store.log.recordings import RecordingStore
from store.memory.lines import MemoryLineRepository
from workers.context import JobContext
from workers.letters import MailAddresses

CALLS_COME_FOR = 2000.0
LASTS = 2400.0
AFTERWARDS = 450.0
LOOKS = 5.0


class Night:
    """So many callers within half an hour, and some minutes in which nothing fails any more."""

    def __init__(self, seed: str, calls: int, weather: Weather | None = None) -> None:
        """Everything is there, and nothing has happened."""
        chance = Random(seed)
        self.seed, self.calls = seed, calls
        self.world = World(seed, cast.evening(chance))
        self.weather = weather or draw(chance)
        self.machines = Machines(self.world, self.weather)
        self.book = UnreliableBook(self.machines)
        line = replace(
            cast.line(chance),
            unverified=cast.unverified(Random(f"{seed} strangers")),
            plans=cast.plans(Random(f"{seed} plans")),
        )
        self.people = MemoryLineRepository(line, cast.CONTRACTS)
        self.bell = UnreliableBell(self.machines)
        self.desk = Witness(
            calls=self.book,
            lines=self.people,
            pins=PlainLocksmith(),
            notifier=self.bell,
            clock=self.world.clock,
            seed=lambda: self.world.chance.randbytes(16),
            calendar=lambda _: lambda _: False,
        )
        lobby = Lobby(line.number, cast.ON_FILE)
        self.company = Company(self.machines, Door(self.desk, line.number, lobby))
        self.company.phones = {n: cast.phone(self.world.chance, n) for n in cast.ON_FILE}
        self.company.text_sent = self._text_sent
        self.company.talk_begins = self._talk
        self.exchange = Exchange(self.company)
        self.crew = Crew(self._tools())
        self.invariants = Invariants(self)
        self.screens = Screens(self)
        self.requests = Requests(self)
        self.letters = Letters(self)
        self.company.rings_customer = self.requests.rings

    def _tools(self) -> Tools:
        archive = RecordingStore(self.book.recordings, PlainShelf())  # type: ignore[arg-type]
        urls = WebhookUrls("http://line.test")
        bench = JobContext(
            call_service=self.desk,
            carrier=self.exchange,  # type: ignore[arg-type]
            urls=urls,
            senders={Channel.SMS: SmsSender(self.exchange, urls)},  # type: ignore[arg-type]
            mail_addresses=MailAddresses("http://line.test", "a secret of the simulation"),
            recordings=archive,
            recording_fetcher=self.exchange,  # type: ignore[arg-type]
        )
        return Tools(self.machines, UnreliableDue(self.book, self.machines), self.bell, bench)

    def run(self) -> None:
        """Let it happen; raises BrokenError when something that must hold does not."""
        world = self.world
        for _ in range(self.calls):
            at = world.chance.random() * CALLS_COME_FOR
            world.later(at, lambda: self.invariants.expect(*self._caller()))
        self.screens.begin(self.calls, CALLS_COME_FOR)
        self.requests.begin(CALLS_COME_FOR)
        self.letters.begin(CALLS_COME_FOR)
        world.later(LOOKS, self._look)
        world.run(LASTS)
        self.machines.weather = self.machines.weather.over
        self.machines.set_clocks(NOTHING)
        world.tell("nothing fails any more")
        world.run(LASTS + AFTERWARDS)
        self.invariants.in_the_end()

    def _caller(self) -> tuple[Side, object]:
        caller = cast.caller(self.world.chance)
        return dial(self.company, caller), caller

    def _look(self) -> None:
        self.invariants.look()
        self.requests.look()
        if self.world.seconds < LASTS + AFTERWARDS - LOOKS:
            self.world.later(LOOKS, self._look)

    def _talk(self, talk: Talk) -> None:
        phone: Phone = self.company.phone(talk.other.number)
        ends, draw_ = phone.talks(), self.world.chance.random()
        self.invariants.talk_begins(talk)
        if draw_ < 0.3:
            self.world.later(ends, talk.end)
            return
        side = talk.one if draw_ < 0.7 else talk.other
        self.world.later(ends, lambda: None if talk.over else hang_up(self.company, side))

    def _text_sent(self, page: str, sid: str, to: str) -> None:
        result = (
            PageResult.DELIVERED if self.world.chance.random() < 0.9 else PageResult.UNDELIVERED
        )
        for one in (PageResult.SENT, result):
            event = events.PageSent(page, one, sid)
            story = self.company.told(f"a text is {one}", partial(self._became, event))
            Process(self.world, story)
        if self.world.chance.random() < 0.25:
            self.world.later(30 * self.world.chance.random(), lambda: self._texts_back(page, to))

    def _became(self, event: events.PageSent) -> None:
        if self.book.find_by_page(event.page) is not None:
            self.desk.happen(event)
        else:
            self.book.messages.record_result(event.page, event.result, event.sid)

    def _texts_back(self, page: str, to: str) -> None:
        matter = self.book.rows.pages.get(page)
        engineer = next((e.id for e in cast.ENGINEERS if to in e.phones), None)
        if matter is None or engineer is None:
            return
        key, forged = matter[0].key, self.world.chance.random() < 0.3
        forgeries: list[events.Event] = [events.AcknowledgedWithoutKey(key, engineer)]
        if forged:
            said_so = (events.Responded, events.Closed)
            forgeries += [said(key, engineer, Via.TEXT) for said in said_so]
        for event in forgeries:
            story = self.company.told(f"{engineer} texts back", partial(self.desk.happen, event))
            Process(self.world, story)
