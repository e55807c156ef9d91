"""The page on telephone companies lists what the line needs of one: no more, and no less."""

from __future__ import annotations

import ast
import re

from tests.docs.carriers import HOUSE, listed_verbs, rows, words

WRITERS = ("carrier/twiml.py", "carrier/fallback.py")
READ = re.compile(r"read_form_value\(\s*\"([A-Z]\w+)\"|values(?:_by_name)?\.get\(\"([A-Z]\w+)\"")


def written_verbs() -> dict[str, set[str]]:
    """The elements that the source writes, with the attributes that it names."""
    found: dict[str, set[str]] = {}
    for path in WRITERS:
        for node in ast.walk(ast.parse((HOUSE / path).read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "element":
                tag = node.args[0]
                if isinstance(tag, ast.Constant):
                    names = {keyword.arg for keyword in node.keywords if keyword.arg}
                    found.setdefault(str(tag.value), set()).update(names)
    return found


def snake(name: str) -> str:
    return f"{re.sub('[A-Z]', lambda found: '_' + found[0].lower(), name)}="


def test_every_verb_of_the_source_is_listed_and_no_other() -> None:
    listed, written = listed_verbs(), written_verbs()
    assert listed.keys() == written.keys()
    text = "".join((HOUSE / path).read_text("utf-8") for path in WRITERS)
    for verb, names in listed.items():
        assert written[verb] <= names
        for name in names - written[verb]:  # those that come in a mapping
            assert f'"{name}"' in text or f"{name}=" in text or snake(name) in text


def test_every_field_that_is_read_is_listed_and_no_other() -> None:
    read = set()
    for file in (HOUSE / "ivr_app").rglob("*.py"):
        for first, second in READ.findall(file.read_text("utf-8")):
            read.add(first or second)
    listed = set().union(*(words(cell) for cell in rows("Fields of webhooks").values()))
    assert listed == read
