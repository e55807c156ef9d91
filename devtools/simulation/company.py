"""The phone company in memory: who is in which queue, webhooks on their way, and REST requests."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from devtools.simulation.door import Door
from devtools.simulation.machines import Machines
from devtools.simulation.people import Phone
from devtools.simulation.phone import FailedError, Side, Talk
from devtools.simulation.said import Said
from devtools.simulation.world import Process
from routing.events import Heard
from routing.voice_document import Document, Next

ATTEMPTS = 3
READ = 4.5
HURRY = 0.05


class Company:
    """Carries questions to the line, and remembers who is joined with whom."""

    def __init__(self, machines: Machines, door: Door) -> None:
        """Nobody calls yet."""
        self.machines, self.door = machines, door
        self.world = machines.world
        self.sides: dict[str, Side] = {}
        self.queues: dict[str, Side] = {}
        self.talks: list[Talk] = []
        self.pressed: set[str] = set()
        self.opened: set[str] = set()
        self.phones: dict[str, Phone] = {}
        self.text_sent: Callable[[str, str, str], None] = lambda page, sid, to: None
        self.hung_up_on: Callable[[Side], None] = lambda side: None
        self.placed: Callable[[Side], None] = lambda side: None
        self.rings_customer: Callable[[Side, str, int, float], None] = lambda *call: None
        self.asked: Callable[[Side], None] = lambda side: None
        self.dials: Callable[[Side, str], None] = lambda side, number: None
        self.dialled: Callable[[Side, str], None] = lambda side, number: None
        self.talk_begins: Callable[[Talk], None] = lambda talk: None
        self.count = 0

    def phone(self, number: str) -> Phone:
        """The telephone of this number; a customer's own is mostly answered."""
        if number not in self.phones:
            self.phones[number] = Phone(self.world.chance, number, 0.8, 0.5, 1.0)
        return self.phones[number]

    def sid(self, kind: str) -> str:
        """A fresh id of the carrier."""
        self.count += 1
        return f"{kind}{self.count:06d}"

    def join(self, caller: Side, other: Side) -> Talk:
        """These two talk now."""
        talk = Talk(caller, other)
        self.talks = [t for t in self.talks if not t.over]
        self.talks.append(talk)
        self.world.tell(f"{caller.sid} is joined with {other.number}")
        return talk

    def ask(self, side: Side, to: Next, said: Said) -> Generator[float, None, Document]:
        """A document for this side; asked three times, whatever goes wrong."""
        world, weather = self.world, self.machines.weather
        for _ in range(ATTEMPTS):
            yield HURRY * world.chance.random()
            if world.likely(weather.delay):
                yield world.chance.random() * READ
            if world.likely(weather.lost):
                yield READ
                continue
            if world.likely(weather.duplicate):
                world.later(world.chance.random() * 3, lambda: self._reach(side, to, said))
            document = self._reach(side, to, said)
            if world.likely(weather.unheard):
                yield READ
            elif document is not None:
                return document
        raise FailedError

    def in_background(self, side: Side, to: Next, said: Said) -> Generator[float, None, None]:
        """A question whose answer nobody hears any more."""
        try:
            yield from self.ask(side, to, said)
        except FailedError:
            return

    def told(self, what: str, happen: Callable[[], object]) -> Generator[float, None, None]:
        """A status on its way: late, twice, or never."""
        world, weather = self.world, self.machines.weather
        if world.likely(weather.drop):
            world.tell(f"lost for good: {what}")
            return
        for _ in range(ATTEMPTS):
            yield HURRY * world.chance.random()
            if world.likely(weather.delay):
                yield world.chance.random() * 8
            twice = world.likely(weather.duplicate)
            if not world.likely(weather.lost) and self.happens(what, happen) and not twice:
                return

    def _reach(self, side: Side, to: Next, said: Said) -> Document | None:
        up = self.machines.up("web")
        if not up:
            return None
        self.world.tell(f"{side.sid} asks {to.name} {to.id[:6]} {to.turn} {said.key or ''}")
        web = self.world.chance.choice(up)
        _, document = self.machines.at_work(web, lambda: self.door.answer(to, said))
        return document if isinstance(document, Document) else None

    def happens(self, what: str, happen: Callable[[], object]) -> bool:
        """A web process is told of something; False when nobody hears whether it was."""
        up = self.machines.up("web")
        if not up:
            return False
        self.world.tell(f"told: {what}")
        try:
            return self.machines.at_work(self.world.chance.choice(up), happen)[0]
        except SQLAlchemyError:
            return False

    def customer_heard(self, side: Side, heard: Heard) -> None:
        """The carrier's word of where the call of a customer is who asked for it, on its way."""
        what = f"{side.sid}, a customer, is {heard}"
        Process(self.world, self.told(what, partial(self.door.customer_heard, side, heard)))

    def heard(self, sid: str) -> Heard | None:
        """Where this call is."""
        side = self.sides.get(sid)
        return side.heard if side is not None else None
