"""PostgreSQL: a server elsewhere, which may be gone, slow, or a standby."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext

from store.hurry import POOL_TIMEOUT
from store.pooled import Pooler
from store.vanished import noticed

READ_ONLY = "25006"
"""What a standby says, or a server that was told to write nothing."""


_POOLERS: WeakKeyDictionary[Engine, Pooler] = WeakKeyDictionary()


class PooledError(Exception):
    """What needs a session of its own cannot be done through a pool; the message is a sentence."""


def open_postgresql(address: URL) -> Engine:
    """An engine for the server of this address; leaves it when it has become a standby."""
    pooler = Pooler(own_options="options" in address.query)
    engine = create_engine(
        address,
        pool_pre_ping=True,
        pool_timeout=POOL_TIMEOUT,
        hide_parameters=True,
        connect_args=noticed(address),
        isolation_level="READ COMMITTED",  # whatever the role or the database says
    )
    _POOLERS[engine] = pooler

    @event.listens_for(engine, "do_connect")
    def in_time(_dialect: Any, _record: Any, given: Any, named: Any) -> Any:
        return pooler.connect(given, named)

    @event.listens_for(engine, "handle_error")
    def leave_the_standby(context: ExceptionContext) -> None:
        # After a fail-over our connections may still lead to what is a standby now.
        if sqlstate(context.original_exception) == READ_ONLY:
            context.is_disconnect = True

    return engine


def needs_own_session(engine: Engine, what: str) -> None:
    """Raises PooledError where PgBouncer stands between us and the server."""
    engine.connect().close()
    if _POOLERS[engine].pooled:
        raise PooledError(
            f"{what} needs a session of its own, and PgBouncer hands out none: run it with a "
            "DATABASE_URL that names PostgreSQL itself."
        )


def sqlstate(error: BaseException | None) -> str | None:
    """PostgreSQL's own code of an error, if it came from there."""
    return getattr(error, "sqlstate", None)
