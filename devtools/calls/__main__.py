"""Walks every call in every language, prints the figures and writes docs/calls: ``make calls``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from carrier.prompts.sources import SPOKEN
from devtools.calls.aloud import find_synthesiser, read_aloud
from devtools.calls.limits import measure
from devtools.calls.pages import build_pages, build_table
from devtools.calls.people import Habit
from devtools.calls.stories import STORIES
from devtools.calls.story import Story, Walked, walk

ROOT = Path(__file__).resolve().parents[2]
PAGES, SOUNDS = ROOT / "docs" / "calls", ROOT / "var" / "calls"


def walk_all(stories: tuple[Story, ...] = STORIES) -> Iterator[Walked]:
    """Every story by every habit in every language, in the order of the table."""
    for story in stories:
        for habit in story.habits:
            for language in SPOKEN:
                yield walk(story, language, other_language(language), habit)


def other_language(language: str) -> str:
    """The second language of a line whose first is this one."""
    return "nl" if language != "nl" else "en"


def write_pages(pages: dict[str, str], folder: Path = PAGES) -> None:
    """Make the folder hold these files and no other."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in {file.name for file in folder.glob("*.md")} - set(pages):
        (folder / stale).unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


def main() -> int:
    """Print the table, write the pages; 1 where a figure is beyond its limit."""
    walks = list(walk_all())
    sys.stdout.write("\n".join(build_table(walks, link=False)) + "\n")
    write_pages(build_pages(walks))
    beyond = [one for one in walks if not all(figure.holds for figure in measure(one))]
    for one in beyond:
        sys.stdout.write(f"Beyond a limit: {one.story.id}, {one.language}, {one.habit}\n")
    if os.environ.get("ALOUD"):
        return speak_main_path(walks) or bool(beyond)
    return bool(beyond)


def speak_main_path(walks: Sequence[Walked]) -> int:
    """Read the main path aloud in each language; 1 where a claim does not hold."""
    if find_synthesiser() is None:
        sys.stdout.write("Read aloud: espeak-ng is not installed (apt-get install espeak-ng).\n")
        return 1
    main_path = [one for one in walks if one.story is STORIES[0] and one.habit is Habit.TO_THE_END]
    read = [read_aloud(one, SOUNDS / one.language) for one in main_path]
    sys.stdout.write("Read aloud until a telephone rings, by espeak-ng:\n")
    sys.stdout.writelines(f"  {one}\n" for one in read)
    sys.stdout.write(f"The sounds: {SOUNDS}\n")
    return 0 if all(one.holds for one in read) else 1


if __name__ == "__main__":
    sys.exit(main())
