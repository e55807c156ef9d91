"""A chore that hangs is not begun again, and the others go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from settings import Settings
from store.people.lines import apply_line
from tests.slow_services import SlowService, endless_body, endless_head, slow
from tests.store.cast import LINE
from workers import maintenance as chores
from workers.context import make_context
from workers.maintenance import Maintenance


@pytest.fixture(params=[None, endless_head, endless_body])
def service(request: pytest.FixtureRequest) -> Iterator[SlowService]:
    with slow(request.param) as made:
        yield made


@pytest.mark.parametrize("setting", ["heartbeat_url", "fallback_put_url"])
def test_the_lifeline_is_renewed_while_a_service_lets_us_wait(
    settings: Settings, service: SlowService, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores, "LOOK_EVERY", 0.05)
    url = f"{service.url}/line.xml"
    context = make_context(settings.model_copy(update={setting: url}))
    apply_line(context.services.engine, LINE, [], context.clock())
    end = threading.Event()
    chores.start_maintenance(context, end)
    assert service.taken.acquire(timeout=30), "it was never asked"
    assert service.left.acquire(timeout=30), "it holds a chore for ever"
    while not settings.fallback_file.exists():
        assert not end.wait(0.02)
    end.set()
    context.services.engine.dispose()


def test_a_chore_that_hangs_for_ever_holds_up_no_other(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, hung = threading.Event(), threading.Semaphore(0)

    def hangs(self: Maintenance, now: object) -> None:
        hung.release()
        over.wait(60)

    monkeypatch.setattr(Maintenance, "_check_clock", hangs)
    context = make_context(settings)
    apply_line(context.services.engine, LINE, [], context.clock())
    upkeep = Maintenance(context)
    for _ in range(3):
        upkeep.look(patience=0.05)
    assert hung.acquire(blocking=False)
    assert not hung.acquire(blocking=False), "it was begun twice"
    while not settings.fallback_file.exists():
        upkeep.look(patience=0.05)
    over.set()
    context.services.engine.dispose()
