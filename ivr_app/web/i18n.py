"""The texts of console and portal in each language, and times as a page shows them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from service import refusals

LANGUAGES = refusals.LANGUAGES
"""The first is the default."""
FRONT_DOOR = Path(__file__).parents[1]
COMMON_TEXTS, CONSOLE, PORTAL = "web", "console", "portal"
"""The folders with texts: of both sites, of the console, and of the portal."""

Text = str | list[str]
"""A sentence, or a list: the sentences for one and for several, or names picked by number."""


@cache
def load_catalogue() -> Mapping[str, Mapping[str, Text]]:
    """Return every text by its key in each language: ``page.name`` of the console, and
    ``portal.page.name`` of the portal."""
    found: dict[str, Mapping[str, Text]] = {}
    for file in list_text_files():
        found.update(_list_entries(_find_section(file), _read_texts(file)))
    return found


def list_text_files() -> list[Path]:
    """Return the files of texts, those of no one page first."""
    sites = [FRONT_DOOR / name for name in (COMMON_TEXTS, CONSOLE, PORTAL)]
    common = [site / "words.toml" for site in sites if site.exists()]
    return [*common, *(file for site in sites for file in sorted(site.glob("*/words.toml")))]


def translate(language: str, key: str, **values: object) -> str:
    """Return the text of this key; with ``n``, the one for one or for several. Raises KeyError."""
    text = load_catalogue()[key][language]
    if isinstance(text, list):
        one, text = text
        if values["n"] == 1:
            text = one
    if values:
        return text.format_map(values)
    return text


def translate_names(language: str, key: str) -> list[str]:
    """Return a list of names, such as those of the months."""
    names = load_catalogue()[key][language]
    if isinstance(names, list):
        return names
    return [names]


def has_text(key: str) -> bool:
    """Return True if this key has a text: a value from the log may have none."""
    return key in load_catalogue()


def _find_section(file: Path) -> str:
    site, *page, _ = file.relative_to(FRONT_DOOR).parts
    if page and site == PORTAL:
        return f"{site}.{page[0]}"
    return [site, *page][-1]


def _read_texts(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _list_entries(
    prefix: str, table: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Text]]]:
    for name, inner in table.items():
        if isinstance(inner.get(LANGUAGES[0]), str | list):
            yield f"{prefix}.{name}", inner
        else:
            yield from _list_entries(f"{prefix}.{name}", inner)


def format_day(language: str, at: dt.datetime, zone: ZoneInfo) -> str:
    """ma 9 mrt 2026."""
    local = at.astimezone(zone)
    weekday = translate_names(language, "web.weekdays")[local.weekday()]
    return f"{weekday} {format_date(language, local.date())}"


def format_date(language: str, on: dt.date) -> str:
    """9 mrt 2026, in any time zone."""
    month = translate_names(language, "web.months")[on.month - 1]
    return f"{on.day} {month} {on.year}"


def format_moment(language: str, at: dt.datetime, zone: ZoneInfo, *, now: dt.datetime) -> str:
    """14:05 today, else with the day; to the minute."""
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return format_clock(at, zone)
    return f"{format_day(language, at, zone)} {format_clock(at, zone)}"


def format_clock(at: dt.datetime, zone: ZoneInfo) -> str:
    """14:05, and 02:30 CET in the night that has this time twice."""
    local = at.astimezone(zone)
    return f"{local:%H:%M}{_format_zone_suffix(local)}"


def format_exact(at: dt.datetime, zone: ZoneInfo) -> str:
    """14:05:09.123, to the millisecond, with the zone in the night that has this time twice."""
    local = at.astimezone(zone)
    return f"{local.isoformat(timespec='milliseconds')[11:23]}{_format_zone_suffix(local)}"


def _format_zone_suffix(local: dt.datetime) -> str:
    """Return the name of the zone if the clock shows this time twice that day, else nothing."""
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return ""
    return f" {local:%Z}"


UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
"""Units of a duration and their seconds."""


def format_duration(language: str, length: dt.timedelta | float) -> str:
    """12 s, 3 min 20 s, 2 h 5 min, 4 d 3 h: the two largest units; a float is seconds."""
    if isinstance(length, dt.timedelta):
        length = length.total_seconds()
    seconds = max(0, round(length))
    counts = []
    for unit, size in UNITS:
        counts.append((unit, seconds // size))
        seconds %= size
    while len(counts) > 1 and not counts[0][1]:
        del counts[0]
    largest = counts[:2]
    if len(largest) > 1 and not largest[1][1]:
        del largest[1]
    return " ".join(
        translate(language, f"web.units.{unit}", count=count) for unit, count in largest
    )


def format_size(language: str, size: int) -> str:
    """840 kB, 3.4 MB, 100 MB: the size of a file, of which a kilobyte has 1024 bytes."""
    kilobytes = max(1, round(size / 1024))
    if kilobytes < 1024:
        return translate(language, "web.units.kb", count=kilobytes)
    count = f"{size / 1024 / 1024:.1f}".removesuffix(".0")
    return translate(language, "web.units.mb", count=count.replace(".", _find_point(language)))


def _find_point(language: str) -> str:
    return translate(language, "web.units.point")
