"""The environment, read once: each setting of `.env.example`, typed and frozen."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

import spelling


class SettingsError(Exception):
    """One sentence that says which setting is wrong or missing, and why; never a secret."""


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises SettingsError."""
    given = {name: given_as(environment, name.upper()) for name in Settings.model_fields}
    try:
        return Settings.model_validate({name: value for name, value in given.items() if value})
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def given_as(environment: Mapping[str, str], name: str) -> str | None:
    """The value of this name, from itself or from the file that NAME_FILE names; raises
    SettingsError."""
    path = environment.get(f"{name}_FILE")
    if not path:
        return environment.get(name)
    try:
        return Path(path).read_text().rstrip("\r\n")
    except OSError as error:  # neither path nor content: either may be the secret itself
        why = error.strerror
    except ValueError:
        why = "it is not text in UTF-8"
    raise SettingsError(f"{name}_FILE names a file that cannot be read: {why}.")


_Web = Annotated[str, AfterValidator(spelling.web)]


class Settings(BaseModel):
    """What this process was told about the world around it."""

    model_config = ConfigDict(frozen=True)

    database_url: Annotated[str, AfterValidator(spelling.database)] = "sqlite:///var/line.db"
    redis_url: Annotated[str, AfterValidator(spelling.redis)] = "redis://127.0.0.1:6379/0"
    twilio_account_sid: str = Field(description="it names our account at the carrier")
    twilio_auth_token: str = Field(description="without it anybody could pose as the carrier")
    twilio_auth_token_previous: str | None = None
    twilio_shared_key: str | None = None
    twilio_shared_key_previous: str | None = None
    twilio_api_key: str | None = None
    twilio_api_secret: str | None = None
    twilio_api_url: Annotated[str, AfterValidator(spelling.api)] = "https://api.twilio.com"
    twilio_pci_mode: Literal["off", "on"] = "off"
    public_url: _Web = Field(description="the carrier reaches us there and signs that address")
    secret_key: Annotated[str, AfterValidator(spelling.secret)] = Field(
        description="it signs cookies and links and is keyed into PINs"
    )
    pin_pepper: str = ""
    mail_url: Annotated[str, AfterValidator(spelling.mail)] | None = None
    mail_from: Annotated[str, AfterValidator(spelling.sender)] | None = None
    fallback_file: Path = Path("var/fallback.json")
    fallback_put_url: Annotated[str, AfterValidator(spelling.outside)] | None = None
    fallback_url: _Web | None = None
    media_dir: Path = Path("var/media")
    heartbeat_url: Annotated[str, AfterValidator(spelling.watcher)] | None = None
    console_idle_hours: Annotated[int, Field(ge=1, le=168)] = 12
    console_days: Annotated[int, Field(ge=1, le=90)] = 7
    oidc_issuer: _Web | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None
    oidc_role_claim: str = "roles"
    oidc_roles: Annotated[str, AfterValidator(spelling.roles)] | None = None
    console_proxies: Annotated[int, Field(ge=0, le=9)] = 0
    port: Annotated[int, Field(ge=1, le=65535)] = 5000

    @property
    def installation(self) -> str:
        """Tells installations on one Redis apart; letters, figures and dashes only."""
        host = urlsplit(self.public_url).netloc.rpartition("@")[2]
        apart = hashlib.sha256(self.public_url.encode()).hexdigest()[:8]
        return f"{re.sub(r'[^A-Za-z0-9]+', '-', host).strip('-')}-{apart}"

    def __repr__(self) -> str:
        """Names no value: most of them are secrets or lead to one."""
        return "Settings(…)"

    __str__ = __repr__

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Without a pepper of its own, PINs are keyed with one that follows from the secret."""
        if given.get("secret_key") and not given.get("pin_pepper"):
            derived = hmac.new(given["secret_key"].encode(), b"PIN_PEPPER", hashlib.sha256)
            return given | {"pin_pepper": derived.hexdigest()}
        return given

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        """What is of use only together must come together."""
        if (self.twilio_api_key is None) != (self.twilio_api_secret is None):
            raise ValueError("TWILIO_API_KEY and TWILIO_API_SECRET must be set together")
        if self.mail_url is not None and self.mail_from is None:
            raise ValueError("MAIL_FROM is missing: MAIL_URL is set and a mail needs a sender")
        if len({value is None for value in self._oidc()}) != 1:
            raise ValueError("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together")
        return self

    def _oidc(self) -> tuple[str | None, ...]:
        return self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{reason}."
    field = str(first["loc"][0])
    if first["type"] == "missing":
        return f"{field.upper()} is missing: {Settings.model_fields[field].description}."
    return f"{field.upper()} is wrong: {reason[0].lower()}{reason[1:]}."
