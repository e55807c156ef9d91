"""Support plans: what a contract includes. ``plans`` of ``line.yaml`` defines them; without it a
line has the two plans of ``list_default_plans``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Door(StrEnum):
    """A way by which a customer reaches the line."""

    PHONE = "phone"
    PORTAL = "portal"
    EMAIL = "email"


class CoveredHours(StrEnum):
    """The hours in which a plan covers a level."""

    ALWAYS = "always"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class OfficeTime:
    """A duration: plain, or in office hours only."""

    length: dt.timedelta
    office: bool = False


@dataclass(frozen=True, slots=True)
class PlanLevel:
    """What a plan includes at one level.

    ``respond_within`` comes before the line's own promise for the level. ``ring`` are schedules and
    engineers: at level 1 they are rung before the line's steps, at the other levels they are the
    desk.
    """

    hours: CoveredHours = CoveredHours.OFFICE
    respond_within: OfficeTime | None = None
    ring: tuple[str, ...] = ()


REQUESTS = ("incident", "signature_request")
"""The kinds of request that a plan may include."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A support plan. ``names`` are pairs of language and name. A lower ``rank`` goes first.

    ``premium_incidents`` and ``named_contacts`` are None without a limit. A plan without level 1 in
    ``levels`` wakes nobody by right.
    """

    id: str
    names: tuple[tuple[str, str], ...]
    rank: int
    premium_incidents: int | None = 0
    named_contacts: int | None = None
    levels: tuple[tuple[int, PlanLevel], ...] = ()
    doors: tuple[Door, ...] = tuple(Door)
    requests: tuple[str, ...] = REQUESTS

    def name(self, language: str) -> str:
        """The name in this language, else the first one."""
        return dict(self.names).get(language, self.names[0][1])

    def level(self, urgency: int) -> PlanLevel | None:
        """What the plan includes at this level; None for a level that it does not mention."""
        return dict(self.levels).get(urgency)

    @property
    def has_priority(self) -> bool:
        """True if the plan sells level 1, at all hours or in office hours, or premium incidents."""
        return self.level(1) is not None or self.premium_incidents != 0

    @property
    def called_out(self) -> frozenset[str]:
        """The schedules and engineers that the plan rings at level 1, or at all hours."""
        always = CoveredHours.ALWAYS
        levels = (level for number, level in self.levels if number == 1 or level.hours is always)
        return frozenset(name for level in levels for name in level.ring)

    def covers(self, urgency: int, *, office_open: bool) -> bool:
        """True if the plan includes this level now."""
        level = self.level(urgency)
        if level is None:
            return False
        return office_open or level.hours is CoveredHours.ALWAYS

    def allows(self, door: Door) -> bool:
        """True if a customer of the plan may come by this door."""
        return door in self.doors

    def allows_request(self, kind: str) -> bool:
        """True if a customer of the plan may make this kind of request."""
        return kind in self.requests


NAMED_CONTACTS = 2
"""The named contacts of MSA Plus, unless the line says otherwise."""


def list_default_plans(named_contacts: int = NAMED_CONTACTS) -> tuple[Plan, ...]:
    """The plans of a line that defines none."""
    return (
        Plan(
            "msa_plus",
            (("nl", "MSA Plus"), ("en", "MSA Plus")),
            rank=1,
            premium_incidents=12,
            named_contacts=named_contacts,
            levels=((1, PlanLevel(CoveredHours.ALWAYS)),),
        ),
        Plan("standard", (("nl", "Standaard"), ("en", "Standard")), rank=2),
    )
