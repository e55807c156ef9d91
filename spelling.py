"""How the values of the environment are spelt; what cannot be read so is a ValueError."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

HERE = ("localhost", "127.0.0.1", "::1")


def _address(value: str, *schemes: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.netloc:
        raise ValueError(f"it must be an address that begins with {' or '.join(schemes)}://")
    if parts.query or parts.fragment:
        raise ValueError("it must end before any ? or #")
    return value.rstrip("/")


def web(value: str) -> str:
    """An address of the web."""
    return _address(value, "https", "http")


def api(value: str) -> str:
    """The base of a REST interface, without its version."""
    if "/2010-04-01" in value:
        raise ValueError("leave out /2010-04-01, which is added to it")
    return web(value)


def mail(value: str) -> str:
    """A mail server."""
    return _address(value, "smtp", "smtps")


def redis(value: str) -> str:
    """A Redis."""
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("it must begin with redis://, rediss:// or unix://")
    return value


def database(value: str) -> str:
    """A database that the line can live in, as SQLAlchemy spells it."""
    value = value.replace("postgres://", "postgresql://", 1)
    try:
        found = make_url(value)
    except ArgumentError:
        raise ValueError("it is not a database address") from None
    if found.drivername == "sqlite" and found.database not in (None, "", ":memory:"):
        return value
    if found.drivername in ("postgresql", "postgresql+psycopg"):
        url = found.set(drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)
    raise ValueError("it must be sqlite:///a/file or postgresql://…")


def outside(value: str) -> str:
    """Where something that names people is put: encrypted on its way, unless it stays here."""
    parts = urlsplit(value)
    if parts.scheme != "https" and (parts.scheme, parts.hostname) not in {
        ("http", h) for h in HERE
    }:
        raise ValueError("it must be an address that begins with https://: telephones are in it")
    if not parts.netloc or parts.fragment:
        raise ValueError("it must be a whole address, without #")
    return value
