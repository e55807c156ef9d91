"""Callers: they identify themselves, choose level 1, confirm and hold; some lose patience."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from random import Random

from carrier.prompts import render_sentence
from devtools.bench.chaos.cast import LINE, PIN, phone_of
from devtools.bench.chaos.telephone import REACTION, Telephone
from devtools.phone_company.company import Company

KEYS = (
    (render_sentence("nl", "choose_language", {"key": 1}), "1"),
    (render_sentence("nl", "about_new"), "2"),
    (render_sentence("nl", "ask_pin"), f"{PIN}#"),
    (render_sentence("nl", "urgency_menu"), "1"),
    (render_sentence("nl", "confirm_level_1"), "1"),
)
"""What is pressed when this is heard."""

HOLDING = render_sentence("nl", "parked")
PATIENCE = 180.0
"""Seconds after which everybody hangs up, wherever they are."""


@dataclass(frozen=True)
class Temper:
    """How somebody calls, in seconds; ``holds`` is how long they wait once they are told to."""

    thinks: float
    talks: float
    holds: float

    @classmethod
    def drawn(cls, chance: Random) -> Temper:
        """One in six hangs up while waiting."""
        impatient = chance.random() < 1 / 6
        holds = chance.uniform(0.5, 8) if impatient else PATIENCE
        return cls(chance.uniform(0.1, 1.5), chance.uniform(0.5, 3), holds)


async def call(company: Company, n: int, temper: Temper) -> str | None:
    """The n-th call, from the first ring until somebody hangs up; its sid if patience ended it."""
    leg = company.exchange.dial_in(phone_of(n), LINE)
    telephone, began, held = Telephone(company, leg), time.monotonic(), 0.0
    while not leg.over:
        await asyncio.sleep(REACTION)
        await telephone.answer(keys_for, temper.thinks)
        if leg.bridged_with is not None:
            await asyncio.sleep(temper.talks)
            telephone.hang_up()
        held = held or (time.monotonic() if telephone.hears(HOLDING) else 0.0)
        if _weary(began, held, temper):
            telephone.hang_up()
            return leg.sid
    return None


def keys_for(said: str) -> str | None:
    """What a caller presses who heard this."""
    return next((keys for words, keys in KEYS if words in said), None)


def _weary(began: float, held: float, temper: Temper) -> bool:
    now = time.monotonic()
    return now - began > PATIENCE or (held > 0 and now - held > temper.holds)
