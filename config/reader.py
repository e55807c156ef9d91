"""Reads YAML into entries with line numbers, and combines field readers into a file reader.

YAML alone would read ``012345`` as a number and ``1:30`` as ninety; here every scalar stays the
text that somebody wrote.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.reader import ReaderError

from routing.names import tidy

# Findings: each has the line, the field and a sentence that says what to do.


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One remark about a file; ``line`` counts from 1, ``field`` reads ``engineers[0].phones[1]``.

    A message tells what would be right and repeats no value that might be a PIN.
    """

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        """The finding as a sentence of the command line."""
        return f"line {self.line}: {self.field}: {self.message}"


class FileError(Exception):
    """A file cannot be used; ``findings`` holds everything that is wrong, in order of lines."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Sort the findings, each once."""
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))


MAX_DEPTH = 50
"""Lists and fields inside each other; no field of a line is deeper than eight."""
MAX_VALUES = 200_000
"""Values that aliases may add to those that stand in the file."""
_NAME = re.compile(r"[A-Za-z_]\w*|\d", re.ASCII)
_QUOTED = re.compile(r"(['\"]).{2,}\1")


@dataclass(frozen=True, slots=True)
class Location:
    """Where something stands: its line, counted from 1, and the path of its field."""

    line: int
    field: str

    def within(self, name: str) -> Location:
        """The mark of a field of this one."""
        return Location(self.line, f"{self.field}.{name}" if self.field else name)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar as it stands, perhaps a PIN; ``given`` is false where nothing was written."""

    mark: Location
    text: str = field(repr=False)
    given: bool = True


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    mark: Location
    items: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Named fields, in the order in which they were written; a name may wrongly come twice."""

    mark: Location
    fields: tuple[tuple[Scalar, Entry], ...]

    def get(self, name: str) -> Entry | None:
        """What was written for a field, or None where it was left out or left empty."""
        found = next((entry for key, entry in self.fields if key.text == name), None)
        return None if isinstance(found, Scalar) and not found.given else found

    def where(self, name: str) -> Location:
        """Where a field stands, or should stand."""
        return next((k.mark for k, _ in self.fields if k.text == name), self.mark.within(name))

    def text(self, name: str) -> str | None:
        """The word written for a field, or None where there is none."""
        found = self.get(name)
        return found.text if isinstance(found, Scalar) else None

    def tidy_text(self, name: str) -> str:
        """The same in one spelling, as its reader reads it; empty where there is none."""
        return tidy(self.text(name) or "")


Entry = Scalar | Items | Fields


class _DepthLimitedComposer(Composer):
    """Stops early: the deeper a file is nested, the slower each of its brackets is read."""

    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """One value, with all that is inside."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            here = self.parser.peek_event().start_mark
            raise ComposerError(None, None, "it is nested too deeply", here)
        node: Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_yaml(text: str) -> Entry:
    """The YAML text as entries; FileError with the line when it is no YAML."""
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer = _DepthLimitedComposer
        node = yaml.compose(text)
        if node is None:
            return Fields(Location(1, ""), ())
        _check_size(node)
        return _build_entry(node, Location(1, ""))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = _QUOTED.sub("something", error.problem or "cannot be read")
        raise _build_yaml_error(mark.line + 1 if mark else 1, problem) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _build_yaml_error(line, "a control character") from None
    except (YAMLError, RecursionError):
        raise _build_yaml_error(1, "cannot be read, or is nested too deeply") from None


def _build_yaml_error(line: int, problem: str) -> FileError:
    return FileError([Finding(line, "file", f"is not valid YAML: {problem}")])


def _check_size(root: Node) -> None:
    """Count the values of a file with its aliases written out, before anybody writes them out;
    FileError where they are too many."""
    sizes: dict[int, int] = {}

    def size(node: Node) -> int:
        known = sizes.get(id(node))
        if known == 0:
            raise _build_yaml_error(
                node.start_mark.line + 1, "an alias inside of what it stands for"
            )
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
    return (part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,)))


def _build_entry(node: Node, mark: Location) -> Entry:
    if isinstance(node, ScalarNode):
        line = node.start_mark.line + 1
        return Scalar(Location(line, mark.field), node.value, bool(node.value or node.style))
    if isinstance(node, MappingNode):
        return Fields(mark, tuple(_build_fields(node, mark)))
    return Items(
        mark,
        tuple(
            _build_entry(item, Location(item.start_mark.line + 1, f"{mark.field}[{index}]"))
            for index, item in enumerate(node.value)
        ),
    )


def _build_fields(node: MappingNode, mark: Location) -> Iterator[tuple[Scalar, Entry]]:
    for key, value in node.value:
        plain = isinstance(key, ScalarNode) and _NAME.fullmatch(key.value)
        name = key.value if plain else "(not a name)"
        at = Location(key.start_mark.line + 1, mark.within(name).field)
        yield Scalar(at, name), _build_entry(value, at)


# Field readers: each field has one, and all findings of a file are collected.


S = TypeVar("S")
T_co = TypeVar("T_co", covariant=True)

Hasher = Callable[[str, str], str]
"""Turns a PIN into what may be kept of it; the second word names line, contract and contact, so
that two who chose the same PIN cannot be told by what is kept."""

SPOKEN = ("nl", "en")
"""The languages a line can speak, unless the reader of a file knows of more prompts."""


class WrongField(Exception):  # noqa: N818 - it is an answer about one field, not a failure
    """What is wrong with one field, as a sentence that says what would be right."""


class UnreadableField(Exception):  # noqa: N818 - the same
    """Something inside could not be read, and has been noted."""


@dataclass(frozen=True, slots=True)
class ReaderContext:
    """What a reader must know besides the field before it."""

    hasher: Hasher
    owner: tuple[str, ...] = ("main",)
    spoken: tuple[str, ...] = SPOKEN
    country: str = "NL"
    number: str = ""
    timezone: str = "UTC"
    pin_length: int = 6
    engineers: frozenset[str] = frozenset()
    schedules: frozenset[str] = frozenset()
    dialled: tuple[str, ...] = ()  # where numbers must be; the file of the line may have any


@dataclass(frozen=True, slots=True)
class FileReading:
    """One pass over a file: its terms, and what was found wrong so far."""

    terms: ReaderContext
    findings: list[Finding] = field(default_factory=list)

    def inside(self, **terms: Any) -> FileReading:
        """The same pass, on other terms: those of a part of the file."""
        return FileReading(replace(self.terms, **terms), self.findings)

    def note(self, mark: Location, message: str) -> None:
        """Keep something that is wrong, and read on."""
        self.findings.append(Finding(mark.line, mark.field or "file", message))

    def attempt(self, reader: FieldReader[T], entry: Entry) -> T | None:
        """Read one entry; None where it was wrong, which is then noted."""
        try:
            return reader(entry, self)
        except WrongField as wrong:
            self.note(entry.mark, str(wrong))
        except UnreadableField:
            pass
        return None


class FieldReader(Protocol[T_co]):
    """Makes a value of an entry; raises WrongField, or Unread when it has noted what is wrong."""

    def __call__(self, entry: Entry, reading: FileReading, /) -> T_co:
        """Read one entry."""


def word(entry: Entry, reading: FileReading) -> str:
    """The text of a scalar in one spelling, without the blanks around it; never empty."""
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

    return read


# Combinators: readers of lists and fields, built from readers of single values.


T = TypeVar("T")


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

    return read


def one_or_list(reader: FieldReader[T]) -> FieldReader[tuple[T, ...]]:
    """A list, or one value that stands for a list of itself."""

    def read(entry: Entry, reading: FileReading) -> tuple[T, ...]:
        items = entry if isinstance(entry, Items) else Items(entry.mark, (entry,))
        return list_of(reader)(items, reading)

    return read


def non_empty(reader: FieldReader[tuple[T, ...]]) -> FieldReader[tuple[T, ...]]:
    """A list that names at least one."""

    def make(values: tuple[T, ...]) -> tuple[T, ...]:
        if not values:
            raise WrongField("must name at least one")
        return values

    return transformed(reader, make)


def distinct(key: str, reader: FieldReader[T]) -> FieldReader[tuple[T, ...]]:
    """A list of things of which no two carry the same word in a field."""
    plain = list_of(reader)

    def read(entry: Entry, reading: FileReading) -> tuple[T, ...]:
        note_repeats(entry, key, "is taken by an earlier one; take another", reading)
        return plain(entry, reading)

    return read


def note_repeats(entry: Entry, key: str, message: str, reading: FileReading) -> None:
    """Note every word in a field that an earlier item of a list already carries."""
    seen: set[str] = set()
    for item in entry.items if isinstance(entry, Items) else ():
        found = item.get(key) if isinstance(item, Fields) else None
        if isinstance(found, Scalar):
            text = tidy(found.text)
            if text in seen:
                reading.note(found.mark, message)
            seen.add(text)


def mapping(needed: frozenset[str], **readers: FieldReader[Any]) -> FieldReader[dict[str, Any]]:
    """Named fields, all known, those needed present; ``for_`` reads the field ``for``."""
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
            elif into in needed:
                left = "empty" if name in {key.text for key, _ in entry.fields} else "missing"
                reading.note(entry.where(name), f"is {left}")
        if len(reading.findings) > before:
            raise UnreadableField
        return values

    return read


def record(make: Callable[..., T], **readers: FieldReader[Any]) -> FieldReader[T]:
    """Named fields that become the arguments of ``make``; those without a default are needed."""
    return transformed(mapping(required_arguments(make), **readers), lambda found: make(**found))


def required_arguments(make: Callable[..., Any]) -> frozenset[str]:
    """The arguments that something cannot be made without."""
    parameters = inspect.signature(make).parameters.values()
    return frozenset(p.name for p in parameters if p.default is p.empty)


def suggest(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that was probably meant, or at all of them."""
    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known)) or 'none'}"


def _check_names(entry: Fields, known: dict[str, Any], reading: FileReading) -> None:
    seen: set[str] = set()
    for key, _ in entry.fields:
        if key.text in seen:
            reading.note(key.mark, "stands here a second time")
        elif key.text not in known:
            reading.note(key.mark, f"is not a field; {suggest(key.text, known)}")
        seen.add(key.text)
