"""The two tests of every list of deliberate mistakes: none is seen where none is, each one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.mistakes import Mistake, mistaken
from tests.routing.test_mutations import holds


def proofs(
    mistakes: Sequence[Mistake],
    tests: Sequence[Any],
    holds: Callable[[Any], bool] = holds,
) -> tuple[Callable[[], None], Callable[..., None]]:
    """That all tests hold without a mistake, and that one fails with each of them."""

    def all_is_well() -> None:
        assert [test.__name__ for test in tests if not holds(test)] == []

    @pytest.mark.parametrize(
        ("function", "right", "wrong"),
        mistakes,
        ids=[f"{function.__qualname__}: {right[:40]}" for function, right, _ in mistakes],
    )
    def is_noticed(monkeypatch: Any, function: Any, right: str, wrong: str) -> None:
        monkeypatch.setattr(function, "__code__", mistaken(function, right, wrong))
        assert not all(holds(test) for test in tests)

    return all_is_well, is_noticed
