"""A drawing of figures: a row for each month, level or contract, and where its marks lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr_app.console.figures.scale import LEFT, RIGHT, WIDTH


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure in its place; ``kind`` is its form and colour."""

    kind: str
    x: float


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of a drawing. ``words`` say its figures; without marks there is nothing to draw."""

    name: str
    words: str
    marks: Sequence[Mark] = ()
    bar: float | None = None

    @property
    def span(self) -> tuple[float, float] | None:
        """From the first mark to the last."""
        xs = [mark.x for mark in self.marks]
        return (min(xs), max(xs)) if xs else None


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing. ``goal`` is where its line stands; ``kinds`` need a legend."""

    name: str
    strips: Sequence[Strip]
    axis: Sequence[tuple[float, str]] = ()
    goal: float | None = None
    kinds: Sequence[str] = ()
    width: float = WIDTH
    left: float = LEFT
    right: float = RIGHT
