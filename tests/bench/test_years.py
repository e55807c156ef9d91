"""The years of the benchmark are filled once, and found again whole."""

from sqlalchemy import func, select

from devtools.bench import cast
from devtools.bench.site import prepared
from store.db.engine import open_engine, reading
from store.tables.log import calls, incidents
from store.tables.people import contracts


def test_what_was_filled_once_is_found_again_whole(tmp_path):
    database = f"sqlite:///{tmp_path}/years.db"
    for _ in range(2):
        prepared("years", (40, 400), cast.paper(), DATABASE_URL=database)
        engine = open_engine(database)
        with reading(engine) as connection:
            counted = [
                connection.scalar(select(func.count()).select_from(table))
                for table in (contracts, calls, incidents)
            ]
        engine.dispose()
        assert counted == [40, 400, 20]
