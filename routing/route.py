"""Whom to ring in which order, and for which matters an order of their own holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to ring at once (schedules or engineers), and how long one phone is rung."""

    ring: tuple[str, ...]
    ring_for: dt.timedelta = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SignatureDesk(Step):
    """The specialists of virus recognition, and the mail or web address that takes samples."""

    samples_to: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """The steps, one after the other; ``repeat`` counts the passes in all."""

    steps: tuple[Step, ...]
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Condition:
    """When a route applies; a field left empty always matches."""

    languages: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    urgencies: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """The first route that matches replaces escalation and desk."""

    when: Condition
    escalation: Escalation | None = None
    desk: Step | None = None
