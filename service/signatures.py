"""How the carrier signs, as seen in what it sent: counted, and kept for `doctor`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from sqlalchemy import Engine

from store.work.metrics import Counters, Heartbeats

SIGNATURES = "signatures"
"""What is counted, by algorithm; the same name is the kind of sign of life."""


def build_counter_sink(
    engine: Engine, clock: Callable[[], dt.datetime]
) -> Callable[[Mapping[str, int]], None]:
    """What adds up the counts of a process, and notes which algorithms were among them."""
    figures, beats = Counters(engine), Heartbeats(engine)

    def add(counts: Mapping[str, int]) -> None:
        figures.add(counts)
        for name in counts:
            kind, _, algorithm = name.partition(" ")
            if kind == SIGNATURES:
                beats.beat(kind, algorithm, clock())

    return add
