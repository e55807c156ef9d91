"""What came of a simulation, for people and for comparing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Outcome:
    """What came of one night; the digest is of everything that was told of it."""

    calls: int
    decisions: int
    errands: int
    ends: tuple[str, ...]
    digest: bytes
    failure: str


@dataclass
class Report:
    """What came of all nights; ``digest`` is the same for the same seed, byte for byte."""

    seed: str
    calls: int = 0
    nights: int = 0
    decisions: int = 0
    errands: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    digest: str = ""
    seconds: float = 0.0
    failure: str = ""

    def add(self, outcome: Outcome) -> None:
        """One more night."""
        self.nights += 1
        self.calls += outcome.calls
        self.decisions += outcome.decisions
        self.errands += outcome.errands
        self.ends.update(outcome.ends)
        self.failure = outcome.failure

    def __str__(self) -> str:
        """For people."""
        said = ", ".join(f"{n} {what}" for what, n in sorted(self.ends.items()))
        text = (
            f"seed {self.seed}: {self.calls} calls in {self.nights} nights, {self.decisions} "
            f"decisions and {self.errands} errands in {self.seconds:.0f} s\n{said}\n"
            f"digest {self.digest}\n"
        )
        return f"{text}\n{self.failure}" if self.failure else f"{text}nobody was lost"
