"""Either side of a connection to PostgreSQL may vanish without a word: both notice in seconds."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import URL

from store.pooled import MARK

_SERVER = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A server that vanished is noticed in about ten seconds, not in hours."""

_US = (
    "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2 "
    "-c tcp_user_timeout=4000"
)
"""When we vanish, the server lets go of the rows that we held in about four seconds; until then
nobody else can change them, and by itself it would wait for two hours."""


def noticed(address: URL) -> dict[str, Any]:
    """What a connection is made with; what the address itself asks of the server is kept."""
    given = address.normalized_query.get("options", ())
    return _SERVER | {"options": " ".join((*given, _US, f"-c {MARK}=on"))}
