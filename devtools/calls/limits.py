"""What a call may cost those who make it, and those whose telephone rings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from carrier.prompts import read_spoken
from devtools.calls.cast import ENGINEERS
from devtools.calls.hearing import Heard
from devtools.calls.people import Habit
from devtools.calls.story import Walked

ROUNDING = 0.05
"""Seconds; requests take no time here, and a pause is as long as the line asks for."""


@dataclass(frozen=True)
class Figure:
    """One figure of one walk, and its limit where it has one."""

    name: str
    value: float | None
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        """True within the limit."""
        if self.value is None or self.at_most is None:
            return True
        return self.value <= self.at_most + ROUNDING


Limits = dict[str, float]
MAIN: Limits = {"words": 40, "keys": 8, "questions": 3, "speech": 16, "ring": 16}
TO_THE_END: Limits = {"words": 70, "keys": 8, "questions": 3, "speech": 27, "ring": 27}
WHILE_RINGING: Limits = {"keys": 2, "ring": 20}
ENGINEER_WORDS, SILENCE, TIMES = 30, 5, 2

LIMITS: dict[tuple[str, Habit], Limits] = {
    ("01-level-1", Habit.WHEN_NAMED): MAIN,
    ("01-level-1", Habit.TO_THE_END): TO_THE_END,
    ("31-while-ringing", Habit.WHEN_NAMED): WHILE_RINGING,
}

MAY_RETURN = re.compile(r"waited|.*keys.*|waiting_.*menu.*")
"""Prompts that may be heard three times: the time that somebody waits, and the keys."""


def measure(walked: Walked) -> list[Figure]:
    """Every figure of a walk, with its limits."""
    caller, rings_at = walked.caller, walked.rings_at
    until = caller.ends if rings_at is None else rings_at
    ring = None if rings_at is None or not caller.calls else rings_at - caller.begins
    own = LIMITS.get((walked.story.id, walked.habit), {})
    values: dict[str, tuple[float | None, float | None]] = {
        "words": (caller.words(until), own.get("words")),
        "keys": (sum(at <= until for at in caller.keys), own.get("keys")),
        "questions": (sum(at < until for at in caller.questions), own.get("questions")),
        "speech": (caller.speech(until), own.get("speech")),
        "ring": (ring, own.get("ring")),
        "whole": (caller.ends - caller.begins, None),
        "silence": (longest_silence(walked), SILENCE),
        "engineer": (most_words(walked), ENGINEER_WORDS),
        "times": (most_times(walked), TIMES if walked.story.waits_long else None),
    }
    return [Figure(name, *value) for name, value in values.items()]


def longest_silence(walked: Walked) -> float:
    """The longest silence on any telephone of this call."""
    return max((took for leg in walked.legs for _, took in leg.silences()), default=0.0)


def most_words(walked: Walked) -> float | None:
    """The most words that an engineer hears before the key."""
    legs = [leg for leg in walked.legs if leg.number in ENGINEERS and not leg.calls]
    return max((words_before_key(leg) for leg in legs), default=None)


def words_before_key(leg: Heard) -> int:
    """The words until the first key; without a key, until the first silence or the first repeat."""
    quiet = [at for at, took in leg.silences() if took >= 3]
    first = min([*leg.keys[:1], *quiet, leg.ends])
    return leg.words(first)


def most_times(walked: Walked) -> float:
    """How often the caller heard the sentence that was heard most often, keys and time excepted."""
    counted = walked.caller.counted()
    kept = [times for text, times in counted.items() if not may_return(walked.language, text)]
    return max(kept, default=0)


def may_return(language: str, text: str) -> bool:
    """True for a sentence that may be heard three times in one call."""
    return any(MAY_RETURN.fullmatch(prompt) for prompt in find_prompts(language, text))


def find_unheard(walks: Sequence[Walked]) -> list[str]:
    """The keys of sentences that are heard in none of these walks of one language."""
    heard = {one.text for walked in walks for leg in walked.legs for one in leg.spoken}
    known = {prompt for text in heard for prompt in find_prompts(walks[0].language, text)}
    return [prompt for prompt in read_spoken(walks[0].language) if prompt not in known]


def find_prompts(language: str, text: str) -> Iterator[str]:
    """The keys under which the sentence files have this sentence."""
    for prompt, template in read_spoken(language).items():
        pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(template))
        if re.fullmatch(pattern, text):
            yield prompt
