"""What a call may cost: words, keys, questions, seconds and silence, in every language."""

import pytest

from carrier.prompts import SPOKEN
from devtools.calls.limits import LIMITS, find_prompts, measure
from devtools.calls.stories import STORIES
from tests.calls.conftest import WALKS

BY_ID = {story.id: story for story in STORIES}
MAIN_PATHS = [(BY_ID[story], code, habit) for story, habit in LIMITS for code in SPOKEN]
TWELVE_MINUTES = [(story, language) for story in STORIES if story.waits_long for language in SPOKEN]


def beyond(walked):
    """Every figure that is beyond its limit, as a sentence."""
    return [
        f"{figure.name} {figure.value:g} > {figure.at_most:g}"
        for figure in measure(walked)
        if not figure.holds
    ]


@pytest.mark.parametrize(
    ("story", "language", "habit"), MAIN_PATHS, ids=lambda one: getattr(one, "id", one)
)
def test_the_main_paths_keep_their_limits_in_every_language(walk, story, language, habit):
    assert beyond(walk(story, language, habit)) == []


@pytest.mark.parametrize(
    ("story", "language", "habit"), WALKS, ids=lambda one: getattr(one, "id", one)
)
def test_no_silence_is_long_and_no_engineer_hears_much(walk, story, language, habit):
    assert beyond(walk(story, language, habit)) == []


@pytest.mark.parametrize(
    ("story", "language"), TWELVE_MINUTES, ids=lambda one: getattr(one, "id", one)
)
def test_the_keys_come_rarely_in_twelve_minutes(walk, story, language):
    (habit,) = story.habits
    counted = walk(story, language, habit).caller.counted()
    keys = {text: times for text, times in counted.items() if is_of_keys(language, text)}
    assert keys
    assert max(keys.values()) <= 4, keys


def is_of_keys(language, text):
    return any("keys" in prompt for prompt in find_prompts(language, text))


@pytest.mark.parametrize("name", ["words", "keys", "questions", "speech", "ring", "silence"])
def test_a_figure_beyond_its_limit_is_told(walk, name, monkeypatch):
    (story, habit), limits = next(iter(LIMITS.items()))
    walked = walk(BY_ID[story], "nl", habit)
    value = next(figure.value for figure in measure(walked) if figure.name == name)
    monkeypatch.setitem(LIMITS, (story, habit), {**limits, name: value - 1})
    monkeypatch.setattr("devtools.calls.limits.SILENCE", value - 1)
    assert any(said.startswith(name) for said in beyond(walked))
