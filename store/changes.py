"""Says in words what is different between what was kept and what is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from routing.contract import Contract
from routing.line import Line

_LISTS = {"engineers": "engineer", "schedules": "schedule"}


def of_line(before: Line | None, after: Line) -> list[str]:
    """What a new document changes in the line; nothing when it says the same."""
    if before is None:
        return [f"line {after.id} added"]
    said = []
    for name in (field.name for field in fields(Line)):
        old, new = getattr(before, name), getattr(after, name)
        if name in _LISTS:
            said += _between(_LISTS[name], {e.id: e for e in old}, {e.id: e for e in new})
        elif old != new:
            said.append(f"line {after.id}: {name} changed")
    return said or ([f"line {after.id}: order changed"] if before != after else [])


def of_contracts(before: Sequence[Contract], after: Sequence[Contract]) -> list[str]:
    """Which contracts are added, changed and removed."""
    return _between("contract", {c.number: c for c in before}, {c.number: c for c in after})


def _between(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    said = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            said.append(f"{what} {name} added")
        elif name not in after:
            said.append(f"{what} {name} removed")
        elif before[name] != after[name]:
            said.append(f"{what} {name} changed")
    return said
