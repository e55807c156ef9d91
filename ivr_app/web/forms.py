"""Forms: a value, or the mistakes in it by field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.datastructures import MultiDict

from config.reader import (
    FieldReader,
    FileReading,
    Location,
    ReaderContext,
    Scalar,
    UnreadableField,
    WrongField,
)
from ivr_app.web.i18n import has_text
from ivr_app.web.site import current_site, t

Mistakes = dict[str, str]
"""A sentence for each wrong field, by the name of the field."""


class Form(BaseModel):
    """The fields of a form, without the blanks around their values."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)


FormT = TypeVar("FormT", bound=Form)


def read_form(
    kind: type[FormT], given: MultiDict[str, str] | None = None
) -> tuple[FormT | None, Mistakes]:
    """Return the form of the request, or of what was ``given`` before, or None and its mistakes. An
    empty field is missing. A field whose type is a list or tuple gets all values of its name."""
    if given is None:
        given = request.form
    try:
        return kind.model_validate(_find_values(kind, given)), {}
    except ValidationError as error:
        return None, {
            str(one["loc"][0]): _describe_mistake(one) for one in error.errors() if one["loc"]
        }


def _find_values(kind: type[Form], given: MultiDict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        value: Any = given.get(name)
        if "list" in str(field.annotation) or "tuple" in str(field.annotation):
            value = given.getlist(name)
        if value not in (None, "", []):
            found[name] = value
    return found


def _describe_mistake(error: Any) -> str:
    """Return the text of a mistake. A check of our own raises a ValueError with a text key."""
    values = error.get("ctx", {})
    reason = str(values.get("error", ""))
    if has_text(reason):
        return t(reason)
    key = f"web.mistake.{error['type']}"
    if has_text(key):
        return t(key, **values)
    return t("web.mistake.wrong")


ValueT = TypeVar("ValueT")


def read_as_file_field(reader: FieldReader[ValueT], mistake: str) -> Callable[[str], ValueT]:
    """Return a reader of a form field that accepts what the line's files accept; ``mistake`` is the
    text key for any other value."""

    def read(text: str) -> ValueT:
        line = current_site().find_line()
        context = ReaderContext(_refuse_pin)
        if line is not None:
            context = replace(
                context,
                country=line.country,
                dialled=line.dialled_countries,
                plans=tuple(plan.id for plan in line.plans),
            )
        try:
            return reader(Scalar(Location(1, ""), text), FileReading(context))
        except (UnreadableField, WrongField):
            raise ValueError(mistake) from None

    return read


def _refuse_pin(pin: str, owner: str) -> str:
    """No form asks for a PIN."""
    return ""
