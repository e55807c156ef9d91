"""A form read into a value, or the mistakes in it, each beside its field."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError

from ivr_app.console.wardrobe import t
from ivr_app.console.words import has

Mistakes = dict[str, str]
"""A sentence for each field that is wrong, by its name."""


class Form(BaseModel):
    """What a form brings, field by field; blanks around words do not count."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)


Read = TypeVar("Read", bound=Form)


def read(kind: type[Read]) -> tuple[Read | None, Mistakes]:
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
        return None, {str(one["loc"][0]): _sentence(one) for one in error.errors() if one["loc"]}


def _sentence(error: Any) -> str:
    """Ours, or that of the field's own check: a ValueError whose words are a key of a catalogue."""
    reason = str(error.get("ctx", {}).get("error", ""))
    if has(reason):
        return t(reason)
    key = f"console.mistake.{error['type']}"
    return t(key, **error.get("ctx", {})) if has(key) else t("console.mistake.wrong")
