"""A worker that is asked to end finishes what it has in hand, and takes nothing more."""

from __future__ import annotations

from threading import Event

import pytest
from rq import Queue

from store.bell import QUEUE, SERIALIZER
from store.wire import impatient
from workers.listener import Listener

DONE: list[str] = []


def note(what: str) -> None:
    """A job."""
    DONE.append(what)


class EndsAtLook(Event):
    """Asked to end just before the listener looks for the nth time."""

    def __init__(self, look: int) -> None:
        super().__init__()
        self.looks_left = look

    def is_set(self) -> bool:
        self.looks_left -= 1
        return self.looks_left <= 0


@pytest.fixture
def queue(redis_url: str) -> Queue:
    DONE.clear()
    return Queue(QUEUE, connection=impatient(redis_url), serializer=SERIALIZER)


def test_no_job_is_dropped_between_taking_and_doing(queue: Queue, redis_url: str) -> None:
    counts = set()
    for look in range(1, 7):
        DONE.clear()
        queue.empty()
        for what in ("first", "second"):
            queue.enqueue(note, what)
        Listener(redis_url, EndsAtLook(look)).work(logging_level="WARNING")
        in_line = [job.args[0] for job in queue.get_jobs()]
        assert [*DONE, *in_line] == ["first", "second"]
        counts.add(len(DONE))
    assert counts == {0, 1, 2}, "it was asked to end at every moment there is"
