"""What came of a run: who was lost, who was joined twice, what was rung twice, what was late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

Span = tuple[float, float]
"""Something that lasted, in seconds of some clock."""


class Kept(StrEnum):
    """What the line's log has of a call when all is over."""

    NOTHING = "nothing"
    RECORD = "a record alone"
    FORGOTTEN = "an incident that is paged no more"
    PAGED = "an incident that is being paged"
    TAKEN = "an incident that somebody has"


@dataclass(frozen=True)
class Talk:
    """A customer's leg joined with a human; ``ended`` is infinite while they talk. Seconds."""

    leg: str
    customer: str
    engineer: str
    began: float
    ended: float


@dataclass(frozen=True)
class Facts:
    """What was seen, by the company and in the log.

    ``delivered`` says of each call whether any of our addresses gave it a document; ``rings`` has
    the page that each ring was for; ``steps`` are from due to done, ``outages`` from the kill
    until all was there again, both in seconds; ``left`` are those who lost patience.
    """

    delivered: Mapping[str, bool]
    kept: Mapping[str, Kept]
    talks: Sequence[Talk]
    rings: Sequence[str]
    steps: Sequence[Span]
    outages: Sequence[Span]
    undone: int = 0
    left: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """The figures; a run is good when nobody was lost and nobody was joined twice."""

    calls: int
    undelivered: int
    connected: int
    dropped: int
    lost: tuple[str, ...]
    twice: tuple[str, ...]
    rung_twice: int
    rings: int
    worst: float
    worst_in_peace: float
    p99: float
    steps: int
    undone: int

    @property
    def good(self) -> bool:
        """What the exit code says."""
        return not self.lost and not self.twice


def judge(facts: Facts) -> Verdict:
    """The figures of these facts."""
    talked = {talk.leg for talk in facts.talks}
    delivered = [sid for sid, came in facts.delivered.items() if came]
    delays = sorted(done - due for due, done in facts.steps)
    return Verdict(
        calls=len(facts.delivered),
        undelivered=len(facts.delivered) - len(delivered),
        connected=len(talked.intersection(delivered)),
        dropped=len(set(delivered) - talked - facts.left),
        lost=tuple(sid for sid in delivered if sid not in talked and not _looked_after(facts, sid)),
        twice=tuple(joined_twice(facts.talks)),
        rung_twice=sum(times - 1 for times in Counter(facts.rings).values()),
        rings=len(facts.rings),
        worst=max(delays, default=0.0),
        worst_in_peace=max((in_peace(step, facts.outages) for step in facts.steps), default=0.0),
        p99=delays[len(delays) * 99 // 100] if delays else 0.0,
        steps=len(delays),
        undone=facts.undone,
    )


def joined_twice(talks: Sequence[Talk]) -> Iterator[str]:
    """Each leg that was joined more than once, and whoever had two talks at one time.

    The customer always hangs up first here, so a leg that is joined again was joined by mistake.
    """
    legs = Counter(talk.leg for talk in talks)
    yield from (f"{leg} was joined {times} times" for leg, times in legs.items() if times > 1)
    for one, other in combinations(talks, 2):
        if one.leg != other.leg and one.began < other.ended and other.began < one.ended:
            yield from (
                f"{who} had two talks at one time"
                for who in {one.customer, one.engineer} & {other.customer, other.engineer}
            )


def in_peace(step: Span, outages: Sequence[Span]) -> float:
    """For how long a step was due while everything was there that could do it."""
    due, done = step
    away = sum(max(0.0, min(done, back) - max(due, killed)) for killed, back in outages)
    return done - due - away


def _looked_after(facts: Facts, sid: str) -> bool:
    return facts.kept.get(sid, Kept.NOTHING) in (Kept.PAGED, Kept.TAKEN)
