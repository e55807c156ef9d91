"""Services that let us wait, as every process tells the others: for metrics and doctor."""

from __future__ import annotations

import datetime as dt

from carrier.outbound import BREAKERS
from store.beats import Beats

KIND = "resting service"
BELIEVED = dt.timedelta(seconds=20)
"""For so long after a process said so; it says so every few seconds while it lasts."""


def tell(beats: Beats, now: dt.datetime) -> None:
    """Say which services this process leaves to rest."""
    for service in BREAKERS.opened():
        beats.beat(KIND, service, now)


def resting(beats: Beats, now: dt.datetime) -> list[str]:
    """The services that some process leaves to rest, by name."""
    return sorted({*BREAKERS.opened(), *beats.living(KIND, now - BELIEVED)})
