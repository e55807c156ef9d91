"""The settings of `.env.example`, read once from the environment, typed and frozen."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

# Validators of single values. The message of a ValueError is a sentence for the operator. It
# never repeats the value, because most values are secrets, or contain one.


ROLES = ("viewer", "engineer", "manager", "admin")
HERE = ("localhost", "127.0.0.1", "::1")

ESCAPED = "in a user or password, write @ as %40, : as %3A, / as %2F, # as %23 and ? as %3F"
MAKE_KEY = "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
SHORTEST_KEY = 12
_PLACEHOLDERS = ("changeme", "changethis", "replaceme", "replacethis", "yoursecret", "placeholder")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?|[0-9a-f:.]+(%\w+)?", re.ASCII | re.IGNORECASE)
_OF_AN_ADDRESS = re.compile(r"[\w\-.~:/?#\[\]@!$&'()*+,;=%]*", re.ASCII)
_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+")
_SQLITE_TAKES = {"timeout", "isolation_level", "detect_types", "check_same_thread", "uri"}


def _split(value: str, *schemes: str) -> SplitResult:
    """Split a URL of one of these schemes, with a valid host and port."""
    if value != value.strip() or not value.isprintable():
        raise ValueError("it must hold no blanks or line ends around it, and no control characters")
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        raise ValueError(f"its host cannot be read; {ESCAPED}") from None
    if parts.scheme not in schemes or not parts.netloc:
        raise ValueError(f"it must be an address that begins with {' or '.join(schemes)}://")
    if not host:
        raise ValueError(f"it names no host; {ESCAPED}")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0 or parts.netloc.endswith(":"):
        raise ValueError(f"its port must be a number from 1 to 65535; {ESCAPED}")
    if not _HOST.fullmatch(host):
        raise ValueError("its host is no name or address; write one outside ASCII as xn--…")
    return parts


def secret(value: str) -> str:
    """A key that signs links, long enough that nobody can guess it from a link."""
    if len(value) < SHORTEST_KEY:
        raise ValueError(f"it has fewer than {SHORTEST_KEY} characters; {MAKE_KEY}")
    letters = re.sub(r"[^a-z]", "", value.lower())
    if any(word in letters for word in _PLACEHOLDERS):
        raise ValueError(f"it is a placeholder that anybody would try; {MAKE_KEY}")
    return value


def watcher(value: str) -> str:
    """A web address; it may contain a user and a password."""
    if not value.isascii():
        raise ValueError("it must be ASCII: write a host as xn--… and other letters as %…")
    if any(sign.isspace() for sign in value):
        raise ValueError("it must hold no blank or line end")
    parts = _split(value, "https", "http")
    if not _OF_AN_ADDRESS.fullmatch(value):
        raise ValueError("it holds a sign that no address may hold: write it as %…")
    if parts.query or parts.fragment:
        raise ValueError("it must end before any ? or #")
    if "//" in parts.path.rstrip("/"):
        raise ValueError("it holds two slashes where one belongs, which not everybody reads alike")
    return value.rstrip("/")


def web(value: str) -> str:
    """A web address without secrets, because others see it."""
    address = watcher(value)
    if "@" in urlsplit(address).netloc:
        raise ValueError("it must hold no user or password: this address is told to others")
    return address


def api(value: str) -> str:
    """The base URL of a REST interface, without its version."""
    if "/2010-04-01" in value:
        raise ValueError("leave out /2010-04-01, which is added to it")
    return web(value)


def outside(value: str) -> str:
    """An upload URL for personal data: HTTPS, unless it is on this host."""
    parts = _split(value, "https", "http")
    if parts.scheme != "https" and parts.hostname not in HERE:
        raise ValueError("it must be an address that begins with https://: telephones are in it")
    if parts.fragment:
        raise ValueError("it must be a whole address, without #")
    return value


def mail(value: str) -> str:
    """A mail server, with user and password if it needs them."""
    parts = _split(value, "smtp", "smtps")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"it must end after the host and port; {ESCAPED}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isascii():
        raise ValueError("its user and password must be ASCII: a login over SMTP takes no others")
    if password and not user:
        raise ValueError("it has a password and no user")
    return value.rstrip("/")


def mailbox(value: str) -> str:
    """A mailbox on an IMAP server; its path is the folder that is read, INBOX if it has none."""
    parts = _split(value, "imaps", "imap")
    if parts.query or parts.fragment:
        raise ValueError(f"it must end after the folder; {ESCAPED}")
    if not parts.username or not parts.password:
        raise ValueError("it must hold the user and password of the mailbox")
    return value


def server_name(value: str) -> str:
    """The name by which a mail server signs its reports, as its Authentication-Results show it."""
    name = value.strip().rstrip(";")
    if not re.fullmatch(r"[\w.-]+", name, re.ASCII):
        raise ValueError("it must be one name, such as mx.example.org")
    return name.lower()


def sender(value: str) -> str:
    """The sender of mail: an address, or a name and an address in angle brackets."""
    from email.message import EmailMessage  # only a line that sends mail needs it
    from email.utils import parseaddr

    try:
        EmailMessage()["From"] = value
    except ValueError:
        address = ""
    else:
        address = parseaddr(value)[1]
    if not (address.isascii() and _MAILBOX.fullmatch(address)):
        raise ValueError(
            "it must be an e-mail address in ASCII, such as line@example.org or "
            "Priority Line <line@example.org>"
        )
    return value


def pairs(value: str) -> list[tuple[str, str]]:
    """The pairs of a mapping such as `Line Admins=admin; On Call=engineer`.

    The text before the last = may contain =, as a DN does.
    """
    found = []
    for pair in filter(str.strip, value.split(";")):
        word, _, meaning = pair.rpartition("=")
        found.append((word.strip(), meaning.strip()))
    return found


def roles(value: str) -> str:
    """A mapping from groups of the identity provider to roles."""
    for word, role in pairs(value):
        if not word or role not in ROLES:
            raise ValueError(
                "it must be pairs such as Line Admins=admin; On Call=engineer, each with one of "
                f"the roles {', '.join(ROLES)}"
            )
    return value


def redis(value: str) -> str:
    """The address of a Redis server."""
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("it must begin with redis://, rediss:// or unix://")
    if value.startswith("unix://"):
        if not urlsplit(value).path:
            raise ValueError("it must name the socket, as in unix:///run/redis.sock")
    else:
        number = _split(value, "redis", "rediss").path.strip("/")
        if number and not (number.isascii() and number.isdigit()):
            raise ValueError(f"what follows the host must be the number of a database; {ESCAPED}")
    if "?" in value:
        _check_redis_options(value)
    return value


def _check_redis_options(value: str) -> None:
    from redis import ConnectionPool  # importing it takes as long as a short command

    try:
        ConnectionPool.from_url(value).make_connection()  # this opens no connection
    except (TypeError, ValueError):
        raise ValueError("it has an option behind ? that Redis clients do not know") from None


def database(value: str) -> str:
    """The address of an SQLite file or a PostgreSQL database, in SQLAlchemy's form."""
    if value != value.strip() or not value.isprintable():
        raise ValueError("it must hold no blanks or line ends around it, and no control characters")
    value = value.replace("postgres://", "postgresql://", 1)
    try:
        found = make_url(value)
    except ArgumentError:
        raise ValueError(f"it is not a database address; {ESCAPED}") from None
    except ValueError:
        raise ValueError(f"its port must be a number from 1 to 65535; {ESCAPED}") from None
    if found.port is not None and not 0 < found.port < 65536:
        raise ValueError("its port must be a number from 1 to 65535")
    if found.drivername == "sqlite" and found.database not in (None, "", ":memory:"):
        _check_sqlite_options(found)
        return value
    if found.drivername in ("postgresql", "postgresql+psycopg"):
        url = found.set(drivername="postgresql+psycopg")
        _check_postgresql_options(url)
        return url.render_as_string(hide_password=False)
    raise ValueError("it must be sqlite:///a/file or postgresql://…")


def _check_sqlite_options(url: URL) -> None:
    try:
        options = url.get_dialect()().create_connect_args(url)[1]
    except (ValueError, TypeError, SQLAlchemyError):
        options = {"?": None}
    if not options.keys() <= _SQLITE_TAKES:
        raise ValueError("it has an option behind ? that SQLite does not know")


def _check_postgresql_options(url: URL) -> None:
    import psycopg  # SQLite does not need it
    from psycopg.conninfo import make_conninfo

    try:
        make_conninfo(**url.get_dialect()().create_connect_args(url)[1])
    except (psycopg.Error, ValueError, TypeError, SQLAlchemyError):
        raise ValueError("it has an option behind ? that PostgreSQL does not know") from None


class SettingsError(Exception):
    """A setting is wrong or missing; the message says which and why, and contains no secret."""


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of this process. Raises SettingsError."""
    given = {name: given_as(environment, name.upper()) for name in Settings.model_fields}
    try:
        return Settings.model_validate({name: value for name, value in given.items() if value})
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def is_set(name: str, environment: Mapping[str, str] = os.environ) -> bool:
    """True if a variable, or the file that NAME_FILE names, has a value."""
    try:
        return bool(given_as(environment, name))
    except SettingsError:
        return False


def given_as(environment: Mapping[str, str], name: str) -> str | None:
    """The value of a variable, or of the file that NAME_FILE names. Raises SettingsError."""
    path = environment.get(f"{name}_FILE")
    if not path:
        return environment.get(name)
    try:
        return Path(path).read_text().rstrip("\r\n")
    except OSError as error:  # the path is left out: it may be the secret itself
        why = error.strerror
    except ValueError:
        why = "it is not text in UTF-8"
    raise SettingsError(f"{name}_FILE names a file that cannot be read: {why}.")


_Web = Annotated[str, AfterValidator(web)]


class Settings(BaseModel):
    """The settings of one process."""

    model_config = ConfigDict(frozen=True)

    database_url: Annotated[str, AfterValidator(database)] = "sqlite:///var/line.db"
    redis_url: Annotated[str, AfterValidator(redis)] = "redis://127.0.0.1:6379/0"
    twilio_account_sid: str = Field(description="it names our account at the carrier")
    twilio_auth_token: str = Field(description="without it anybody could pose as the carrier")
    twilio_auth_token_previous: str | None = None
    twilio_shared_key: str | None = None
    twilio_shared_key_previous: str | None = None
    twilio_api_key: str | None = None
    twilio_api_secret: str | None = None
    twilio_api_url: Annotated[str, AfterValidator(api)] = "https://api.twilio.com"
    twilio_pci_mode: Literal["off", "on"] = "off"
    public_url: _Web = Field(description="the carrier reaches us there and signs that address")
    secret_key: Annotated[str, AfterValidator(secret)] = Field(
        description="it signs cookies and links and is keyed into PINs"
    )
    pin_pepper: str = ""
    mail_url: Annotated[str, AfterValidator(mail)] | None = None
    mail_from: Annotated[str, AfterValidator(sender)] | None = None
    mailbox_url: Annotated[str, AfterValidator(mailbox)] | None = None
    mailbox_trusts: Annotated[str, AfterValidator(server_name)] | None = None
    mail_form_key: Annotated[str, AfterValidator(secret)] | None = None
    mail_form_trusts: Annotated[str, AfterValidator(server_name)] | None = None
    fallback_file: Path = Path("var/fallback.json")
    fallback_put_url: Annotated[str, AfterValidator(outside)] | None = None
    fallback_url: _Web | None = None
    media_dir: Path = Path("var/media")
    alive_file: Path | None = None
    prompts_dir: Path | None = None
    speech_engine: Literal["vosk", "faster-whisper", "pocketsphinx"] | None = None
    speech_models: Path | None = None
    heartbeat_url: Annotated[str, AfterValidator(watcher)] | None = None
    console_idle_hours: Annotated[int, Field(ge=1, le=168)] = 12
    console_days: Annotated[int, Field(ge=1, le=90)] = 7
    oidc_issuer: _Web | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None
    oidc_role_claim: str = "roles"
    oidc_roles: Annotated[str, AfterValidator(roles)] | None = None
    console_proxies: Annotated[int, Field(ge=0, le=9)] = 0
    largest_file_mb: Annotated[int, Field(ge=1, le=2048)] = 100
    files_of_contract_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    port: Annotated[int, Field(ge=1, le=65535)] = 5000

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


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{reason}."
    field = str(first["loc"][0])
    if first["type"] == "missing":
        return f"{field.upper()} is missing: {Settings.model_fields[field].description}."
    return f"{field.upper()} is wrong: {reason[0].lower()}{reason[1:]}."
