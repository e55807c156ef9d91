"""The reference of the settings, from the descriptions beside their fields."""

from __future__ import annotations

from itertools import groupby

from devtools.reference.line_yaml import DOCUMENT, WITH_LINK, write_row
from settings import Description, describe_settings

HEAD = "| setting | default | meaning |\n|---|---|---|\n"


def write_settings() -> str:
    """A table for each group of settings."""
    parts = []
    for group, settings in groupby(describe_settings(), key=lambda about: about.group):
        rows = "".join(map(_write_setting, settings))
        parts.append(f"## {group}\n\n{HEAD}{rows}")
    return "\n".join(parts)


def _write_setting(about: Description) -> str:
    default = "–" if about.default is None else f"`{about.default}`"
    if about.required:
        default = "required"
    meaning = DOCUMENT.sub(WITH_LINK, about.meaning)
    if about.shown == "never":
        meaning += " (a secret)"
    return write_row([f"`{about.name}`", default, meaning])
