"""A deliberate mistake: one edit in the source of one function, made for the length of a test.

An entry is a function, a piece of its source, and the text that replaces the piece. The piece is
compared token by token, so that a formatter breaks no entry. Neither does a rename: where a name of
the piece no longer occurs in the function, the name in its place counts, in the replacement too.
"""

from __future__ import annotations

import builtins
import dis
import inspect
import keyword
import re
import textwrap
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Mistake = tuple[Any, str, str]
"""A function, a piece of its source, and the text that replaces it."""

Place = tuple[int, int, Mapping[str, str]]
"""Where a piece begins and ends in a source, and the name there of each name of the piece."""

NAME = re.compile(r"[^\W\d]\w*")
TOKEN = re.compile(
    r"""\#.* | [rfb]*\"""(?:.|\n)*?\""" | [rfb]*"(?:\\.|[^"\\\n])*" | [rfb]*'(?:\\.|[^'\\\n])*'
    | \d[\w.]* | [^\W\d]\w* | [-+*/%<>=!:&|^@]+ | \S""",
    re.VERBOSE,
)


def mistaken(function: Any, right: str, wrong: str) -> types.CodeType:
    """Return the code of this function with one edit in its source."""
    problem = why_stale(function, right, wrong)
    assert not problem, problem
    return _edit(function, right, wrong)


def stale(mistakes: Iterable[Mistake]) -> list[str]:
    """Return a sentence for each entry that can no longer be made."""
    problems = (why_stale(*mistake) for mistake in mistakes)
    return [problem for problem in problems if problem]


def why_stale(function: Any, right: str, wrong: str) -> str:
    """Say why this piece of this function cannot be edited; empty where it can."""
    name = f"{function.__module__}.{function.__qualname__}"
    if hasattr(function, "__wrapped__"):
        return f"{name} is decorated: the edit would be made in its wrapper"
    times = len(_places(_source(function), right))
    if times != 1:
        return f"{name} contains this piece {times} times instead of once: {right!r}"
    try:
        unknown = sorted(set(_globals(_edit(function, right, wrong))) - set(function.__globals__))
    except SyntaxError as error:
        return f"{name} is no code with {wrong!r} instead of {right!r}: {error.msg}"
    unknown = [each for each in unknown if not hasattr(builtins, each)]
    return f"{name} knows no {', '.join(unknown)}" if unknown else ""


def _edit(function: Any, right: str, wrong: str) -> types.CodeType:
    source = _source(function)
    ((start, end, names),) = _places(source, right)
    edit = NAME.sub(lambda found: names.get(found[0], found[0]), wrong)
    namespace: dict[str, Any] = {}
    exec(source[:start] + edit + source[end:], function.__globals__ | {}, namespace)  # noqa: S102
    edited = namespace[function.__name__]
    code: types.CodeType = getattr(edited, "fget", edited).__code__
    return code


def _globals(code: types.CodeType) -> Iterator[str]:
    for each in dis.get_instructions(code):
        if each.opname == "LOAD_GLOBAL":
            yield each.argval
        if each.opname == "LOAD_CONST" and isinstance(each.argval, types.CodeType):
            yield from _globals(each.argval)


def _source(function: Any) -> str:
    return textwrap.dedent(inspect.getsource(function))


def _places(source: str, piece: str) -> list[Place]:
    """Return each place of this piece; places under other names only where there are no others."""
    places = list(_find(source, piece))
    as_written = [place for place in places if all(old == new for old, new in place[2].items())]
    return as_written or places


def _find(source: str, piece: str) -> Iterator[Place]:
    tokens = [token for token in TOKEN.finditer(source) if not token[0].startswith("#")]
    wanted = TOKEN.findall(piece)
    known = {token[0] for token in tokens}
    for first in range(len(tokens) - len(wanted) + 1):
        here = tokens[first : first + len(wanted)]
        names = _names(wanted, [token[0] for token in here], known)
        if names is not None:
            yield here[0].start(), here[-1].end(), names


def _names(wanted: list[str], here: list[str], known: set[str]) -> dict[str, str] | None:
    """Return the name here of each wanted name; None where these are not the same tokens.

    A rename leaves no use of the old name, gives two names no common one, and is only believed
    where another name of the piece is as it was.
    """
    names: dict[str, str] = {}
    for old, new in zip(wanted, here, strict=True):
        if not (_is_name(old) and _is_name(new)):
            if old != new:
                return None
        elif names.setdefault(old, new) != new or (old != new and old in known):
            return None
    kept = [old for old, new in names.items() if old == new]
    if len(set(names.values())) < len(names) or (names and not kept):
        return None
    return names


def _is_name(token: str) -> bool:
    return NAME.fullmatch(token) is not None and not keyword.iskeyword(token)
