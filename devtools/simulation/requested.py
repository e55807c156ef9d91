"""Customers who ask in the portal to be called: their wishes, and the telephones that then ring."""

from __future__ import annotations

from collections import Counter
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from devtools.simulation import cast
from devtools.simulation.callers import hang_up
from devtools.simulation.company import Company
from devtools.simulation.handset import Handset
from devtools.simulation.legs import ENDS
from devtools.simulation.people import FAST, SLOW, Caller, prompts
from devtools.simulation.phone import Side
from devtools.simulation.world import Process, Story
from routing import events
from routing.caller.call_me_now import CALLS_AN_HOUR
from routing.decision import Case
from routing.events import Heard
from routing.incident import Incident, IncidentState
from routing.voice_document import Menu, Next

if TYPE_CHECKING:
    from devtools.simulation.night import Night

BETWEEN = (15.0, 90.0)
"""Seconds from one customer who presses the button to the next."""

IMPATIENT = 0.3
"""How often somebody presses it twice."""

HELD_FOR = 60.0
"""Seconds for which a telephone may be held that the book has done with."""

KEYS = ("1", "1", "1", "1", None, "5")


class CalledCustomer(Caller):
    """Somebody whose telephone rings because they asked for it, or the mailbox that answers."""

    listens = True

    def key(self, menu: Menu) -> tuple[float, str | None]:
        """Mostly the key that connects; a mailbox presses nothing."""
        if not self.listens:
            return SLOW, None
        if "call_me_now" in prompts(menu):
            return self.chance.uniform(FAST, SLOW), self.chance.choice(KEYS)
        return super().key(menu)


class Requests:
    """The button of the page, and what must hold of the calls that it makes."""

    def __init__(self, night: Night) -> None:
        """Nobody has asked for anything yet."""
        self.night, self.world = night, night.world
        self.chance = Random(f"{night.seed} requests")
        self.wishes: Counter[str] = Counter()
        self.placed: dict[str, set[int]] = {}
        self.held_at: dict[str, float] = {}
        self.sides: list[tuple[Side, str]] = []

    def begin(self, seconds: float) -> None:
        """For so many seconds."""
        at = self.chance.uniform(*BETWEEN)
        while at < seconds:
            self.world.later(at, self._press)
            at += self.chance.uniform(*BETWEEN)

    def _press(self) -> None:
        kept = self.night.book.rows.incidents.values()
        theirs = [one for one in kept if one.contact and one.state is not IncidentState.CLOSED]
        if not theirs:
            return
        incident = self.chance.choice(theirs)
        event = events.CustomerCallWanted(incident.key, incident.contact or "")
        times = 2 if self.chance.random() < IMPATIENT else 1
        for _ in range(times):
            wish = partial(self._wish, event)
            story = self.night.company.told(f"call me about {incident.key[:6]}", wish)
            Process(self.world, story)

    def _wish(self, event: events.CustomerCallWanted) -> Case:
        """A browser whose answer was lost asks again, and may be called again."""
        self.wishes[event.incident] += 1
        return self.night.desk.happen(event)

    def rings(self, side: Side, key: str, number: int, limit: float) -> None:
        """The carrier rings a customer for the line."""
        caller = cast.caller(self.chance)
        customer = CalledCustomer(
            self.chance,
            shown=side.number,
            contract=caller.contract,
            pin=cast.PIN,
            level="1",
            patience=caller.patience,
            odd=caller.odd,
        )
        self._watch(side, key, number)
        story = customer_story(self.night.company, side, customer, limit)
        side.process = Process(self.world, story)
        self.night.invariants.expect(side, customer)

    def _watch(self, side: Side, key: str, number: int) -> None:
        """A customer is called once for each time they ask, and never twice at a time."""
        self.night.company.dials(side, side.number)
        calm = self.night.weather == self.night.weather.over
        rings = (other for other, about in self.sides if about == key and other.live)
        at_once = [other for other in rings if other.heard is not Heard.ANSWERED]
        if calm and at_once:
            self.night.invariants.broken("a customer is rung twice at a time", side.sid)
        numbers = self.placed.setdefault(key, set())
        numbers.add(number)
        self.sides.append((side, key))
        incident = self.night.book.rows.incidents[key]
        if len(numbers) > sum(self.wishes[each] for each in (key, *incident.merged)):
            self.night.invariants.broken("a customer is called who did not ask", side.sid)
        if len(numbers) > CALLS_AN_HOUR and self.night.machines.set_at < 0:
            self.night.invariants.broken("a customer is called more often than said", side.sid)

    def look(self) -> None:
        """No customer is held on the telephone when the book has done with them."""
        for side, key in self.sides:
            if not side.live or self._is_known(side, key):
                self.held_at[side.sid] = self.world.seconds
            since = max(self.held_at.setdefault(side.sid, self.world.seconds), self._troubled_at)
            if self.world.seconds - since > HELD_FOR:
                self.night.invariants.broken("a customer is held on the telephone", side.sid)

    def _is_known(self, side: Side, key: str) -> bool:
        """True while the book has this telephone for a leg or a call that lives."""
        leg = self.night.book.rows.incidents[key].customer_leg
        matter = self.night.book.matter_as_kept(side.sid)
        if matter is not None and matter.call is not None:
            return matter.call.live
        return leg is not None and leg.live

    @property
    def _troubled_at(self) -> float:
        return self.night.machines.troubled_at

    def begun(self, before: Case, after: Case, about: str) -> None:
        """A call begins with the key, and displaces nobody who is on the line."""
        call, was = after.call, before.call
        if call is None or not call.called_out or (was is not None and was.id == call.id):
            return
        if call.version > 1:
            return
        if call.sid not in self.night.company.pressed:
            self.night.invariants.broken("a call begins without the key", about)
        if was is not None and was.live:
            self.night.invariants.broken("somebody on the line is displaced", about)

    def in_the_end(self, incident: Incident) -> None:
        """Each wish has come to an end."""
        leg, now = incident.customer_leg, self.world.now
        if leg is None or not leg.live:
            return
        there = self.night.company.sides.get(leg.sid or "")
        alone = there is None or not there.live
        if alone and (now - leg.at).total_seconds() > 2 * HELD_FOR:
            self.night.invariants.broken("a customer's leg lives in the book alone", leg.to)


def customer_story(company: Company, side: Side, customer: CalledCustomer, limit: float) -> Story:
    """From the first ring to the end, with the carrier's word of each."""
    phone = company.phone(side.number)
    try:
        yield 0.2
        if phone.on:
            side.heard = Heard.BUSY
            return
        company.customer_heard(side, Heard.RINGING)
        after = phone.picks_up()
        customer.listens, phone.on = phone.listens, True
        try:
            yield from customer_rung(company, side, customer, (after, limit))
        finally:
            phone.on = False
    except ENDS:
        pass
    finally:
        if side.live:
            side.heard = Heard.COMPLETED
        company.customer_heard(side, side.heard)


def customer_rung(
    company: Company, side: Side, customer: CalledCustomer, rings: tuple[float | None, float]
) -> Story:
    """The telephone rings, and the person who answers it hears the line."""
    after, limit = rings
    if after is None or after > limit:
        yield limit
        side.heard = Heard.NO_ANSWER
        return
    yield after
    side.heard = Heard.ANSWERED
    company.customer_heard(side, Heard.ANSWERED)
    company.world.later(customer.patience, lambda: hang_up(company, side))
    handset = Handset(company, side, customer)
    yield from handset.perform(Next("customer.listens", side.asked_for), handset.said())
    company.hung_up_on(side)
