"""The post desk: sends webhooks, keeps the log of them, and knows what is still on the way."""

import asyncio
import re
import time
from collections.abc import Coroutine
from typing import Any

from devtools.phone_company.clock import Clock
from devtools.phone_company.feed import Feed
from devtools.phone_company.post.courier import Courier
from devtools.phone_company.post.webhook import Answer, DeliveryError, Webhook
from devtools.phone_company.switches import Switches
from devtools.phone_company.traffic import Traffic


class PostDesk:
    """Every webhook passes here, and so does every fault a webhook can have."""

    def __init__(
        self, clock: Clock, feed: Feed, switches: Switches, traffic: Traffic, courier: Courier
    ) -> None:
        """Start with an empty log."""
        self._clock, self._feed, self._switches = clock, feed, switches
        self._traffic, self._courier = traffic, courier
        self._background: set[asyncio.Task[None]] = set()
        self._turns: dict[str, asyncio.Lock] = {}
        self.log: list[dict[str, Any]] = []

    async def ask(self, webhook: Webhook) -> Answer:
        """Deliver a webhook and return the answer; raises DeliveryError."""
        await self._hold_back(webhook)
        twice = self._switches.duplicate
        if twice == "all" or twice == webhook.kind:
            await self._deliver(webhook)
        return await self._deliver(webhook)

    def tell(self, webhook: Webhook) -> None:
        """Deliver a webhook whose answer nobody waits for."""
        self.in_background(self._tell(webhook))

    def in_background(self, errand: Coroutine[Any, Any, None]) -> None:
        """Do something for the line without holding up the call."""
        task = asyncio.get_running_loop().create_task(errand)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def close(self) -> None:
        """Drop what is still on the way."""
        for task in tuple(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._courier.close()

    async def _tell(self, webhook: Webhook) -> None:
        sequence = int(webhook.params.get("SequenceNumber", "1"))
        if self._switches.reorder and sequence % 2 == 0:
            await self._clock.sleep(self._switches.reorder_by)
        # Events leave in order, one after the other, unless a fault has held one back.
        async with self._turns.setdefault(webhook.call or webhook.url, asyncio.Lock()):
            try:
                await self.ask(webhook)
            except DeliveryError:
                return

    async def _hold_back(self, webhook: Webhook) -> None:
        switches = self._switches
        if switches.delay > 0 and re.search(switches.delay_pattern, webhook.url):
            await self._clock.sleep(switches.delay)

    async def _deliver(self, webhook: Webhook) -> Answer:
        webhook = self._courier.spell(webhook)
        entry: dict[str, Any] = {
            "at": self._clock.now().isoformat(),
            "kind": webhook.kind,
            "method": webhook.method,
            "url": webhook.url,
            "params": dict(webhook.params),
            "call": webhook.call,
            "status": None,
            "type": None,
            "body": None,
            "error": None,
            "seconds": None,
        }
        self.log.append(entry)
        began = time.monotonic()
        try:
            with self._traffic.under_way():
                self._lose(webhook)
                answer = await self._courier.carry(webhook, self._switches.webhook_limit)
        except DeliveryError as failure:
            entry["error"] = str(failure)
            raise
        else:
            entry["status"], entry["type"] = answer.status, answer.content_type
            if not answer.content_type.startswith("audio/"):
                entry["body"] = answer.body.decode(errors="replace")
            return answer
        finally:
            entry["seconds"] = round(time.monotonic() - began, 4)
            self._feed.publish("webhook", call=webhook.call, details=entry)

    def _lose(self, webhook: Webhook) -> None:
        for drop in self._switches.drop:
            if drop.count > 0 and re.search(drop.pattern, webhook.url):
                drop.count -= 1
                raise DeliveryError(11205, "lost on the way")
