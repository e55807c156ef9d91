"""The release process: migrates the database to this version."""

from __future__ import annotations

import sys

from sqlalchemy.exc import DBAPIError

from service.logging import Outage
from store.db.engine import PooledError, describe_error, is_unavailable
from store.db.schema import SchemaError, migrate
from workers.process import catch_stop_signals, start_process


def main() -> None:
    """Migrate; wait while the database is down."""
    context, end, database = start_process(), catch_stop_signals(), Outage("database away")
    while not end.is_set():
        try:
            migrate(context.services.engine)
        except (PooledError, SchemaError) as error:
            sys.exit(str(error))
        except DBAPIError as error:
            if not is_unavailable(error):
                raise
            database.record_failure(describe_error(error))
            end.wait(1)
        else:
            return


if __name__ == "__main__":
    main()
