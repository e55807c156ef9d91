"""A form read into a value, or the mistakes in it, each beside its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError

from config.reader import FieldReader, FileReading, Location, ReaderContext, Scalar, WrongField
from ivr_app.console.i18n import has_text
from ivr_app.console.session import current_line
from ivr_app.console.templating import t

Mistakes = dict[str, str]
"""A sentence for each field that is wrong, by its name."""


class Form(BaseModel):
    """What a form brings, field by field; blanks around words do not count."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)


Read = TypeVar("Read", bound=Form)


def read_form(kind: type[Read]) -> tuple[Read | None, Mistakes]:
    """The form that was sent, or None and what is wrong with it. Empty fields count as missing;
    of several values of one name a list is made where the field wants one."""
    given: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        several = "list" in str(field.annotation) or "tuple" in str(field.annotation)
        value = request.form.getlist(name) if several else request.form.get(name)
        if value not in (None, "", []):
            given[name] = value
    try:
        return kind.model_validate(given), {}
    except ValidationError as error:
        return None, {
            str(one["loc"][0]): _describe_mistake(one) for one in error.errors() if one["loc"]
        }


def _describe_mistake(error: Any) -> str:
    """Ours, or that of the field's own check: a ValueError whose words are a key of a catalogue."""
    reason = str(error.get("ctx", {}).get("error", ""))
    if has_text(reason):
        return t(reason)
    key = f"console.mistake.{error['type']}"
    return t(key, **error.get("ctx", {})) if has_text(key) else t("console.mistake.wrong")


# Fields of forms that are read as the files of the line are, so that both take the same.


T = TypeVar("T")


def read_as_file_field(reader: FieldReader[T], mistake: str) -> Callable[[str], T]:
    """Reads a field with the reader of a file; ``mistake`` is the key of what is said otherwise."""

    def read(text: str) -> T:
        looked_at = current_line()
        terms = ReaderContext(_refuse_pin)
        if looked_at is not None:
            dialled = looked_at.dialled_countries
            terms = replace(terms, country=looked_at.country, dialled=dialled)
        try:
            return reader(Scalar(Location(1, ""), text), FileReading(terms))
        except WrongField:
            raise ValueError(mistake) from None

    return read


def _refuse_pin(pin: str, owner: str) -> str:
    """No form asks for a PIN."""
    return ""
