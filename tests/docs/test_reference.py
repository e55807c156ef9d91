"""What is made from the code is of today, says something about everything, and is true."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from config.line import describe_fields, parse_line_file
from config.reader import FileError
from devtools.reference.__main__ import ROOT, write_pages
from devtools.reference.line_yaml import list_fields, read_meanings

EXAMPLE = (ROOT / "docs" / "line.example.yaml").read_text("utf-8")
MEANINGS = read_meanings(EXAMPLE)
FIELDS = {path: (shape, needed) for path, shape, needed in list_fields(describe_fields())}
AS_BEFORE = ("routes.escalation.", "routes.desk.")
"""They have the fields of `escalation` and `desk`, and the meanings."""
SCHEMA = json.loads((ROOT / "docs" / "line.schema.json").read_text("utf-8"))


def test_each_page_that_is_made_is_of_today() -> None:
    for file, text in write_pages().items():
        assert file.read_text("utf-8") == text, f"{file.relative_to(ROOT)}: run make reference"


def test_the_example_says_what_each_field_means() -> None:
    known = {path for path in FIELDS if not path.startswith(AS_BEFORE)}
    assert known - set(MEANINGS) == set()
    assert set(MEANINGS) - known == set()
    assert [path for path in known if not MEANINGS[path].text] == []


def test_a_field_is_required_or_has_a_default() -> None:
    either = {"contracts.contacts.phone", "contracts.contacts.pin", "schedules.shifts.people"}
    either |= {"contracts.contacts.phones", "contracts.contacts.pin_hash"}
    for path in sorted(set(MEANINGS) - either):
        shape, needed = FIELDS[path]
        if needed:
            assert not MEANINGS[path].default, path
        elif shape.get("type") != "object":
            assert MEANINGS[path].default, path


def hashed(pin: str, owner: str) -> str:
    return f"hash-of-{len(pin)}-digits"


def load(text: str) -> Any:
    """The document with every value as it was written."""
    return YAML(typ="base").load(text)


def holders(node: Any, path: list[str]) -> Iterator[Any]:
    """Every mapping of a document that may hold the field of this path."""
    if isinstance(node, list):
        for item in node:
            yield from holders(item, path)
    elif isinstance(node, dict):
        levels = [value for key, value in node.items() if key.isdigit() or key in ("nl", "en")]
        for inner in levels:
            yield from holders(inner, path)
        if len(path) == 1:
            yield node
        elif path[0] in node:
            yield from holders(node[path[0]], path[1:])


def parse(document: Any) -> Any:
    file = parse_line_file(json.dumps(document, ensure_ascii=False), hashed)
    return file.line, file.contracts


def write(document: Any, path: str, value: Any) -> Any:
    changed = copy.deepcopy(document)
    for holder in holders(changed, path.split(".")):
        if path.rpartition(".")[2] in holder:
            holder[path.rpartition(".")[2]] = value
    return changed


def remove(document: Any, path: str) -> Any:
    changed = copy.deepcopy(document)
    for holder in holders(changed, path.split(".")):
        holder.pop(path.rpartition(".")[2], None)
    return changed


WORDS = ("", "none", "nobody", "ours", "always", "any")


def is_value(default: str) -> bool:
    return default not in WORDS and "`" not in default


def test_a_default_is_what_applies_without_the_field() -> None:
    """A default in words, such as "the line's", is no value, and is left to the reader."""
    document, compared = load(EXAMPLE), 0
    for path in (path for path, meaning in MEANINGS.items() if is_value(meaning.default)):
        try:
            with_it = parse(write(document, path, load(MEANINGS[path].default)))
        except FileError:
            continue
        compared += 1
        assert parse(remove(document, path)) == with_it, path
    assert compared > 40


@pytest.mark.parametrize("name", ["line.yaml", "docs/line.example.yaml", "docs/plans.example.yaml"])
def test_the_schema_accepts_our_files(name: str) -> None:
    jsonschema.validate(as_editors_read(Path(ROOT / name).read_text("utf-8")), SCHEMA)


def as_editors_read(text: str) -> Any:
    """YAML 1.2 as a language server has it: dates are texts, and all keys too."""
    document = YAML(typ="safe", pure=True).load(text)
    return json.loads(json.dumps(document, default=str))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("attempts: 3", "attemps: 3"),
        ("whisper: full", "whisper: loud"),
        ("daily_cap: 40", "daily_cap: many"),
        ("tell: true", "tell: perhaps"),
        ("languages: [nl, en]", "languages: {nl: en}"),
        ("    name: Sanne de Vries", "    # name"),
    ],
)
def test_the_schema_refuses_what_check_refuses(right: str, wrong: str) -> None:
    text = EXAMPLE.replace(right, wrong, 1)
    with pytest.raises(FileError):
        parse_line_file(text, hashed)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_editors_read(text), SCHEMA)
