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
        "# How fast it is\n\n```\nmake bench\n```\n\n"
        "measures all of this in one run and writes this page. Everything is real: web server, "
        f"worker, clock, Redis and {found.database}, each request signed and over HTTP. The line "
        "and what it is compared with take turns, so look at the ratios; times are this "
        f"machine's.\n\nThe machine: {found.machine}.\n\n*Years* means {contracts:,} contracts and "
        f"{calls:,} calls in the log, with their incidents, pages and journal, copied from calls "
        "that the line had written down itself.\n"
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
    heading += ["processor time beside it", "of a core", "the same with years"]
    return (
        "## A webhook beside a bare one\n\n"
        "The bare view checks the signature with the carrier's own `RequestValidator` and returns "
        "a fixed document; same server, same configuration, same requests. Ours reads, decides, "
        "and writes the call, its journal and its errands durably before it answers.\n\n"
        f"{table(heading, rows)}\nComparing a PIN takes its time on purpose. Beside a bare view "
        f"that compares one too, the PIN's share is {pin:.2f}.\n"
    )


def bare_cost(contest: Contest) -> float:
    """Milliseconds of a core for one answer of the bare view: the median over all rounds."""
    return percentile([c for by in contest.runs.values() for c in by[BARE].costs], 0.5)
