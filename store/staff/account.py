"""Somebody who may sign in to the console, and what their role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; each may also do what those before it may."""

    VIEWER = "viewer"
    ENGINEER = "engineer"
    MANAGER = "manager"
    ADMIN = "admin"

    def covers(self, other: Role) -> bool:
        """True when this role may do what the other one may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Account:
    """One person's way in; ``engineer`` of ``line`` is who they are on the rota, if anybody."""

    id: int
    name: str
    role: Role
    line: str | None = None
    engineer: str | None = None
    language: str | None = None
    zone: str | None = None
    password_hash: str | None = None
    password_once: bool = False
    totp_sealed: str | None = None
    subject: str | None = None
