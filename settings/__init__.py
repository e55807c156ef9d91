"""The settings: what each means, and how they are read, from the environment and from files.

The first place that has a value wins: the environment, a file that the environment names as
NAME_FILE, `.env` in the working directory, a file that this one names, the folder SECRETS_DIR, the
default.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, JsonValue, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import PydanticBaseSettingsSource as Source

from settings.checks import (
    api,
    company,
    database,
    mail,
    mailbox,
    outside,
    redis,
    report_address,
    roles,
    secret,
    sender,
    server_name,
    watcher,
    web,
)
from settings.sources import Origin, SettingsError, build_model, collect, read_env_file

__all__ = [
    "Description",
    "Origin",
    "Settings",
    "SettingsError",
    "describe_settings",
    "find_file_with_secrets",
    "find_value",
    "is_set",
    "read_settings",
    "read_with_origins",
]

SECRET: dict[str, JsonValue] = {"shown": "never"}
"""Marks a field whose value is never shown."""

UNGUESSABLE: dict[str, JsonValue] = {"shown": "host"}
"""Marks a web address that opens something for anybody who knows it: only its host is shown."""

_Web = Annotated[str, AfterValidator(web)]
_Key = Annotated[str, AfterValidator(secret)]
_ServerName = Annotated[str, AfterValidator(server_name)]


class Settings(BaseSettings):
    """The settings of one process. The description of a field is its documentation."""

    model_config = SettingsConfigDict(frozen=True, validate_default=False, extra="ignore")

    database_url: Annotated[str, AfterValidator(database)] = Field(
        "sqlite:///var/line.db",
        description="The database: sqlite:////abs/path or postgresql://user:password@host/name",
    )
    redis_url: Annotated[str, AfterValidator(redis)] = Field(
        "redis://127.0.0.1:6379/0",
        description="redis://:password@host:6379/0; other programs and installations may share it",
    )
    carrier: Annotated[str, AfterValidator(company)] = Field(
        "twilio",
        description="The telephone company: twilio, signalwire or telnyx. "
        "docs/configure/carriers.md says what each can do",
    )
    carrier_signing_key: str | None = Field(
        None,
        description="SignalWire's signing key, or Telnyx's public key in base64. Twilio has none: "
        "it signs with the token or with a shared key",
        json_schema_extra=SECRET,
    )
    carrier_signing_key_previous: str | None = Field(
        None,
        description="Signatures by this key are valid too, while you rotate the signing key",
        json_schema_extra=SECRET,
    )
    carrier_application: str | None = Field(
        None, description="Telnyx only: the id of the TeXML application that calls go out from"
    )
    twilio_account_sid: str = Field(
        description="The carrier account: Account SID (Twilio), Project ID (SignalWire) or account "
        "id (Telnyx)"
    )
    twilio_auth_token: str = Field(
        description="The account's secret: auth token (Twilio, which signs webhooks with it), API "
        "token (SignalWire) or API key (Telnyx)",
        json_schema_extra=SECRET,
    )
    twilio_auth_token_previous: str | None = Field(
        None,
        description="Signatures with this token are valid too, while you rotate the token",
        json_schema_extra=SECRET,
    )
    twilio_shared_key: str | None = Field(
        None,
        description="The secret of a shared key with which the carrier signs webhooks (SHA-256). "
        "Once it is set, only its signatures are valid",
        json_schema_extra=SECRET,
    )
    twilio_shared_key_previous: str | None = Field(
        None,
        description="Signatures by this key are valid too while you rotate the key; without a "
        "current key it is valid in addition to the token, for the change from token to key",
        json_schema_extra=SECRET,
    )
    twilio_api_key: str | None = Field(
        None, description="Used for REST requests instead of the token, with its secret"
    )
    twilio_api_secret: str | None = Field(
        None, description="The secret of TWILIO_API_KEY", json_schema_extra=SECRET
    )
    twilio_api_url: Annotated[str, AfterValidator(api)] = Field(
        "https://api.twilio.com",
        description="Twilio, one of its regions, a compatible carrier or a simulator; without "
        "/2010-04-01",
    )
    twilio_pci_mode: Literal["off", "on"] = Field(
        "off",
        description="on: the account's PCI mode is on, so the carrier stores no keyed digits; "
        "`doctor` does not verify this",
    )
    public_url: _Web = Field(
        description="The address at which the carrier reaches us, http:// or https://; signatures "
        "are checked against it"
    )
    secret_key: _Key = Field(
        description="Signs cookies and links, at least 12 characters. Make one with: "
        "python3 -c 'import secrets; print(secrets.token_hex(32))'",
        json_schema_extra=SECRET,
    )
    pin_pepper: str = Field(
        "",
        description="Keyed into PIN hashes; derived from SECRET_KEY if not set. A change makes "
        "every PIN wrong",
        json_schema_extra=SECRET,
    )
    mail_url: Annotated[str, AfterValidator(mail)] | None = Field(
        None,
        description="Mails to engineers and to customers: smtp://user:password@host:587 (STARTTLS) "
        "or smtps://user:password@host (TLS from the first byte). Without it e-mail is off. The "
        "certificate must be valid; SSL_CERT_FILE names a private authority. Write characters such "
        "as @ and / in user and password as %40 and %2F",
    )
    mail_from: Annotated[str, AfterValidator(sender)] | None = Field(
        None, description="The sender of these mails; required with MAIL_URL"
    )
    mailbox_url: Annotated[str, AfterValidator(mailbox)] | None = Field(
        None,
        description="The mailbox with mails from customers to the address of MAIL_FROM, read over "
        "IMAP: imaps://user:password@host/INBOX, or imap:// with STARTTLS; another folder than "
        "INBOX may be named. Mails that are read move to the folder Handled",
    )
    mailbox_trusts: _ServerName | None = Field(
        None,
        description="The name of the receiving mail server as it stands first in its "
        "Authentication-Results headers, such as mx.example.org. Only what this server reports "
        "about DKIM, SPF and DMARC proves a sender; without it every sender is unverified. The "
        "server must remove such headers from mails that come in with its own name",
    )
    mail_form_key: _Key | None = Field(
        None,
        description="The secret of a mail service that posts mails to PUBLIC_URL/mail/inbound; at "
        "least 12 characters",
        json_schema_extra=SECRET,
    )
    mail_form_trusts: _ServerName | None = Field(
        None,
        description="The same as MAILBOX_TRUSTS, for mails that come by the form: the name that "
        "the mail service writes first in the Authentication-Results header that it adds. Without "
        "it every sender by the form is unverified",
    )
    fallback_file: Path = Field(
        Path("var/fallback.json"),
        description="The file that /voice/fallback reads when database and Redis are away",
    )
    fallback_put_url: Annotated[str, AfterValidator(outside)] | None = Field(
        None,
        description="A secret address on another host: at every change the line uploads (PUT) "
        "static TwiML that dials the people on call, with two small documents next to it. It "
        "contains their telephone numbers",
        json_schema_extra=UNGUESSABLE,
    )
    fallback_url: _Web | None = Field(
        None,
        description="The address at which the carrier reads it, if not FALLBACK_PUT_URL without "
        "its query. If set, `provision` makes it the number's fallback instead of /voice/fallback, "
        "which answers only while this host does",
        json_schema_extra=UNGUESSABLE,
    )
    media_dir: Path = Field(
        Path("var/media"),
        description="Recordings as files on this machine; the database holds them too, so it need "
        "not be shared",
    )
    prompts_dir: Path | None = Field(
        None,
        description="Your own sentences, recordings and music, a folder that is read when a "
        "process starts: docs/configure/prompts.md",
    )
    speech_engine: Literal["vosk", "faster-whisper", "pocketsphinx"] | None = Field(
        None,
        description="Turns recordings into words on this machine, for lines with "
        "`transcribe: local`: vosk, faster-whisper or pocketsphinx, one of the extras of "
        "pyproject.toml. Only the workers need it: docs/configure/speech.md",
    )
    speech_models: Path | None = Field(
        None,
        description="A folder with a model for each language, such as models/nl and models/en; "
        "required with SPEECH_ENGINE",
    )
    heartbeat_url: Annotated[str, AfterValidator(watcher)] | None = Field(
        None,
        description="Requested every minute while due jobs are on time",
        json_schema_extra=UNGUESSABLE,
    )
    alive_file: Path | None = Field(
        None,
        description="A file that a worker or clock touches every two seconds while it lives, for "
        "`priority-line health`: one file for each process. The container image sets it",
    )
    sentry_dsn: Annotated[str, AfterValidator(report_address)] | None = Field(
        None,
        description="Errors are reported there: the DSN of a project in Sentry, GlitchTip or the "
        "like. Needs the extra `errors`. Reports hold no personal data: "
        "docs/operate/monitoring.md",
        json_schema_extra=SECRET,
    )
    console_idle_hours: Annotated[int, Field(ge=1, le=168)] = Field(
        12, description="Sessions of console and portal end after so many hours without a click"
    )
    console_days: Annotated[int, Field(ge=1, le=90)] = Field(
        7, description="Sessions of console and portal end after so many days in any case"
    )
    largest_file_mb: Annotated[int, Field(ge=1, le=2048)] = Field(
        100,
        description="The largest file that a customer or the staff may send, in mebibytes; it is "
        "stored in the database",
    )
    files_of_contract_mb: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        2000,
        description="All files that the contacts of one contract can send in the portal and that "
        "are still kept, in megabytes",
    )
    console_proxies: Annotated[int, Field(ge=0, le=9)] = Field(
        0,
        description="The number of your proxies in front of `web`: so many entries of "
        "X-Forwarded-For are trusted, from the right, when password guesses are counted by "
        "address. Webhooks never use it",
    )
    oidc_issuer: _Web | None = Field(
        None,
        description="OpenID Connect: people sign in to the console with the account of their "
        "organisation. Register PUBLIC_URL/console/sign_in/elsewhere/back as the redirect address. "
        "Set all three, or none",
    )
    oidc_client_id: str | None = Field(
        None, description="The id of the line at the identity provider"
    )
    oidc_client_secret: str | None = Field(
        None, description="The secret of OIDC_CLIENT_ID", json_schema_extra=SECRET
    )
    oidc_role_claim: str = Field(
        "roles",
        description="The claim with the role, as a word or a list: viewer, engineer, manager, "
        "admin; the highest counts. realm_access.roles is the claim `roles` inside `realm_access`. "
        "A claim that the ID token leaves out is requested from userinfo",
    )
    oidc_roles: Annotated[str, AfterValidator(roles)] | None = Field(
        None,
        description="Maps the provider's words to roles: Line Admins=admin; On Call=engineer. If "
        "set, no other word counts",
    )
    port: Annotated[int, Field(ge=1, le=65535)] = Field(5000, description="The port of `web`")
    web_concurrency: Annotated[int, Field(ge=1, le=256)] | None = Field(
        None,
        description="The processes of `web`; without it, one for each core. Set it in containers, "
        "which see all cores of their host",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: Source,
        *others: Source,
        **more: Source,
    ) -> tuple[Source, ...]:
        """Take values from ``read_settings`` only, which knows where each came from."""
        return (init_settings,)

    @property
    def largest_file(self) -> int:
        """Bytes of the largest file that a customer or the staff may send."""
        return self.largest_file_mb * 1024 * 1024

    @property
    def installation(self) -> str:
        """The name of this installation in a shared Redis: letters, digits and dashes only."""
        host = urlsplit(self.public_url).netloc.rpartition("@")[2]
        apart = hashlib.sha256(self.public_url.encode()).hexdigest()[:8]
        return f"{re.sub(r'[^A-Za-z0-9]+', '-', host).strip('-')}-{apart}"

    @property
    def mailbox_address(self) -> str | None:
        """The address whose mails are read here: that of MAIL_FROM. None if nobody reads mail."""
        from email.utils import parseaddr  # only a line that reads mail needs it

        if self.mail_from is None or not (self.mailbox_url or self.mail_form_key):
            return None
        return parseaddr(self.mail_from)[1].lower()

    def __repr__(self) -> str:
        """Show no value, because most of them are secrets."""
        return "Settings(…)"

    __str__ = __repr__

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Derive PIN_PEPPER from SECRET_KEY when it is not set."""
        if given.get("secret_key") and not given.get("pin_pepper"):
            derived = hmac.new(given["secret_key"].encode(), b"PIN_PEPPER", hashlib.sha256)
            return given | {"pin_pepper": derived.hexdigest()}
        return given

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        """Check settings that are useful only together."""
        if (self.twilio_api_key is None) != (self.twilio_api_secret is None):
            raise ValueError("TWILIO_API_KEY and TWILIO_API_SECRET must be set together")
        if self.mail_url is not None and self.mail_from is None:
            raise ValueError("MAIL_FROM is missing: MAIL_URL is set and a mail needs a sender")
        if (self.mailbox_url or self.mail_form_key) and self.mail_from is None:
            raise ValueError("MAIL_FROM is missing: it is the address whose mails are read")
        if (self.speech_engine is None) != (self.speech_models is None):
            raise ValueError("SPEECH_ENGINE and SPEECH_MODELS must be set together")
        if len({value is None for value in self._oidc()}) != 1:
            raise ValueError("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together")
        return self

    def _oidc(self) -> tuple[str | None, ...]:
        return self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret


GROUPS = {
    "database_url": "Database and Redis",
    "carrier": "Carrier",
    "public_url": "Address and keys",
    "mail_url": "Mail",
    "fallback_file": "Fallback",
    "media_dir": "Recordings and prompts",
    "heartbeat_url": "Monitoring",
    "console_idle_hours": "Console, portal and API",
    "port": "Web server",
}
"""The first field of each group -> its title, for the documentation."""

WHY_REQUIRED = {
    "twilio_account_sid": "it names our account at the carrier",
    "twilio_auth_token": "without it anybody could pose as the carrier",
    "public_url": "the carrier reaches us there and signs that address",
    "secret_key": "it signs cookies and links and is keyed into PINs",
}


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of this process, or those of an environment alone. Raises SettingsError."""
    return read_with_origins(environment)[0]


def read_with_origins(
    environment: Mapping[str, str] | None = None,
) -> tuple[Settings, dict[str, Origin]]:
    """Read the settings, and where each of them came from. Raises SettingsError."""
    values, origins = collect(Settings, environment)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    for name in Settings.model_fields.keys() - origins.keys():
        origins[name] = Origin("default")
    if "pin_pepper" not in values:
        origins["pin_pepper"] = Origin("derived")
    return settings, origins


@dataclass(frozen=True, slots=True)
class Description:
    """A setting as the documentation shows it; ``default`` is None where there is none."""

    name: str
    group: str
    meaning: str
    default: str | None
    required: bool
    shown: str
    """always, host (the value opens something) or never"""


def describe_settings() -> list[Description]:
    """Every setting, in the order of the documentation."""
    found, group = [], ""
    for name, field in Settings.model_fields.items():
        group = GROUPS.get(name, group)
        default = None
        if not field.is_required() and field.default not in (None, ""):
            default = str(field.default)
        extra = cast("dict[str, str]", field.json_schema_extra or {})
        found.append(
            Description(
                name=name.upper(),
                group=group,
                meaning=field.description or "",
                default=default,
                required=field.is_required(),
                shown=extra.get("shown", "always"),
            )
        )
    return found


def find_file_with_secrets(environment: Mapping[str, str] | None = None) -> Path | None:
    """The file of ENV_FILE, or `.env`, if it has a secret: a setting's, or that of a webhook."""
    file, written = read_env_file(Settings, environment)
    shown = {about.name.lower(): about.shown for about in describe_settings()}
    for name, value in written.items():
        of_webhook = name.startswith("webhook_") and not name.endswith("_file")
        if of_webhook or (name in shown and (shown[name] != "always" or "@" in value)):
            return file
    return None


def find_value(name: str, environment: Mapping[str, str] | None = None) -> str | None:
    """The value of any variable, from the places of a setting. Raises SettingsError."""
    return cast("str | None", collect(build_model(name), environment)[0].get(name.lower()))


def is_set(name: str) -> bool:
    """True if a variable has a value that can be read."""
    try:
        return find_value(name) is not None
    except SettingsError:
        return False


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{reason}."
    field = str(first["loc"][0])
    if first["type"] == "missing":
        return f"{field.upper()} is missing: {WHY_REQUIRED[field]}."
    return f"{field.upper()} is wrong: {reason[0].lower()}{reason[1:]}."
