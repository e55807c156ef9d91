"""Triggers that mark days whose rollup is stale. They hold for every writer: older code, an
erasure, or a person with the database's own program."""

from __future__ import annotations

from alembic import op

ROWS = {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}


def note_late(table: str, begun: str) -> None:
    """Create the triggers of a table; ``begun`` is the column that names the day of a row.

    On PostgreSQL this locks the table for a moment, as a new column does.
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
    """Drop the triggers."""
    if op.get_bind().dialect.name != "postgresql":
        for event in ROWS:
            op.execute(f"DROP TRIGGER {table}_{event}_late")
        return
    op.execute(f"DROP TRIGGER {table}_late ON {table}")
    op.execute(f"DROP FUNCTION {table}_late()")


def _late(row: str, begun: str) -> str:
    """Select the row when its day has a rollup, or is about to have one."""
    its = f"line = {row}.line AND until > {row}.{begun} AND since <= {row}.{begun}"
    laid = f"SELECT 1 FROM sums WHERE {its}"  # noqa: S608
    return f"SELECT {row}.line, {row}.{begun} WHERE EXISTS ({laid})"
