"""What a contract may call about again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, bindparam, select, text

from routing.incident import Incident, State
from store.engine import reading
from store.tables import incidents
from store.tables.log import UNCLOSED

OF_CONTRACT = (
    select(incidents.c.value)
    .where(
        incidents.c.line == bindparam("line"),
        incidents.c.contract == bindparam("contract"),
        text(UNCLOSED),  # word for word as in the index, or SQLite would not see that it serves
    )
    .order_by(
        incidents.c.state == State.RESPONDED,
        incidents.c.opened_at.desc(),
        incidents.c.number.desc(),
    )
    .limit(bindparam("most"))
)


class SqlUnclosed:
    """The incidents of each contract that are not closed."""

    _engine: Engine

    def unclosed(self, line: str, contract: str, most: int) -> Sequence[Incident]:
        """At most so many of a contract, those responded to last, newest first."""
        given = {"line": line, "contract": contract, "most": most}
        with reading(self._engine) as connection:
            return connection.scalars(OF_CONTRACT, given).all()
