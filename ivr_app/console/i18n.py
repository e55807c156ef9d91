"""Times and lengths of time as a page shows them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)


def format_day(language: str, at: dt.datetime, zone: ZoneInfo) -> str:
    """ma 9 mrt 2026."""
    here = at.astimezone(zone)
    weekday = translated_names(language, "console.weekdays")[here.weekday()]
    return f"{weekday} {format_date(language, here.date())}"


def format_date(language: str, on: dt.date) -> str:
    """9 mrt 2026, wherever somebody is."""
    return f"{on.day} {translated_names(language, 'console.months')[on.month - 1]} {on.year}"


def format_moment(language: str, at: dt.datetime, zone: ZoneInfo, *, now: dt.datetime) -> str:
    """14:05 today, else with the day; to the minute."""
    here = at.astimezone(zone)
    if here.date() == now.astimezone(zone).date():
        return format_clock(at, zone)
    return f"{format_day(language, at, zone)} {format_clock(at, zone)}"


def format_clock(at: dt.datetime, zone: ZoneInfo) -> str:
    """14:05; and 02:30 CET in the night in which there are two of it."""
    here = at.astimezone(zone)
    return f"{here:%H:%M}" if _is_unambiguous(here) else f"{here:%H:%M %Z}"


def format_exact(at: dt.datetime, zone: ZoneInfo) -> str:
    """14:05:09.123, to the millisecond; which of the two where there are two of it."""
    here = at.astimezone(zone)
    told = here.isoformat(timespec="milliseconds")[11:23]
    return told if _is_unambiguous(here) else f"{told} {here:%Z}"


def format_duration(language: str, of: dt.timedelta | float) -> str:
    """12 s, 3 min 20 s, 2 h 5 min, 4 d 3 h: the two largest units; a float is seconds."""
    span = of if isinstance(of, dt.timedelta) else dt.timedelta(seconds=of)
    seconds = max(0, round(span.total_seconds()))
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    counted = []
    for unit, size in units:
        counted.append((unit, seconds // size))
        seconds %= size
    first = next((at for at, (_, count) in enumerate(counted) if count), len(counted) - 1)
    said = [(unit, count) for unit, count in counted[first : first + 2] if count]
    return " ".join(
        translate(language, f"console.units.{unit}", count=count)
        for unit, count in said or counted[-1:]
    )


def _is_unambiguous(here: dt.datetime) -> bool:
    """Whether a clock shows this only once that day."""
    return here.replace(fold=0).utcoffset() == here.replace(fold=1).utcoffset()


# Words are data: every sentence of the console stands in the ``words.toml`` of its page.


LANGUAGES = ("nl", "en")
"""The first is spoken where nothing else is known."""
CONSOLE_FOLDER = Path(__file__).parent
COMMON = "console"
"""What words of no one page are called by."""

Words = str | list[str]
"""A sentence; or a list: of one and several, or of names that are picked by number."""


@cache
def catalogue() -> Mapping[str, Mapping[str, Words]]:
    """Every sentence by its key, ``page.name``, in each language."""
    return dict(entry for file in word_files() for entry in _entries(_section(file), _read(file)))


def word_files() -> list[Path]:
    """The files of sentences, the common one first."""
    return [CONSOLE_FOLDER / "words.toml", *sorted(CONSOLE_FOLDER.glob("*/words.toml"))]


def translate(language: str, key: str, **values: object) -> str:
    """The sentence of this key; with ``n``, the one for one or for several. Raises KeyError."""
    words = catalogue()[key][language]
    if isinstance(words, list):
        words = words[0 if values["n"] == 1 else 1]
    return words.format_map(values) if values else words


def translated_names(language: str, key: str) -> list[str]:
    """A list of names, such as those of the months."""
    words = catalogue()[key][language]
    return words if isinstance(words, list) else [words]


def has_text(key: str) -> bool:
    """True when there are words for this key: not everything kept has a name."""
    return key in catalogue()


def _section(file: Path) -> str:
    return COMMON if file.parent == CONSOLE_FOLDER else file.parent.name


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _entries(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Words]]]:
    for name, inner in table.items():
        if isinstance(inner.get(LANGUAGES[0]), str | list):
            yield f"{prefix}.{name}", inner
        else:
            yield from _entries(f"{prefix}.{name}", inner)
