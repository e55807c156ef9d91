"""The release process: brings the database to this version, as soon as there is one."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import OperationalError

from store.schema import migrate
from workers.life import asked_to_end, begin

_log = structlog.get_logger("release")


def main() -> None:
    """Migrate; while the database is away, wait for it."""
    context, end = begin(), asked_to_end()
    while not end.is_set():
        try:
            migrate(context.board.engine)
        except OperationalError as error:
            _log.warning("database away", error=type(error.orig).__name__)
            end.wait(1)
        else:
            return


if __name__ == "__main__":
    main()
