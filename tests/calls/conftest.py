"""Each walk is made once for all tests of a process."""

from functools import cache

import pytest

from carrier.prompts import SPOKEN
from devtools.calls.__main__ import other_language
from devtools.calls.stories import STORIES
from devtools.calls.story import walk

WALKS = [
    (story, SPOKEN[number % len(SPOKEN)], habit)
    for number, story in enumerate(STORIES)
    for habit in story.habits
]
"""Every call in one language, the languages in turn; `make calls` itself takes a minute."""


@cache
def walked(story, language, habit):
    return walk(story, language, other_language(language), habit)


@pytest.fixture(name="walk")
def _walk():
    return lambda story, language, habit: walked(story, language, habit)
