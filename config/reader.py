"""Reads YAML into entries with line numbers, and combines field readers into a file reader.

YAML alone reads ``012345`` as a number and ``1:30`` as ninety. Here every scalar stays the text
that was written.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.reader import ReaderError

from routing.names import tidy

# Findings: each has the line, the field and a sentence that says what to do.


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One remark about a file. ``line`` counts from 1; a ``field`` is ``engineers[0].phones[1]``.

    A message says what is valid, and never repeats a value, which may be a PIN.
    """

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        """The finding as a sentence of the command line."""
        return f"line {self.line}: {self.field}: {self.message}"


class FileError(Exception):
    """A file cannot be used. ``findings`` are all its mistakes, in order of lines."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Sort the findings, each once."""
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))


MAX_DEPTH = 50
"""Nesting of lists and fields; no field of a line is deeper than eight."""
MAX_VALUES = 200_000
"""Values that aliases may add to those in the file."""
_NAME = re.compile(r"[A-Za-z_]\w*|\d", re.ASCII)
_QUOTED = re.compile(r"(['\"]).{2,}\1")


@dataclass(frozen=True, slots=True)
class Location:
    """The place of a value: its line, counted from 1, and the path of its field."""

    line: int
    field: str

    def within(self, name: str) -> Location:
        """The location of a field inside this one."""
        path = filter(None, (self.field, name))
        return Location(self.line, ".".join(path))


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar as written, perhaps a PIN; ``given`` is False for an empty value."""

    location: Location
    text: str = field(repr=False)
    given: bool = True


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    location: Location
    items: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Named fields, in the order of the file; a name may be there twice, which is a mistake."""

    location: Location
    fields: tuple[tuple[Scalar, Entry], ...]

    def get(self, name: str) -> Entry | None:
        """The value of a field; None if it is absent or empty."""
        found = next((entry for key, entry in self.fields if key.text == name), None)
        if isinstance(found, Scalar) and not found.given:
            return None
        return found

    def where(self, name: str) -> Location:
        """The location of a field; of an absent field the place where it belongs."""
        return next(
            (k.location for k, _ in self.fields if k.text == name), self.location.within(name)
        )

    def text(self, name: str) -> str | None:
        """The text of a field; None if it has none."""
        found = self.get(name)
        if not isinstance(found, Scalar):
            return None
        return found.text

    def tidy_text(self, name: str) -> str:
        """The text in one spelling, as the readers read it; empty without a text."""
        return tidy(self.text(name) or "")


Entry = Scalar | Items | Fields


class _DepthLimitedComposer(Composer):
    """Stops at the maximum depth, because deep nesting makes every bracket slower."""

    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """Compose one value with everything inside it."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            here = self.parser.peek_event().start_mark
            raise ComposerError(None, None, "it is nested too deeply", here)
        node: Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_yaml(text: str) -> Entry:
    """The YAML text as entries. Raises FileError."""
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer = _DepthLimitedComposer
        node = yaml.compose(text)
        if node is None:
            return Fields(Location(1, ""), ())
        _check_size(node)
        return _build_entry(node, Location(1, ""))
    except MarkedYAMLError as error:
        location, line = error.problem_mark or error.context_mark, 1
        if location is not None:
            line = location.line + 1
        problem = _QUOTED.sub("something", error.problem or "cannot be read")
        raise _build_yaml_error(line, problem) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _build_yaml_error(line, "a control character") from None
    except (YAMLError, RecursionError):
        raise _build_yaml_error(1, "cannot be read, or is nested too deeply") from None


def _build_yaml_error(line: int, problem: str) -> FileError:
    return FileError([Finding(line, "file", f"is not valid YAML: {problem}")])


def _check_size(root: Node) -> None:
    """Count the values of a file with its aliases replaced, before they are replaced. Raises
    FileError if there are too many."""
    sizes: dict[int, int] = {}

    def size(node: Node) -> int:
        known = sizes.get(id(node))
        if known == 0:
            raise _build_yaml_error(node.start_mark.line + 1, "an alias inside its own value")
        if known is None:
            sizes[id(node)] = 0
            sizes[id(node)] = known = 1 + sum(map(size, _child_nodes(node)))
        if known > len(sizes) + MAX_VALUES:
            many = f"its aliases make more than {MAX_VALUES} values of it"
            raise _build_yaml_error(node.start_mark.line + 1, many)
        return known

    size(root)


def _child_nodes(node: Node) -> Iterable[Node]:
    if isinstance(node, ScalarNode):
        return ()
    if isinstance(node, MappingNode):
        return (part for pair in node.value for part in pair)
    return node.value  # type: ignore[no-any-return]


def _build_entry(node: Node, location: Location) -> Entry:
    if isinstance(node, ScalarNode):
        line = node.start_mark.line + 1
        return Scalar(Location(line, location.field), node.value, bool(node.value or node.style))
    if isinstance(node, MappingNode):
        return Fields(location, tuple(_build_fields(node, location)))
    return Items(
        location,
        tuple(
            _build_entry(item, Location(item.start_mark.line + 1, f"{location.field}[{index}]"))
            for index, item in enumerate(node.value)
        ),
    )


def _build_fields(node: MappingNode, location: Location) -> Iterator[tuple[Scalar, Entry]]:
    for key, value in node.value:
        name = "(not a name)"
        if isinstance(key, ScalarNode) and _NAME.fullmatch(key.value):
            name = key.value
        at = Location(key.start_mark.line + 1, location.within(name).field)
        yield Scalar(at, name), _build_entry(value, at)


# Field readers: each field has one, and all findings of a file are collected.


S = TypeVar("S")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Hasher = Callable[[str, str], str]
"""Hashes a PIN. The second argument is the owner (line and contract), so that the same PIN has a
different hash for another owner."""

SPOKEN = ("nl", "en", "de", "fr")
"""The languages a line can speak, unless the caller knows of more prompts."""


class WrongField(Exception):  # noqa: N818 - a remark about one field
    """One field is wrong; the message says what is valid."""


class UnreadableField(Exception):  # noqa: N818 - the same
    """A value inside could not be read, and its mistake has been noted."""


@dataclass(frozen=True, slots=True)
class ReaderContext:
    """What readers need to know besides the field itself."""

    hasher: Hasher
    owner: tuple[str, ...] = ("main",)
    spoken: tuple[str, ...] = SPOKEN
    country: str = "NL"
    number: str = ""
    timezone: str = "UTC"
    pin_length: int = 6
    engineers: frozenset[str] = frozenset()
    schedules: frozenset[str] = frozenset()
    plans: tuple[str, ...] = ()
    dialled: tuple[str, ...] = ()  # countries of phone numbers; empty: any, as in line.yaml
    keeps_pins: bool = False  # a contact without a PIN keeps the one that is stored


@dataclass(frozen=True, slots=True)
class FileReading:
    """One pass over a file: its context, and the mistakes so far."""

    context: ReaderContext
    findings: list[Finding] = field(default_factory=list)

    def inside(self, **changes: Any) -> FileReading:
        """The same pass with another context, for a part of the file."""
        return FileReading(replace(self.context, **changes), self.findings)

    def note(self, location: Location, message: str) -> None:
        """Note a mistake, and continue."""
        self.findings.append(Finding(location.line, location.field or "file", message))

    def attempt(self, reader: FieldReader[T], entry: Entry) -> T | None:
        """Read one entry; None if it is wrong, and then the mistake is noted."""
        try:
            return reader(entry, self)
        except WrongField as wrong:
            self.note(entry.location, str(wrong))
        except UnreadableField:
            pass
        return None


class FieldReader(Protocol[T_co]):
    """Reads a value from an entry. Raises WrongField, or UnreadableField after a noted mistake."""

    def __call__(self, entry: Entry, reading: FileReading, /) -> T_co:
        """Read one entry."""


Shape = dict[str, Any]
"""What a reader accepts, as a JSON Schema; its ``title`` is the same in words."""

_SHAPES: WeakKeyDictionary[Any, Callable[[], Shape]] = WeakKeyDictionary()
"""By reader; some readers are made for one value of one file, and are forgotten with it."""


def shaped(reader: FieldReader[T], shape: Callable[[], Shape]) -> FieldReader[T]:
    """Note what a reader accepts, for the reference and for editors."""
    _SHAPES[reader] = shape
    return reader


def accepts(title: str, **others: Any) -> Callable[[FieldReader[T]], FieldReader[T]]:
    """Note that a reader accepts a text, which YAML may take for a number."""
    shape = {"title": title, "type": ["string", "number"]} | others
    return lambda reader: shaped(reader, lambda: shape)


def either(
    reader: FieldReader[T], one: FieldReader[Any], other: FieldReader[Any]
) -> FieldReader[T]:
    """Note that a reader accepts what either of the others accepts."""
    return shaped(reader, lambda: {"anyOf": [shape_of(one), shape_of(other)]})


def shape_of(reader: FieldReader[Any]) -> Shape:
    """What a reader accepts."""
    return _SHAPES[reader]()


@accepts("a text")
def word(entry: Entry, reading: FileReading) -> str:
    """The text of a scalar in one spelling, without blanks around it; never empty."""
    if not isinstance(entry, Scalar):
        raise WrongField("must be one value, not a list or fields")
    text = tidy(entry.text)
    if not text:
        raise WrongField("is empty")
    return text


def transformed(reader: FieldReader[S], make: Callable[[S], T]) -> FieldReader[T]:
    """A reader whose value is made from another reader's value."""

    def read(entry: Entry, reading: FileReading) -> T:
        return make(reader(entry, reading))

    return shaped(read, lambda: shape_of(reader))


# Combinators: readers of lists and fields, built from readers of single values.


def list_of(reader: FieldReader[T]) -> FieldReader[tuple[T, ...]]:
    """A list, every item read by the same reader."""

    def read(entry: Entry, reading: FileReading) -> tuple[T, ...]:
        if not isinstance(entry, Items):
            raise WrongField("must be a list")
        tried = [reading.attempt(reader, item) for item in entry.items]
        values = tuple(value for value in tried if value is not None)
        if len(values) < len(tried):
            raise UnreadableField
        return values

    return shaped(read, lambda: {"type": "array", "items": shape_of(reader)})


def one_or_list(reader: FieldReader[T]) -> FieldReader[tuple[T, ...]]:
    """A list, or one value instead of a list with that value."""
    plain = list_of(reader)

    def read(entry: Entry, reading: FileReading) -> tuple[T, ...]:
        if isinstance(entry, Items):
            return plain(entry, reading)
        return plain(Items(entry.location, (entry,)), reading)

    return shaped(read, lambda: {"anyOf": [shape_of(reader), shape_of(plain)]})


def non_empty(reader: FieldReader[tuple[T, ...]]) -> FieldReader[tuple[T, ...]]:
    """A list with at least one item."""

    def make(values: tuple[T, ...]) -> tuple[T, ...]:
        if not values:
            raise WrongField("must name at least one")
        return values

    return transformed(reader, make)


def distinct(key: str, reader: FieldReader[T]) -> FieldReader[tuple[T, ...]]:
    """A list in which no two items have the same value in a field."""
    plain = list_of(reader)

    def read(entry: Entry, reading: FileReading) -> tuple[T, ...]:
        note_repeats(entry, key, "is used by an earlier one; choose another", reading)
        return plain(entry, reading)

    return shaped(read, lambda: shape_of(plain))


def note_repeats(entry: Entry, key: str, message: str, reading: FileReading) -> None:
    """Note every value of a field that an earlier item of the list has too."""
    seen: set[str] = set()
    if not isinstance(entry, Items):
        return
    for item in entry.items:
        if not isinstance(item, Fields):
            continue
        found = item.get(key)
        if isinstance(found, Scalar):
            text = tidy(found.text)
            if text in seen:
                reading.note(found.location, message)
            seen.add(text)


def mapping(needed: frozenset[str], **readers: FieldReader[Any]) -> FieldReader[dict[str, Any]]:
    """Named fields: all are known, and those in ``needed`` are present. ``for_`` is ``for``."""
    known = {into.removesuffix("_"): (into, reader) for into, reader in readers.items()}

    def read(entry: Entry, reading: FileReading) -> dict[str, Any]:
        if not isinstance(entry, Fields):
            raise WrongField(f"must be fields: {', '.join(known)}")
        before = len(reading.findings)
        _check_names(entry, known, reading)
        values: dict[str, Any] = {}
        for name, (into, reader) in known.items():
            found = entry.get(name)
            if found is not None:
                values[into] = reading.attempt(reader, found)
            elif into in needed and name in {key.text for key, _ in entry.fields}:
                reading.note(entry.where(name), "is empty")
            elif into in needed:
                reading.note(entry.where(name), "is missing")
        if len(reading.findings) > before:
            raise UnreadableField
        return values

    return shaped(
        read,
        lambda: {
            "type": "object",
            "properties": {name: shape_of(reader) for name, (_, reader) in known.items()},
            "required": sorted(into.removesuffix("_") for into in needed),
            "additionalProperties": False,
        },
    )


def record(make: Callable[..., T], **readers: FieldReader[Any]) -> FieldReader[T]:
    """Named fields as the arguments of ``make``; those without a default are needed."""
    return transformed(mapping(required_arguments(make), **readers), lambda found: make(**found))


def required_arguments(make: Callable[..., Any]) -> frozenset[str]:
    """The arguments without a default."""
    parameters = inspect.signature(make).parameters.values()
    return frozenset(p.name for p in parameters if p.default is p.empty)


def suggest(name: str, known: Iterable[str]) -> str:
    """A hint: the known name that was probably meant, or all of them."""
    for near in get_close_matches(name, list(known), n=1):
        return f"did you mean {near}?"
    return f"known: {', '.join(sorted(known)) or 'none'}"


def _check_names(entry: Fields, known: dict[str, Any], reading: FileReading) -> None:
    seen: set[str] = set()
    for key, _ in entry.fields:
        if key.text in seen:
            reading.note(key.location, "appears a second time")
        elif key.text not in known:
            reading.note(key.location, f"is not a field; {suggest(key.text, known)}")
        seen.add(key.text)
