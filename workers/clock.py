"""The clock process: looks every 50 ms for what is due. Any number may run; none of them leads."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from outage import Outage
from store.engine import why
from workers.courier import carry
from workers.hands import Hands
from workers.life import asked_to_end, beating, begin
from workers.readiness import ready
from workers.sweep import sweep
from workers.upkeep import keep_up

TICK = 0.05
_REST = 0.5


def main() -> None:
    """Tick until asked to end."""
    context, end, database = begin(), asked_to_end(), Outage("database away")
    keep_up(context, end)
    carry(context, end)
    with Hands(context) as hands, beating("clock", context):
        ready()
        while not end.wait(TICK):
            try:
                sweep(context, hands)
            except SQLAlchemyError as error:
                database.goes_on(why(error))
                end.wait(_REST)
            else:
                database.is_over()


if __name__ == "__main__":
    main()
