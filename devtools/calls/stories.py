"""The stories: one entry each. Adding one is a few lines; ``make calls`` writes its transcript."""

from __future__ import annotations

from devtools.calls.people import TAKE, Habit, Person
from devtools.calls.story import Story
from tests.stories.stage import JORIS, PIETER, PIN, SANNE

ALL_HABITS = tuple(Habit)
LEVEL_1 = {"pin": PIN, "urgency": "1", "confirm": "1"}

ANSWERS = Person(SANNE, {"whisper": TAKE, "closing": "1"}, rings=(6,))
SLEEPS = Person(SANNE)

STORIES = (
    Story(
        "01-level-1",
        "Known number, level 1, connected at once",
        (Person(PIETER, LEVEL_1, calls=(0,), talks=20), ANSWERS),
        habits=ALL_HABITS,
    ),
    Story(
        "02-second-engineer",
        "The first engineer does not answer, the second takes the call",
        (
            Person(PIETER, LEVEL_1, calls=(0,), talks=20),
            SLEEPS,
            Person(JORIS, {"whisper": TAKE, "closing": "1"}, rings=(6,)),
        ),
    ),
)
