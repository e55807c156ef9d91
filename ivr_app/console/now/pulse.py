"""The condition of the line for many who look at once: felt anew after a second."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import current_app

from ivr_app.condition import Condition, condition_of
from ivr_app.switch import board

EXTENSION = "pulse"
HOLDS = 1.0
"""Seconds for which a process believes what it saw; to see it writes a row and asks Redis."""


@dataclass(frozen=True, slots=True)
class _Felt:
    condition: Condition
    until: float


def pulse() -> Condition:
    """The condition as it was at most a second ago."""
    known: _Felt | None = current_app.extensions.get(EXTENSION)
    if known is None or time.monotonic() >= known.until:
        known = _Felt(condition_of(board()), time.monotonic() + HOLDS)
        current_app.extensions[EXTENSION] = known
    return known.condition
