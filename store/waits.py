"""How long callers waited, told by the database itself, in begun seconds as
``routing.service.begun_seconds`` counts them, and what else figures ask of a kept value."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from store.inside import CallLevel


class MetAt(CallLevel):
    """When somebody took the call, as text; nothing when nobody did."""

    inherit_cache = True
    field = "answered_at"


class CallingEngineer(CallLevel):
    """Whose number it is that calls, if it is an engineer's."""

    inherit_cache = True
    field = "engineer"


class RespondBy(CallLevel):
    """When a response to an incident is due, if one is promised."""

    inherit_cache = True
    field = "respond_by"


class BreachedAt(CallLevel):
    """When the response clock of an incident ran out, if it did."""

    inherit_cache = True
    field = "breached_at"


class IncidentTaker(CallLevel):
    """Who has taken an incident."""

    inherit_cache = True
    field = "acknowledged_by"


class Waited(FunctionElement[int]):
    """Begun seconds from a call's first ring until somebody took it, or else until its end."""

    type = Integer()
    inherit_cache = True


@compiles(Waited)
def _of_sqlite(element: Waited, compiler: Any, **given: Any) -> str:
    """Both are texts in UTC with six digits behind the point, or none: whole seconds apart, and
    one more where the digits of the end are greater."""
    met = compiler.process(MetAt(), **given)
    end = f"COALESCE({met}, ended_at)"
    seconds = "CAST(strftime('%s', substr({}, 1, 19)) AS INTEGER)"
    apart = f"{seconds.format(end)} - {seconds.format('started_at')}"
    return f"max(0, {apart} + (substr({end}, 21, 6) > substr(started_at, 21, 6)))"


@compiles(Waited, "postgresql")
def _of_postgresql(element: Waited, compiler: Any, **given: Any) -> str:
    met = compiler.process(MetAt(), **given)
    apart = f"COALESCE(CAST({met} AS TIMESTAMPTZ), ended_at) - started_at"
    return f"CAST(GREATEST(0, CEIL(EXTRACT(EPOCH FROM ({apart})))) AS INTEGER)"
