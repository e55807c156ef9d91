"""What somebody else made of what is being changed: nothing that was typed is lost by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr_app.console.wardrobe import t
from ivr_app.console.words import has

Differing = Sequence[tuple[str, str]]
"""The words of a field, and what stands in it by now."""


def differing(page: str, given: Mapping[str, str], by_now: Mapping[str, str]) -> Differing:
    """The fields of a form in which it is not what was typed."""
    return [
        (t(f"{page}.field.{name}"), value)
        for name, value in by_now.items()
        if has(f"{page}.field.{name}") and value.split() != given.get(name, "").split()
    ]
