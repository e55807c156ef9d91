"""The figures as a page of `docs/`: ratios first, as they hold on other machines too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from devtools.bench.callers import STEPS
from devtools.bench.capacity import Pace
from devtools.bench.figures import percentile
from devtools.bench.markdown import table
from devtools.bench.sections import looks, memory, paces, rings, steps, watched
from devtools.bench.site import FRESH, YEARS
from devtools.bench.watching import Watched
from devtools.bench.webhooks import BARE, BARE_PIN, Contest


@dataclass
class Findings:
    """Everything that was measured in one run; what was left out is empty."""

    machine: str
    database: str
    years: tuple[int, int]
    contest: Contest | None = None
    rings: Mapping[str, Sequence[float]] = field(default_factory=dict)
    steps: Mapping[str, Sequence[float]] = field(default_factory=dict)
    paces: Sequence[Pace] = ()
    watched: Watched | None = None
    memory: Mapping[str, Sequence[float]] = field(default_factory=dict)
    looks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def page(found: Findings) -> str:
    """The page, in Markdown."""
    parts = [_opening(found)]
    if found.contest is not None:
        parts.append(_webhooks(found.contest))
    parts += [rings(found.rings), steps(found.steps), paces(found.paces)]
    if found.watched is not None:
        parts.append(watched(found.watched))
    parts += [memory(found.memory), looks(found.looks)]
    return "\n".join(part for part in parts if part)


def _opening(found: Findings) -> str:
    contracts, calls = found.years
    return (
        "# Performance\n\n```\nmake bench\n```\n\n"
        "measures everything on this page in one run and writes the page. Web server, worker, "
        f"clock, Redis and {found.database} are real, and each request is signed and sent over "
        "HTTP. The line and its baseline take turns, so compare the ratios; the times depend on "
        f"the machine.\n\nThe machine: {found.machine}.\n\n*Years* is a database with "
        f"{contracts:,} contracts and {calls:,} calls in the log, with their incidents, pages and "
        "journal, copied from calls that the line itself has stored.\n"
    )


def _webhooks(contest: Contest) -> str:
    rows = []
    for step in STEPS:
        grown = contest.cost(step, YEARS, FRESH) if YEARS in contest.runs[step] else None
        rows.append(
            [
                step,
                f"{contest.share(step, FRESH):.2f}",
                f"{contest.cost(step, FRESH):.1f} ×",
                f"{contest.cost(step, FRESH) * bare_cost(contest):.1f} ms",
                "" if grown is None else f"{grown:.2f} ×",
            ]
        )
    pin = contest.share("PIN", FRESH, BARE_PIN)
    heading = ["webhook", "answers a second, as a share of the bare view's"]
    heading += ["processor time, compared with it", "of a core", "with years"]
    return (
        "## Webhooks compared with a bare view\n\n"
        "The bare view checks the signature with the carrier's own `RequestValidator` and returns "
        "a fixed document, on the same server with the same configuration and requests. The line "
        "reads, decides, and durably writes the call, its journal and its jobs before it "
        "answers.\n\n"
        f"{table(heading, rows)}\nPIN hashing is slow on purpose. Compared with a bare view that "
        f"also hashes a PIN, the PIN's share is {pin:.2f}.\n"
    )


def bare_cost(contest: Contest) -> float:
    """Milliseconds of a core for one answer of the bare view: the median over all rounds."""
    return percentile([c for by in contest.runs.values() for c in by[BARE].costs], 0.5)
