"""What stands inside a kept value, and names without regard to capitals, so that an index finds
them: each database writes such an expression in its own way."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Date, String
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


class Surname(FunctionElement[str]):
    """The last word of a name, a to z small: somebody is looked for by it."""

    type = String()
    inherit_cache = True


class LastDay(FunctionElement[dt.date]):
    """The last day of a contract; one that is open ends after all others."""

    type = Date()
    inherit_cache = True


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


_AFTER_THE_LAST_BLANK = "substr(name, length(rtrim(name, replace(name, ' ', ''))) + 1)"


@compiles(Surname)
def _surname(element: Surname, compiler: Any, **_: Any) -> str:
    return f"lower({_AFTER_THE_LAST_BLANK})"


@compiles(Surname, "postgresql")
def _surname_by_character(element: Surname, compiler: Any, **_: Any) -> str:
    return f'lower({_AFTER_THE_LAST_BLANK} COLLATE "C")'


@compiles(LastDay)
def _last_day(element: LastDay, compiler: Any, **_: Any) -> str:
    return "coalesce(until, '9999-12-31')"


@compiles(LastDay, "postgresql")
def _last_day_of_postgresql(element: LastDay, compiler: Any, **_: Any) -> str:
    return "coalesce(until, '9999-12-31'::date)"


@compiles(Folded)
def _folded(element: Folded, compiler: Any, **given: Any) -> str:
    return f"lower({compiler.process(element.clauses, **given)})"


@compiles(Folded, "postgresql")
def _folded_by_character(element: Folded, compiler: Any, **given: Any) -> str:
    return f'lower({compiler.process(element.clauses, **given)} COLLATE "C")'
