"""Checks of single settings.

The message of a ValueError is a sentence for the operator. It never repeats the value, because most
values are secrets, or contain one.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

CARRIERS = ("twilio", "signalwire", "telnyx")
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


def company(value: str) -> str:
    """The telephone company, by its name in small letters."""
    if value not in CARRIERS:
        raise ValueError(
            f"it must be one of {', '.join(CARRIERS)}: the line speaks TwiML, so it works with no "
            "company that takes JSON, such as jambonz or Vonage, or XML of its own, such as Plivo"
        )
    return value


def outside(value: str) -> str:
    """An upload URL for personal data: HTTPS, unless it is on this host."""
    parts = _split(value, "https", "http")
    if parts.scheme != "https" and parts.hostname not in HERE:
        raise ValueError("it must be an address that begins with https://: telephones are in it")
    if parts.fragment:
        raise ValueError("it must be a whole address, without #")
    return value


def report_address(value: str) -> str:
    """The DSN of a project to which errors are reported."""
    parts = _split(value, "https", "http")
    if not parts.username or not parts.path.rpartition("/")[2].isdigit():
        raise ValueError("it must be like https://KEY@host/NUMBER, as the project shows it")
    if parts.password or parts.query or parts.fragment:
        raise ValueError("it must hold a key without a password, and end after the number")
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
    try:
        import psycopg  # SQLite does not need it
        from psycopg.conninfo import make_conninfo
    except ImportError:
        raise ValueError(
            "it needs the package psycopg: run pip install 'priority-line[postgresql]'"
        ) from None
    try:
        make_conninfo(**url.get_dialect()().create_connect_args(url)[1])
    except (psycopg.Error, ValueError, TypeError, SQLAlchemyError):
        raise ValueError("it has an option behind ? that PostgreSQL does not know") from None
