"""A deliberate mistake: one edit in the source of one function, made for the length of a test.

An entry is a function, a piece of its source, and the text that replaces the piece. The piece is
found whatever the line breaks between its words are, so that a formatter breaks no entry.
"""

from __future__ import annotations

import inspect
import re
import textwrap
import types
from collections.abc import Iterable
from typing import Any

Mistake = tuple[Any, str, str]
"""A function, a piece of its source, and the text that replaces it."""


def mistaken(function: Any, right: str, wrong: str) -> types.CodeType:
    """Return the code of this function with one edit in its source."""
    problem = why_stale(function, right)
    assert not problem, problem
    edited = _pattern(right).sub(lambda _: wrong, _source(function))
    namespace: dict[str, Any] = {}
    exec(edited, function.__globals__ | {}, namespace)  # noqa: S102
    code: types.CodeType = namespace[function.__name__].__code__
    return code


def stale(mistakes: Iterable[Mistake]) -> list[str]:
    """Return a sentence for each entry that can no longer be made."""
    problems = (why_stale(function, right) for function, right, _ in mistakes)
    return [problem for problem in problems if problem]


def why_stale(function: Any, right: str) -> str:
    """Say why this piece of this function cannot be edited; empty where it can."""
    name = f"{function.__module__}.{function.__qualname__}"
    if hasattr(function, "__wrapped__"):
        return f"{name} is decorated: the edit would be made in its wrapper"
    times = len(_pattern(right).findall(_source(function)))
    if times == 1:
        return ""
    return f"{name} contains this piece {times} times instead of once: {right!r}"


def _source(function: Any) -> str:
    return textwrap.dedent(inspect.getsource(function))


def _pattern(piece: str) -> re.Pattern[str]:
    """Match the piece with any line breaks and indentation between its words."""
    return re.compile(r"\s+".join(re.escape(word) for word in piece.split()))
