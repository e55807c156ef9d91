"""What stands in docs/calls is what is heard today."""

import pytest

from devtools.calls.__main__ import PAGES
from devtools.calls.pages import build_section
from devtools.calls.stories import STORIES
from tests.calls.conftest import WALKS

STALE = "docs/calls is out of date: run make calls, and review what has changed"


@pytest.mark.parametrize(
    ("story", "language", "habit"), WALKS, ids=lambda one: getattr(one, "id", one)
)
def test_the_transcript_is_that_of_today(walk, story, language, habit):
    page = (PAGES / f"{story.id}.md").read_text("utf-8")
    assert build_section(walk(story, language, habit)) in page, STALE


def test_every_call_has_its_page_and_its_rows_in_the_index():
    assert {file.stem for file in PAGES.glob("*.md")} == {"README", *(s.id for s in STORIES)}, STALE
    index = (PAGES / "README.md").read_text("utf-8")
    rows = [line for line in index.splitlines() if line.startswith("| [")]
    assert len(rows) == sum(len(story.habits) for story in STORIES), STALE
    assert all(f"({story.id}.md)" in index for story in STORIES), STALE


def test_there_are_as_many_calls_as_people_make():
    assert len({story.id for story in STORIES}) == len(STORIES)
