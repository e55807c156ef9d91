"""A file as it stands: words, lists and fields, each knowing its line, none of them guessed at.

YAML alone would read ``012345`` as a number and ``1:30`` as ninety; here every scalar stays the
text that somebody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.reader import ReaderError

from plan.findings import Finding, PaperError
from routing.names import tidy

DEEPEST = 50
"""Lists and fields inside each other; no field of a line is deeper than eight."""
MOST_VALUES = 200_000
"""Values that aliases may add to those that stand in the file."""
_NAME = re.compile(r"[A-Za-z_]\w*|\d", re.ASCII)
_QUOTED = re.compile(r"(['\"]).{2,}\1")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something stands: its line, counted from 1, and the path of its field."""

    line: int
    field: str

    def within(self, name: str) -> Mark:
        """The mark of a field of this one."""
        return Mark(self.line, f"{self.field}.{name}" if self.field else name)


@dataclass(frozen=True, slots=True)
class Word:
    """One scalar as it stands, perhaps a PIN; ``given`` is false where nothing was written."""

    mark: Mark
    text: str = field(repr=False)
    given: bool = True


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    mark: Mark
    items: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Named fields, in the order in which they were written; a name may wrongly come twice."""

    mark: Mark
    fields: tuple[tuple[Word, Entry], ...]

    def get(self, name: str) -> Entry | None:
        """What was written for a field, or None where it was left out or left empty."""
        found = next((entry for key, entry in self.fields if key.text == name), None)
        return None if isinstance(found, Word) and not found.given else found

    def where(self, name: str) -> Mark:
        """Where a field stands, or should stand."""
        return next((k.mark for k, _ in self.fields if k.text == name), self.mark.within(name))

    def text(self, name: str) -> str | None:
        """The word written for a field, or None where there is none."""
        found = self.get(name)
        return found.text if isinstance(found, Word) else None

    def tidied(self, name: str) -> str:
        """The same in one spelling, as its reader reads it; empty where there is none."""
        return tidy(self.text(name) or "")


Entry = Word | Items | Fields


class _Shallow(Composer):
    """Stops early: the deeper a file is nested, the slower each of its brackets is read."""

    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """One value, with all that is inside."""
        self.depth += 1
        if self.depth > DEEPEST:
            here = self.parser.peek_event().start_mark
            raise ComposerError(None, None, "it is nested too deeply", here)
        node: Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_sheet(text: str) -> Entry:
    """The YAML text as entries; PaperError with the line when it is no YAML."""
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer = _Shallow
        node = yaml.compose(text)
        if node is None:
            return Fields(Mark(1, ""), ())
        _weigh(node)
        return _entry(node, Mark(1, ""))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = _QUOTED.sub("something", error.problem or "cannot be read")
        raise _not_yaml(mark.line + 1 if mark else 1, problem) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _not_yaml(line, "a control character") from None
    except (YAMLError, RecursionError):
        raise _not_yaml(1, "cannot be read, or is nested too deeply") from None


def _not_yaml(line: int, problem: str) -> PaperError:
    return PaperError([Finding(line, "file", f"is not valid YAML: {problem}")])


def _weigh(root: Node) -> None:
    """Count the values of a file with its aliases written out, before anybody writes them out;
    PaperError where they are too many."""
    sizes: dict[int, int] = {}

    def size(node: Node) -> int:
        known = sizes.get(id(node))
        if known == 0:
            raise _not_yaml(node.start_mark.line + 1, "an alias inside of what it stands for")
        if known is None:
            sizes[id(node)] = 0
            sizes[id(node)] = known = 1 + sum(map(size, _inside(node)))
        if known > len(sizes) + MOST_VALUES:
            many = f"its aliases make more than {MOST_VALUES} values of it"
            raise _not_yaml(node.start_mark.line + 1, many)
        return known

    size(root)


def _inside(node: Node) -> Iterable[Node]:
    if isinstance(node, ScalarNode):
        return ()
    return (part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,)))


def _entry(node: Node, mark: Mark) -> Entry:
    if isinstance(node, ScalarNode):
        line = node.start_mark.line + 1
        return Word(Mark(line, mark.field), node.value, bool(node.value or node.style))
    if isinstance(node, MappingNode):
        return Fields(mark, tuple(_fields(node, mark)))
    return Items(
        mark,
        tuple(
            _entry(item, Mark(item.start_mark.line + 1, f"{mark.field}[{index}]"))
            for index, item in enumerate(node.value)
        ),
    )


def _fields(node: MappingNode, mark: Mark) -> Iterator[tuple[Word, Entry]]:
    for key, value in node.value:
        plain = isinstance(key, ScalarNode) and _NAME.fullmatch(key.value)
        name = key.value if plain else "(not a name)"
        at = Mark(key.start_mark.line + 1, mark.within(name).field)
        yield Word(at, name), _entry(value, at)
