"""What must be known of a file before its first field is read; its mistakes are noted later."""

from __future__ import annotations

from dataclasses import replace

from phonenumbers import SUPPORTED_REGIONS

from plan import words
from plan.reading import Terms
from plan.sheet import Entry, Fields, Items, Mark
from routing.numbers import normalise


def foreknow(sheet: Entry, terms: Terms) -> Terms:
    """The terms with the id, country, number, zone, PIN length and ids that a file will give."""
    line, pin = _part(sheet, "line"), _part(sheet, "pin")
    written, length = line.tidied("country"), pin.tidied("length")
    country = written if written in SUPPORTED_REGIONS else terms.country
    return replace(
        terms,
        country=country,
        owner=(line.tidied("id") or "main",),
        number=normalise(line.tidied("number"), country) or terms.number,
        timezone=words.known_zone(line.tidied("timezone")) or terms.timezone,
        pin_length=int(length) if length in map(str, words.PIN_LENGTHS) else terms.pin_length,
        engineers=_ids(sheet, "engineers"),
        schedules=_ids(sheet, "schedules"),
    )


def _part(sheet: Entry, name: str) -> Fields:
    found = sheet.get(name) if isinstance(sheet, Fields) else None
    return found if isinstance(found, Fields) else Fields(Mark(1, ""), ())


def _ids(sheet: Entry, name: str) -> frozenset[str]:
    found = sheet.get(name) if isinstance(sheet, Fields) else None
    items = found.items if isinstance(found, Items) else ()
    ids = (item.tidied("id") for item in items if isinstance(item, Fields))
    return frozenset(filter(None, ids))
