"""What a provider's claims say of somebody's role, in the spellings that providers have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from store.staff.account import Role


def claim_of(claims: Mapping[str, Any], name: str) -> Any:
    """The claim of this name; `realm_access.roles` is also the `roles` inside `realm_access`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def role_of(told: object, roles: Mapping[str, Role]) -> Role | None:
    """The highest role among what a claim tells: a word, several in one text, a list of words, or
    an object whose keys they are. ``roles`` says which word means which role."""
    named = {roles[word] for word in _words(told) if word in roles}
    return next((role for role in reversed(Role) if role in named), None)


def _words(told: object) -> Iterator[str]:
    if isinstance(told, str):
        yield told.strip()
        yield from re.split(r"[\s,]+", told)
    elif isinstance(told, Iterable):
        yield from (each.strip() for each in told if isinstance(each, str))
