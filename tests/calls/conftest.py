"""Each walk is made once for all tests of a process."""

from functools import cache

import pytest

from devtools.calls.__main__ import other_language
from devtools.calls.story import walk


@cache
def walked(story, language, habit):
    return walk(story, language, other_language(language), habit)


@pytest.fixture(name="walk")
def _walk():
    return lambda story, language, habit: walked(story, language, habit)
