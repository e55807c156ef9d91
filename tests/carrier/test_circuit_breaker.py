"""A service that one process leaves to rest is told by every other."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from carrier.outbound import BREAKERS, MAX_LATE, exchange
from service import health
from service.doctor.system import check_outside_services
from service.doctor.verdict import CheckState
from store.work.metrics import Heartbeats
from tests.conftest import Clock


def hang(service: str) -> None:
    for _ in range(MAX_LATE):
        with pytest.raises(TimeoutError), exchange(service, -1) as deadline:
            deadline.left()


def test_it_is_told_for_as_long_as_it_lasts(engine: Engine, clock: Clock) -> None:
    beats = Heartbeats(engine)
    (verdict,) = check_outside_services(beats, clock())
    assert verdict.state is CheckState.OK
    hang("mail")
    health.report_resting(beats, clock())
    BREAKERS.forget()  # as another process sees it
    assert health.find_resting(beats, clock()) == ["mail"]
    (verdict,) = check_outside_services(beats, clock())
    assert (verdict.state, "mail" in verdict.message) == (CheckState.WARN, True)
    clock.tick(health.RESTING_TTL.total_seconds() + 1)
    assert health.find_resting(beats, clock()) == []
