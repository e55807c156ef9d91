"""What stands inside a kept value, and names without regard to capitals, so that an index finds
them: each database writes such an expression in its own way."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class CallLevel(FunctionElement[str]):
    """The level of a call, as text; nothing before one is chosen."""

    type = String()
    inherit_cache = True
    field = "urgency"


class CallTaker(FunctionElement[str]):
    """Who took a call: an engineer's id, or the last resort."""

    type = String()
    inherit_cache = True
    field = "answered_by"


class Folded(FunctionElement[str]):
    """The words with a to z small, in the order of their characters: alike in every database."""

    type = String()
    inherit_cache = True


@compiles(CallLevel)
@compiles(CallTaker)
def _of_sqlite(element: CallLevel | CallTaker, compiler: Any, **_: Any) -> str:
    return f"CAST(json_extract(value, '$.{element.field}') AS TEXT)"


@compiles(CallLevel, "postgresql")
@compiles(CallTaker, "postgresql")
def _of_postgresql(element: CallLevel | CallTaker, compiler: Any, **_: Any) -> str:
    return f"(CAST(value AS JSONB) ->> '{element.field}')"


@compiles(Folded)
def _folded(element: Folded, compiler: Any, **given: Any) -> str:
    return f"lower({compiler.process(element.clauses, **given)})"


@compiles(Folded, "postgresql")
def _folded_by_character(element: Folded, compiler: Any, **given: Any) -> str:
    return f'lower({compiler.process(element.clauses, **given)} COLLATE "C")'
