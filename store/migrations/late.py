"""Triggers that note what changes in a day that is added up: they hold for whoever writes, be it
older code, a person who is forgotten, or somebody with the database's own program."""

from __future__ import annotations

from alembic import op

ROWS = {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}


def note_late(table: str, begun: str) -> None:
    """Have the changes of a table noted; ``begun`` is the column that says of which day they are.

    On PostgreSQL this needs the table for a moment, as a new column does.
    """
    if op.get_bind().dialect.name != "postgresql":
        for event, rows in ROWS.items():
            words = " UNION ".join(_late(row, begun) for row in rows)
            noted = f"BEGIN INSERT INTO late (line, at) {words}; END"
            op.execute(f"CREATE TRIGGER {table}_{event}_late AFTER {event} ON {table} {noted}")
        return
    noted = " ".join(
        f"IF TG_OP = '{event.upper()}' THEN INSERT INTO late (line, at) "
        f"{' UNION '.join(_late(row, begun) for row in rows)}; END IF;"
        for event, rows in ROWS.items()
    )
    op.execute(
        f"CREATE FUNCTION {table}_late() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {noted} RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_late AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_late()"
    )


def note_no_more(table: str) -> None:
    """Take the triggers away again."""
    if op.get_bind().dialect.name != "postgresql":
        for event in ROWS:
            op.execute(f"DROP TRIGGER {table}_{event}_late")
        return
    op.execute(f"DROP TRIGGER {table}_late ON {table}")
    op.execute(f"DROP FUNCTION {table}_late()")


def _late(row: str, begun: str) -> str:
    """The row, if its day is among those that are added up, or will be soon."""
    its = f"line = {row}.line AND until > {row}.{begun} AND since <= {row}.{begun}"
    laid = f"SELECT 1 FROM sums WHERE {its}"  # noqa: S608
    return f"SELECT {row}.line, {row}.{begun} WHERE EXISTS ({laid})"
