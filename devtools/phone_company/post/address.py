"""A webhook address and the delivery settings in its fragment."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

LIMIT = 15.0  # no request that belongs to a call may take longer, retries included


@dataclass(frozen=True)
class Address:
    """An address without fragment and credentials, and how to deliver to it."""

    url: str
    login: tuple[str, str] | None = None
    connect: float = 5.0
    read: float = LIMIT
    total: float = LIMIT
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})


def read_address(raw: str) -> Address:
    """Take an address apart; settings that make no sense keep their default."""
    parts = urlsplit(raw)
    given = {key: values[-1] for key, values in parse_qs(parts.fragment).items()}
    login = (parts.username or "", parts.password or "") if parts.username else None
    host = parts.netloc.rpartition("@")[2]
    return Address(
        url=urlunsplit((parts.scheme, host, parts.path, parts.query, "")),
        login=login,
        connect=_milliseconds(given.get("ct"), 5.0, 10.0),
        read=_milliseconds(given.get("rt"), LIMIT, LIMIT),
        total=_milliseconds(given.get("tt"), LIMIT, LIMIT),
        retries=min(5, int(given["rc"])) if given.get("rc", "").isdigit() else 1,
        retry_on=frozenset(given.get("rp", "ct").split(",")),
    )


def with_query(url: str, params: dict[str, str]) -> str:
    """Add parameters to the query of an address."""
    if not params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"


def _milliseconds(given: str | None, default: float, most: float) -> float:
    if given is None or not given.isdigit():
        return default
    return min(most, max(0.1, int(given) / 1000))
