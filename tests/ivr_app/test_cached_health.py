"""Readiness and figures are worked out once for all who ask, and nobody waits for that."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ivr_app import create_app, health
from ivr_app.context import SERVICES
from ivr_app.health import CachedAnswer
from store.work.metrics import Heartbeats


def test_many_who_ask_are_answered_by_one_look():
    looks, answer = [], CachedAnswer(60, 60)
    assert {answer.get(lambda: looks.append(1) or "seen") for _ in range(100)} == {"seen"}
    assert len(looks) == 1


def test_nobody_waits_for_a_look_that_hangs():
    answer, begun, go_on = CachedAnswer(0, 60), threading.Event(), threading.Event()

    def hang() -> str:
        begun.set()
        assert go_on.wait(30)
        return "later"

    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(answer.get, hang)
        assert begun.wait(30)
        assert answer.get(lambda: "mine") is None  # nobody knows yet
        go_on.set()
        assert first.result(30) == "later"
        begun.clear()
        go_on.clear()
        second = thread.submit(answer.get, hang)
        assert begun.wait(30)
        assert answer.get(lambda: "mine") == "later"  # as it was
        go_on.set()
        assert second.result(30) == "later"


def test_an_old_answer_is_not_believed_while_a_look_hangs():
    answer, begun, go_on = CachedAnswer(0, 0), threading.Event(), threading.Event()
    assert answer.get(lambda: "old") == "old"
    with ThreadPoolExecutor(1) as thread:
        looking = thread.submit(answer.get, lambda: begun.set() or go_on.wait(30))
        assert begun.wait(30)
        assert answer.get(lambda: "mine") is None
        go_on.set()
        assert looking.result(30)


def test_a_look_that_fails_is_made_again():
    answer = CachedAnswer(60, 60)
    with pytest.raises(ZeroDivisionError):
        answer.get(lambda: 1 // 0)
    assert answer.get(lambda: 7) == 7


@pytest.mark.parametrize(
    ("path", "believed"), [("/readyz", health.READINESS), ("/metrics", health.FIGURES)]
)
def test_a_crowd_at_the_probes_costs_one_look(settings, monkeypatch, path, believed):
    """Each look writes a row; so many rows a second stop the telephone."""
    monkeypatch.setattr(believed, "seconds", 60)
    monkeypatch.setattr(believed, "_known", (float("-inf"), None))
    written = []
    beat = Heartbeats.beat
    monkeypatch.setattr(Heartbeats, "beat", lambda *given: written.append(1) or beat(*given))
    app = create_app(settings)
    assert {app.test_client().get(path).status_code for _ in range(50)} == {200}
    assert len(written) == 1
    app.extensions[SERVICES].engine.dispose()
