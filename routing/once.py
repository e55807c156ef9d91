"""What is asked twice in one decision is looked up once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

Ask = TypeVar("Ask", bound=Callable[..., Any])


class Asked(Protocol):
    """Somebody who remembers what they were asked."""

    @property
    def known(self) -> dict[object, Any]:
        """The answers so far."""


def once(ask: Ask) -> Ask:
    """Whoever is asked knows one moment only: the same question has the same answer."""

    @wraps(ask)
    def known(whom: Asked, *about: object) -> Any:
        question = (ask.__name__, *about)
        if question not in whom.known:
            whom.known[question] = ask(whom, *about)
        return whom.known[question]

    return cast(Ask, known)
