"""The reference of ``line.yaml``: a page for people, and a JSON Schema for editors.

Names, types and what is required come from the readers of ``config``; the meaning and the default
of each field from the comments of ``docs/line.example.yaml``, where each is written once:

- a comment behind a value is about the first field of its line;
- a comment line ``# name: …`` is about that field of the mapping around it;
- it begins with ``default`` if the field has one: alone for the value of the example, else
  ``default: none; …``. ``since 0.10; …`` comes before that, in fields newer than the first release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from config.line import describe_fields
from config.reader import Entry, Fields, Items, Scalar, Shape, read_yaml

FIRST_RELEASE = "0.9"

COMMENT = re.compile(r"^(?P<before>[^#\"]*(?:\"[^\"]*\"[^#\"]*)*)# (?P<text>.*)$")
NAMED = re.compile(r"(?P<name>[a-z_][a-z_.]*|\d): (?P<text>.+)")
SAME = re.compile(r"\[\d+\]|\.\d+(?=\.|$)")
"""Parts of a path that are places in a list, or levels: what they contain is described once."""
SAID = re.compile(
    r"(?:since (?P<since>[\d.]+)(?:; |$))?(?:default(?::? (?P<default>[^;]+))?(?:; |$))?"
)


@dataclass(frozen=True)
class Meaning:
    """What the example says about a field."""

    text: str
    default: str = ""
    since: str = FIRST_RELEASE


@dataclass(frozen=True)
class Key:
    """The position of a field in the example: line, column, and path without list indexes."""

    line: int
    column: int
    path: str
    value: Entry


def read_meanings(text: str) -> dict[str, Meaning]:
    """The meaning of each field by its path, such as ``engineers.contact.after``."""
    lines = text.splitlines()
    keys = list(_list_keys(read_yaml(text), lines))
    found: dict[str, Meaning] = {}
    for number, line in enumerate(lines, start=1):
        comment = COMMENT.match(line)
        if comment is None:
            continue
        said = comment["text"].strip()
        if comment["before"].strip():
            key = next(key for key in keys if key.line == number)
            found.setdefault(key.path, _read_meaning(said, key.value))
        elif named := NAMED.fullmatch(said):
            above = _find_parent(keys, number, len(comment["before"]))
            path = ".".join(filter(None, (above, named["name"])))
            value = next((key.value for key in keys if key.path == path), None)
            found.setdefault(path, _read_meaning(named["text"], value))
    return found


def _read_meaning(said: str, value: Entry | None) -> Meaning:
    head = SAID.match(said)
    if head is None or not head[0]:
        return Meaning(said)
    default = head["default"] or ""
    if not default and "default" in head[0]:
        default = write_flow(value)
    return Meaning(said[head.end() :], default, head["since"] or FIRST_RELEASE)


def _list_keys(entry: Entry, lines: list[str]) -> Iterator[Key]:
    if isinstance(entry, Items):
        for item in entry.items:
            yield from _list_keys(item, lines)
    if isinstance(entry, Fields):
        for key, value in entry.fields:
            at = key.location
            name = at.field.rpartition(".")[2]
            column = re.search(rf"\b{re.escape(name)}:", lines[at.line - 1])
            path = SAME.sub("", at.field)
            yield Key(at.line, column.start() if column else 0, path, value)
            yield from _list_keys(value, lines)


def _find_parent(keys: list[Key], line: int, column: int) -> str:
    above = [key for key in keys if key.line < line and key.column < column]
    return above[-1].path if above else ""


def write_flow(entry: Entry | None) -> str:
    """A value of the example on one line."""
    if isinstance(entry, Items):
        return f"[{', '.join(map(write_flow, entry.items))}]"
    if isinstance(entry, Fields):
        inside = (f"{key.text}: {write_flow(value)}" for key, value in entry.fields)
        return f"{{{', '.join(inside)}}}"
    return entry.text if isinstance(entry, Scalar) else ""


def list_fields(shape: Shape, path: str = "") -> Iterator[tuple[str, Shape, bool]]:
    """Every field: its path, what it accepts, and whether its mapping needs it."""
    for inner in _list_choices(shape):
        for name, field in inner.get("properties", {}).items():
            below = SAME.sub("", f"{path}.{name}" if path else name)
            if below != path:
                yield below, field, name in inner["required"]
            yield from list_fields(field, below)
        for field in inner.get("patternProperties", {}).values():
            yield from list_fields(field, path)


def _list_choices(shape: Shape) -> Iterator[Shape]:
    """What a shape may be, and the items of its lists."""
    for one in shape.get("anyOf", [shape]):
        if one.get("type") == "array":
            yield from _list_choices(one["items"])
        elif "anyOf" in one:
            yield from _list_choices(one)
        else:
            yield one


HEAD = "| field | type | default | meaning |\n|---|---|---|---|\n"
DOCUMENT = re.compile(r"docs/([\w/-]+\.md)")
WITH_LINK = r"[\1](../\1)"


def write_fields(example: str) -> str:
    """The reference for people: a part for each field at the top of the file."""
    meanings = read_meanings(example)
    fields = {path: (shape, needed) for path, shape, needed in list_fields(describe_fields())}
    parts: list[str] = []
    for top in (path for path in fields if "." not in path):
        shape, needed = fields[top]
        inside = [path for path in fields if path.startswith(f"{top}.") and path in meanings]
        rows = [_write_row(path, *fields[path], meanings[path]) for path in inside]
        about = _write_meaning(meanings[top])
        kind = f"{write_type(shape)} · {_write_default(shape, meanings[top], needed)}"
        parts.append(f"## {top}\n\n{about[0].upper()}{about[1:]}.\n\n*{kind}*\n")
        if rows:
            parts.append(HEAD + "".join(rows))
        parts.append(f"``` yaml\n{_cut_section(example, top)}\n```\n")
    return "\n".join(parts)


def _write_row(path: str, shape: Shape, needed: bool, meaning: Meaning) -> str:
    name = path.partition(".")[2]
    default = _write_default(shape, meaning, needed)
    return write_row([f"`{name}`", write_type(shape), default, _write_meaning(meaning)])


def write_row(cells: list[str]) -> str:
    """A row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _write_default(shape: Shape, meaning: Meaning, needed: bool) -> str:
    if needed:
        return "required"
    if shape.get("type") == "object":
        return meaning.default or "see its fields"
    return meaning.default or "–"


def _write_meaning(meaning: Meaning) -> str:
    text = DOCUMENT.sub(WITH_LINK, meaning.text)
    if meaning.since != FIRST_RELEASE:
        text += f" (since {meaning.since})"
    return text


def write_type(shape: Shape) -> str:
    """What a field accepts, in words."""
    if "anyOf" in shape:
        one, other = shape["anyOf"]
        if other.get("type") == "array" and other["items"] == one:
            return f"{write_type(one)}; or a list"
        return f"{write_type(one)}; or {write_type(other)}"
    if shape.get("type") == "array" and shape["items"].get("type") == "object":
        return "list of fields"
    if shape.get("type") == "array":
        return f"list, each {write_type(shape['items'])}"
    if shape.get("type") == "object":
        return str(shape.get("title", "fields"))
    return str(shape["title"])


def _cut_section(example: str, top: str) -> str:
    """One field of the example, without comments."""
    rest = re.split(rf"^{top}:", example, flags=re.MULTILINE)[1]
    section = re.split(r"^\S", rest, maxsplit=1, flags=re.MULTILINE)[0]
    kept = []
    for line in f"{top}:{section}".splitlines():
        comment = COMMENT.match(line)
        bare = (comment["before"] if comment else line).rstrip()
        if bare:
            kept.append(bare)
    return "\n".join(kept)


def write_schema(example: str, site: str) -> Shape:
    """The reference as a JSON Schema."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{site}line.schema.json",
        "title": "line.yaml of Priority Line",
    }
    return head | _describe(describe_fields(), "", read_meanings(example))


def _describe(shape: Shape, path: str, meanings: dict[str, Meaning]) -> Shape:
    described = dict(shape)
    for key in ("properties", "patternProperties"):
        if key in shape:
            described[key] = {
                name: _describe_field(field, name, path, meanings)
                for name, field in shape[key].items()
            }
    if "anyOf" in shape:
        described["anyOf"] = [_describe(one, path, meanings) for one in shape["anyOf"]]
    if "items" in shape:
        described["items"] = _describe(shape["items"], path, meanings)
    return described


def _describe_field(field: Shape, name: str, path: str, meanings: dict[str, Meaning]) -> Shape:
    below = SAME.sub("", f"{path}.{name}" if path else name)
    if name.startswith("^"):  # a language
        below = path
    described = _describe(field, below, meanings)
    meaning = meanings.get(below) or meanings.get(below.removeprefix("routes."))
    if meaning is None or below == path:
        return described
    text = meaning.text or "See its fields"
    if meaning.default:
        text += f". Default: {meaning.default}"
    return {"description": f"{text}."} | described
