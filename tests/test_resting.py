"""A service that one process leaves to rest is told by every other."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

import resting
from carrier.outbound import BREAKERS, FAILURES, exchange
from ivr_app.checkup.services import services
from ivr_app.checkup.verdict import State
from store.beats import Beats
from tests.conftest import Clock


def hang(service: str) -> None:
    for _ in range(FAILURES):
        with pytest.raises(TimeoutError), exchange(service, -1) as deadline:
            deadline.left()


def test_it_is_told_for_as_long_as_it_lasts(engine: Engine, clock: Clock) -> None:
    beats = Beats(engine)
    (verdict,) = services(beats, clock())
    assert verdict.state is State.OK
    hang("mail")
    resting.tell(beats, clock())
    BREAKERS.forget()  # as another process sees it
    assert resting.resting(beats, clock()) == ["mail"]
    (verdict,) = services(beats, clock())
    assert (verdict.state, "mail" in verdict.message) == (State.WARN, True)
    clock.tick(resting.BELIEVED.total_seconds() + 1)
    assert resting.resting(beats, clock()) == []
