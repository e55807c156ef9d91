"""How figures are spelled on a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devtools.bench.figures import percentile


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def milliseconds(microseconds: float) -> str:
    """A length of time, to a hundredth."""
    return f"{microseconds / 1000:.2f} ms"


def spread(seconds: Sequence[float]) -> list[str]:
    """The middle and nearly the worst; nothing where nothing came in time."""
    if not seconds:
        return ["–", "–"]
    return [f"{percentile(seconds, share) * 1000:.0f} ms" for share in (0.5, 0.99)]
