"""Counts the signature algorithms of the carrier's webhooks, for metrics and `doctor`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from sqlalchemy import Engine

from store.work.metrics import Counters, Heartbeats

SIGNATURES = "signatures"
"""The name of the counter, by algorithm, and the kind of the heartbeat."""


def build_counter_sink(
    engine: Engine, clock: Callable[[], dt.datetime]
) -> Callable[[Mapping[str, int]], None]:
    """Build the function that stores the counters of a process and the algorithms among them."""
    figures, beats = Counters(engine), Heartbeats(engine)

    def add(counts: Mapping[str, int]) -> None:
        figures.add(counts)
        for name in counts:
            kind, _, algorithm = name.partition(" ")
            if kind == SIGNATURES:
                beats.beat(kind, algorithm, clock())

    return add
