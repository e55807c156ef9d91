"""The places where settings are looked for, in their order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import create_model
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableError


class SettingsError(Exception):
    """A setting is wrong or missing; the message says which and why, and contains no secret."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: environment, file, env_file, secrets_dir, default or derived."""

    source: str
    file: Path | None = None


@cache
def build_model(name: str) -> type[BaseSettings]:
    """A model of one variable that is no setting."""
    field: Any = (str | None, None)
    return create_model("_Other", __base__=BaseSettings, **{name.lower(): field})


def collect(
    model: type[BaseSettings], environment: Mapping[str, str] | None
) -> tuple[dict[str, Any], dict[str, Origin]]:
    """The values of a model's fields that are set anywhere, and their origins."""
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for origin, source in _list_places(model, environment):
        try:
            found = source()
        except UnreadableError as error:  # the library names the value's field, and not the reason
            if isinstance(error.__cause__, SettingsError):
                raise error.__cause__ from None
            raise SettingsError(
                f"SECRETS_DIR has a file that cannot be read: {_explain(error.__cause__)}."
            ) from None
        for name in found.keys() - values.keys():
            if found[name]:
                values[name], origins[name] = found[name], origin
                if isinstance(source, _NamedFiles):
                    origins[name] = Origin("file", Path(source.env_vars[f"{name}_file"] or ""))
    return values, origins


def _list_places(
    model: type[BaseSettings], environment: Mapping[str, str] | None
) -> list[tuple[Origin, PydanticBaseSettingsSource]]:
    """Where values may be, the first one first."""
    known = os.environ if environment is None else environment
    given = {name.lower(): value for name, value in known.items() if value and name.isupper()}
    places: list[tuple[Origin, PydanticBaseSettingsSource]] = [
        (Origin("environment"), _Variables(model, given)),
        (Origin("file"), _NamedFiles(model, given)),
    ]
    file, written = read_env_file(model, environment)
    if file is not None:
        places += [
            (Origin("env_file", file), _Variables(model, written)),
            (Origin("file"), _NamedFiles(model, written)),
        ]
    if folder := known.get("SECRETS_DIR"):
        if not Path(folder).is_dir():
            raise SettingsError("SECRETS_DIR names no folder that can be read.")
        secrets = SecretsSettingsSource(model, folder)
        places.append((Origin("secrets_dir", Path(folder)), secrets))
    return places


def read_env_file(
    model: type[BaseSettings], environment: Mapping[str, str] | None
) -> tuple[Path | None, dict[str, str]]:
    """The file of ENV_FILE, or `.env`, and all that it sets, by names in small letters."""
    known = os.environ if environment is None else environment
    file = _find_env_file(known, standard=environment is None)
    if file is None:
        return None, {}
    return file, _read_env_file(model, file)


def _find_env_file(environment: Mapping[str, str], *, standard: bool) -> Path | None:
    """The file of ENV_FILE, or `.env` if there is one; no file if ENV_FILE is empty.

    An environment that is given, as tests do, is complete: it must name its file.
    """
    name = environment.get("ENV_FILE", ".env" if standard else "")
    if not name or (name == ".env" and not Path(name).exists()):
        return None
    return Path(name)


def _read_env_file(model: type[BaseSettings], file: Path) -> dict[str, str]:
    try:
        file.open("rb").close()  # the library takes a file that it cannot find for an empty one
        found = DotEnvSettingsSource(model, file).env_vars
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {_explain(error)}.") from None
    return {name: value for name, value in found.items() if value}


class _Variables(EnvSettingsSource):
    """Variables of the environment, or of a file."""

    def __init__(self, model: type[BaseSettings], given: Mapping[str, str]) -> None:
        super().__init__(model)
        self.env_vars = given


class _NamedFiles(_Variables):
    """Files that variables name as NAME_FILE. A file that cannot be read is refused, also if
    something else has the value."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Read the file of a field."""
        path = self.env_vars.get(f"{field_name}_file")
        if path is None:
            return None, field_name, False
        try:
            return Path(path).read_text("utf-8").rstrip("\r\n"), field_name, False
        except (OSError, ValueError) as error:  # the path is left out: it may be the secret itself
            why = _explain(error)
        raise SettingsError(
            f"{field_name.upper()}_FILE names a file that cannot be read: {why}."
        ) from None


def _explain(error: BaseException | None) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is not text in UTF-8"
