"""The clock process: looks every 50 ms for what is due. Any number may run; none of them leads."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import SQLAlchemyError

from workers.hands import Hands
from workers.life import asked_to_end, beating, begin
from workers.sweep import sweep
from workers.upkeep import keep_up

TICK = 0.05
_REST = 0.5

_log = structlog.get_logger("clock")


def main() -> None:
    """Tick until asked to end."""
    context, end = begin(), asked_to_end()
    keep_up(context, end)
    with Hands(context) as hands, beating("clock", context):
        while not end.wait(TICK):
            try:
                sweep(context, hands)
            except SQLAlchemyError as error:
                _log.warning("database away", error=type(error).__name__)
                end.wait(_REST)


if __name__ == "__main__":
    main()
