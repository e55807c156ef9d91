"""What the page on telephone companies lists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PAGE = HOUSE / "docs" / "configure" / "carriers.md"


@cache
def rows(heading: str) -> dict[str, str]:
    """The table below a heading: its first column, and its second."""
    text = PAGE.read_text("utf-8").partition(f"\n### {heading}\n")[2]
    part = re.split("\n#{2,3} ", text)[0]
    _head, _rule, *table = re.findall(r"^\|(.+?)\|(.*?)\|$", part, re.MULTILINE)
    return {first.strip(): second for first, second in table}


def words(cell: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", cell))


@cache
def listed_verbs() -> dict[str, set[str]]:
    return {first.strip("`"): words(second) for first, second in rows("Verbs").items()}


@cache
def listed_requests() -> set[str]:
    return {first.strip("`") for first in rows("REST requests")}


def find_unlisted(document: str) -> set[str]:
    """Elements and attributes of a document that the page does not have."""
    found = set()
    for tag, inside in re.findall(r"<(\w+)((?:\s+[\w:]+=\"[^\"]*\")*)", document):
        allowed = listed_verbs().get(tag)
        if allowed is None:
            found.add(tag)
        else:
            names = set(re.findall(r"([\w:]+)=\"", inside))
            found |= {f"{tag} {name}" for name in names - allowed}
    return found


def name_request(method: str, path: str) -> str:
    """A request as the page names it: POST Calls/{sid}.json."""
    rest = path.partition("/Accounts/")[2].partition("/")[2]
    resource, _, sid = rest.removesuffix(".json").partition("/")
    return f"{method} {resource}{'/{sid}' if sid else ''}.json"
