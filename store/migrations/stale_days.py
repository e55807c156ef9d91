"""Triggers that mark days whose rollup is stale. They hold for every writer: older code, an
erasure, or a person with the database's own program."""

from __future__ import annotations

from alembic import op

ROWS = {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}


def create_stale_day_triggers(table: str, begun: str, counted: str) -> None:
    """Create the triggers of a table; ``begun`` is the column that names the day of a row, and
    ``counted`` names the columns that the figures depend on.

    On PostgreSQL this locks the table for a moment, as a new column does.
    """
    changed = f"UPDATE OF {counted}"
    if op.get_bind().dialect.name != "postgresql":
        for event, rows in ROWS.items():
            when = changed if event == "update" else event
            marks = f"BEGIN {_insert(rows, begun)}; END"
            op.execute(f"CREATE TRIGGER {table}_{event}_stale AFTER {when} ON {table} {marks}")
        return
    marks = " ".join(
        f"IF TG_OP = '{event.upper()}' THEN {_insert(rows, begun)}; END IF;"
        for event, rows in ROWS.items()
    )
    op.execute(
        f"CREATE FUNCTION {table}_stale() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {marks} RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_stale AFTER INSERT OR {changed} OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_stale()"
    )


def drop_stale_day_triggers(table: str) -> None:
    """Drop the triggers of a table."""
    if op.get_bind().dialect.name != "postgresql":
        for event in ROWS:
            op.execute(f"DROP TRIGGER {table}_{event}_stale")
        return
    op.execute(f"DROP TRIGGER {table}_stale ON {table}")
    op.execute(f"DROP FUNCTION {table}_stale()")


def _insert(rows: list[str], begun: str) -> str:
    marks = " UNION ".join(_select(row, begun) for row in rows)
    return f"INSERT INTO stale_days (line, at) {marks}"


def _select(row: str, begun: str) -> str:
    """Select the row when its day has a rollup, or is about to have one."""
    its = f"line = {row}.line AND until > {row}.{begun} AND since <= {row}.{begun}"
    planned = f"SELECT 1 FROM daily_rollups WHERE {its}"  # noqa: S608
    return f"SELECT {row}.line, {row}.{begun} WHERE EXISTS ({planned})"
