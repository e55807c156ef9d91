"""docs/line.example.yaml names every field that a file may have, and is itself a good file."""

import datetime as dt
import io
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from config.checks import find_warnings
from config.line import parse_line_file
from config.reader import Fields, FileError, Items, read_yaml

TEXT = (Path(__file__).parents[2] / "docs" / "line.example.yaml").read_text("utf-8")
STRANGE = "zqzq"


def hashed(pin, owner):
    return f"hash-of-{len(pin)}-digits"


def mappings(node):
    """Every mapping inside a document, itself included."""
    if isinstance(node, dict):
        yield node
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for inner in inside:
        yield from mappings(inner)


def plain(field):
    """The path of a field, whichever item of a list it stands in."""
    return re.sub(r"\[\d+\]", "", field)


def known_fields():
    """What may stand in each mapping of the example, as the reader says of one that may not."""
    yaml = YAML()
    document = yaml.load(TEXT)
    for mapping in list(mappings(document)):
        mapping[STRANGE] = "1"
    strange = io.StringIO()
    yaml.dump(document, strange)
    with pytest.raises(FileError) as caught:
        parse_line_file(strange.getvalue(), hashed)
    for finding in caught.value.findings:
        if finding.message.startswith("is not a field; known: "):
            place = plain(finding.field).removesuffix(STRANGE)
            names = finding.message.removeprefix("is not a field; known: ").split(", ")
            yield from (place + name for name in names)


def named_fields(entry):
    """Every field that stands in the example, by its path."""
    for item in entry.items if isinstance(entry, Items) else ():
        yield from named_fields(item)
    for key, value in entry.fields if isinstance(entry, Fields) else ():
        yield plain(key.location.field)
        yield from named_fields(value)


def test_the_example_can_be_applied_and_nothing_in_it_is_odd():
    paper = parse_line_file(TEXT, hashed)
    assert find_warnings(paper, dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)) == ()


def test_the_example_names_every_field_that_can_be_read():
    known = set(known_fields())
    assert {"paging.daily_cap", "engineers.contact.after", "line.holidays.remove"} <= known
    assert known - set(named_fields(read_yaml(TEXT))) == set()
