"""How callers prove who they are, and how often those who do not are rung for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` within ``per``."""

    count: int
    per: dt.timedelta


@dataclass(frozen=True, slots=True)
class PinAlarm:
    """From how many wrong PINs on the duty manager is told: of one contract, and of the line."""

    per_contract: Rate = Rate(10, dt.timedelta(hours=1))
    line: Rate = Rate(30, dt.timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class PinRules:
    """How many digits a PIN has, how many tries a call gives, and when wrong ones are told of."""

    length: int = 6
    attempts: int = 3
    alarm: PinAlarm = PinAlarm()


@dataclass(frozen=True, slots=True)
class UnverifiedRates:
    """How often unverified level-1 calls ring: per caller number, and on the whole line."""

    per_caller: Rate = Rate(3, dt.timedelta(hours=1))
    line: Rate = Rate(10, dt.timedelta(hours=1))
