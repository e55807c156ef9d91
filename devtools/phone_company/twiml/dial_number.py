"""Dial Number: rings phones and talks to the first that answers."""

import asyncio
from xml.etree.ElementTree import Element

from devtools.phone_company.bridge import Bridge
from devtools.phone_company.calls import Call, Jump, StatusCallback
from devtools.phone_company.clock import first_of
from devtools.phone_company.ringing import connect
from devtools.phone_company.twiml import attributes
from devtools.phone_company.twiml.dialling import Dialling
from devtools.phone_company.twiml.stage import Stage

_MOST = 10
_WHISPER = ("Say", "Play", "Gather", "Hangup", "Pause", "Redirect")
_WORST_LAST = ("no-answer", "busy", "canceled", "failed")


async def ring_all(dialling: Dialling) -> None:
    """Ring every number at once, or one after the other where the Dial is sequential."""
    nouns = list(dialling.element.findall("Number"))[:_MOST]
    if not nouns and (dialling.element.text or "").strip():
        nouns = [dialling.element]
    one_by_one = attributes.yes(dialling.element, "sequential")
    for group in [[noun] for noun in nouns] if one_by_one else [nouns]:
        round_ = _Round(dialling, group)
        await round_.ring()
        if round_.winner is not None:
            return


class _Round:
    """Phones that ring together until one is answered."""

    def __init__(self, dialling: Dialling, nouns: list[Element]) -> None:
        self._dialling, self._stage = dialling, dialling.stage
        self._nouns = nouns
        self._legs = {self._leg(noun): asyncio.Event() for noun in nouns}
        self._won = asyncio.Event()
        self._bridge: Bridge | None = None
        self.winner: Call | None = None

    async def ring(self) -> None:
        exchange = self._stage.company.exchange
        try:
            for leg, noun in zip(self._legs, self._nouns, strict=True):
                exchange.extend(leg, self._script(leg, noun))
            if await first_of(self._won.wait(), self._all_gone()) == 0 and self._bridge:
                exchange.answer(self._stage.call)
                await self._dialling.talk(self._bridge)
            else:
                self._dialling.status = _summary([leg.status for leg in self._legs])
                self._dialling.other = next(iter(self._legs)).sid if self._legs else ""
        finally:
            for leg, gone in self._legs.items():
                if not gone.is_set():
                    exchange.hang_up(leg)

    async def _script(self, leg: Call, noun: Element) -> None:
        exchange, timeout = self._stage.company.exchange, self._dialling.timeout
        bridge = Bridge(
            self._stage.company.clock, self._stage.company.feed, (self._stage.call, leg)
        )
        try:
            if not await connect(self._stage.company, leg, timeout) or self.winner is not None:
                return
            self._win(leg, bridge)
            if url := noun.get("url"):
                whisper = Stage(self._stage.company, leg, self._stage.within(*_WHISPER).verbs)
                await whisper.run(Jump(self._stage.page.resolve(url), attributes.method(noun)))
            await bridge.talk(leg)
        finally:
            self._legs[leg].set()
            bridge.end()
        exchange.end(leg, "completed")

    def _win(self, leg: Call, bridge: Bridge) -> None:
        self.winner, self._bridge = leg, bridge
        self._dialling.status, self._dialling.other = "completed", leg.sid
        for other in self._legs:
            if other is not leg:
                self._stage.company.exchange.hang_up(other)
        self._won.set()

    async def _all_gone(self) -> None:
        for gone in self._legs.values():
            await gone.wait()

    def _leg(self, noun: Element) -> Call:
        call, element = self._stage.call, self._dialling.element
        url = noun.get("statusCallback")
        return Call(
            from_=element.get("callerId") or call.from_,
            to=(noun.text or "").strip(),
            direction="outbound-dial",
            created=self._stage.company.clock.now(),
            parent=call.sid,
            callback=StatusCallback(
                self._stage.page.resolve(url) if url else "",
                attributes.method(noun, "statusCallbackMethod"),
                frozenset(noun.get("statusCallbackEvent", "completed").split()),
            ),
        )


def _summary(statuses: list[str]) -> str:
    return next((status for status in _WORST_LAST if status in statuses), "failed")
