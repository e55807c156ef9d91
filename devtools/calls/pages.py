"""Writes docs/calls: a file for each call with its transcripts, and an index with every figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from carrier.prompts import read_spoken
from devtools.calls.hearing import CHARACTERS_A_SECOND, KEY, THINKS
from devtools.calls.limits import Figure, find_unheard, measure
from devtools.calls.story import Walked

COLUMNS = {
    "words": "words",
    "keys": "keys",
    "questions": "questions",
    "speech": "speech",
    "ring": "ring at",
    "whole": "whole call",
    "silence": "silence",
    "engineer": "engineer",
    "times": "same sentence",
}

LANGUAGES = {"nl": "Nederlands", "en": "English", "de": "Deutsch", "fr": "Français"}

INDEX = """# Calls

Every call below is played through the real application by `make calls`: people dial, listen and
press keys, the telephones are simulated and time is virtual. Change a sentence or a menu, run
`make calls`, and review what has changed here.

How it is counted ([devtools/calls/hearing.py](../../devtools/calls/hearing.py)): speech takes
{rate} characters a second; a person thinks {thinks} s before an answer, while the line speaks on,
and takes {key} s for each further key. *Words*, *keys* and *questions* are those of the caller
until the first engineer's telephone is asked to ring (where none rings: of the whole call),
*speech* the seconds of speech they hear until then, and *ring at* is that moment, in seconds after
the call began. *Silence* is the longest on any telephone of the call; *engineer* the most words
that an engineer hears before the key that takes the call; *same sentence* how often the caller
heard the sentence that came most often, but for the keys and the time waited. Values are those of
{languages}, in this order. **Bold** ones are beyond the limit that stands beside them.

{table}

## Not heard in any call

Of {count} sentences, these {missing} come in none of the calls above: {unheard}.
"""

Walks = Sequence[Walked]


def build_pages(walks: Walks) -> dict[str, str]:
    """Every file of docs/calls by its name."""
    pages = {"README.md": _build_index(walks)}
    for story, group in groupby(walks, key=lambda walked: walked.story.id):
        pages[f"{story}.md"] = _build_page(list(group))
    return pages


def build_table(walks: Walks, link: bool = True) -> Iterator[str]:
    """The rows of the table of figures, in the form of Markdown."""
    yield "| call | " + " | ".join(COLUMNS.values()) + " |"
    yield "|---" * (len(COLUMNS) + 1) + "|"
    for _, group in groupby(walks, key=lambda one: (one.story.id, one.habit)):
        languages = list(group)
        story, habit = languages[0].story, languages[0].habit
        name = f"{story.id.partition('-')[0]} {story.title}"
        title = f"[{name}]({story.id}.md)" if link else name
        if len(story.habits) > 1:
            title += f", {habit}"
        figures = [{figure.name: figure for figure in measure(one)} for one in languages]
        cells = [_show_cell([of[name] for of in figures]) for name in COLUMNS]
        yield f"| {title} | " + " | ".join(cells) + " |"


def _build_index(walks: Walks) -> str:
    codes = list(dict.fromkeys(walked.language for walked in walks))
    unheard = find_unheard([walked for walked in walks if walked.language == codes[0]])
    return INDEX.format(
        rate=CHARACTERS_A_SECOND,
        thinks=THINKS,
        key=KEY,
        languages=" · ".join(LANGUAGES[code] for code in codes),
        table="\n".join(build_table(walks)),
        count=len(read_spoken(codes[0])),
        missing=len(unheard),
        unheard=", ".join(f"`{prompt}`" for prompt in unheard),
    )


def _show_cell(figures: Sequence[Figure]) -> str:
    shown = " · ".join(_show(figure) for figure in figures)
    limit = figures[0].at_most
    return shown if limit is None else f"{shown} (≤ {limit:g})"


def _show(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    digits = 1 if figure.name == "silence" else 0
    text = f"{figure.value:.{digits}f}"
    return text if figure.holds else f"**{text}**"


def _build_page(walks: Walks) -> str:
    """A heading, and a section for each language and habit."""
    ordered = sorted(walks, key=lambda one: list(LANGUAGES).index(one.language))
    sections = [build_section(walked) for walked in ordered]
    return "\n".join([f"# {walks[0].story.title}\n", *sections]).rstrip() + "\n"


def build_section(walked: Walked) -> str:
    """The figures and the transcript of one walk."""
    title = LANGUAGES[walked.language]
    if len(walked.story.habits) > 1:
        title += f": {walked.habit}"
    figures = [
        f"{COLUMNS[figure.name]} {_show_cell([figure])}"
        for figure in measure(walked)
        if figure.value is not None
    ]
    lines = [f"## {title}", "", "; ".join(figures) + ".", ""]
    lines += ["```text", *_tell(walked), "```", "", *_tell_repeated(walked)]
    return "\n".join(lines)


def _tell(walked: Walked) -> Iterator[str]:
    """The transcript, a line for each thing that happens; keys of one answer in one line."""
    lines: list[tuple[float, str, str, str]] = []
    for moment in walked.moments:
        same = lines and lines[-1][1:3] == (moment.who, moment.does) == (moment.who, "presses")
        if same:
            at, who, does, what = lines.pop()
            lines.append((at, who, does, what + moment.what))
        else:
            lines.append((moment.at, moment.who, moment.does, moment.what))
    widest = max(len(who) for _, who, _, _ in lines)
    for at, who, does, what in lines:
        yield f"{at:6.1f}  {who:{widest}}  {does:7}  {what}".rstrip()


def _tell_repeated(walked: Walked) -> Iterator[str]:
    counted: Mapping[str, int] = walked.caller.counted()
    often = {text: times for text, times in counted.items() if times >= 3}
    if often:
        yield "Heard three times or more by the caller:"
        yield ""
        yield from (f"- {times} times: {text}" for text, times in often.items())
        yield ""
