"""The release process: brings the database to this version, as soon as there is one."""

from __future__ import annotations

import sys

from sqlalchemy.exc import DBAPIError

from service.logging import Outage
from store.db.engine import PooledError, away, why
from store.db.schema import migrate
from workers.process import asked_to_end, begin


def main() -> None:
    """Migrate; while the database is away, wait for it."""
    context, end, database = begin(), asked_to_end(), Outage("database away")
    while not end.is_set():
        try:
            migrate(context.board.engine)
        except PooledError as error:
            sys.exit(str(error))
        except DBAPIError as error:
            if not away(error):
                raise
            database.goes_on(why(error))
            end.wait(1)
        else:
            return


if __name__ == "__main__":
    main()
