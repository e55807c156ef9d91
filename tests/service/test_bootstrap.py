"""What a process finds out about its machine."""

from __future__ import annotations

import os

import pytest

from service.bootstrap import count_cores


def test_the_cores_of_this_process_are_counted_on_every_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if hasattr(os, "sched_getaffinity"):
        assert count_cores() == len(os.sched_getaffinity(0))
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert count_cores() == (os.cpu_count() or 1)
