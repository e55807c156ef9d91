"""Every migration leaves the tables so that the code of the release before it goes on working."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from store.db import schema
from store.db.engine import open_engine, reading, writing
from store.db.schema import SchemaError, is_migrated, migrate
from tests.store.conftest import REVISION as NEXT
from tests.store.conftest import SOURCE

FIRST_RELEASE = "0001_initial"
"""No code is older than this, so nothing before it can be in use."""

SCRIPTS = ScriptDirectory.from_config(schema._config())
LATER = list(SCRIPTS.iterate_revisions("head", FIRST_RELEASE))[::-1]
HEAD = SCRIPTS.get_current_head()
VALUES: dict[type, Any] = {
    sa.Boolean: False,
    sa.DateTime: dt.datetime(2026, 3, 2, 10, 0),  # noqa: DTZ001  as the database has it
    sa.Date: dt.date(2026, 3, 2),
    sa.LargeBinary: b"x",
    sa.Integer: 1,
    sa.String: "x",
}


def test_the_names_of_the_files_are_the_revisions_in_their_order() -> None:
    newest_first = [script.revision for script in SCRIPTS.walk_revisions()]
    (folder,) = schema._FOLDERS
    assert newest_first[::-1] == sorted(file.stem for file in folder.glob("*.py"))


def upgrade(engine: Engine, revision: str) -> None:
    with writing(engine) as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def tables(engine: Engine) -> sa.MetaData:
    """What the database has, as code that was written for it knows it."""
    found = sa.MetaData()
    with reading(engine) as connection:
        found.reflect(connection)
    return found


@pytest.fixture(params=[*((one.down_revision, one.revision) for one in LATER), (HEAD, NEXT)])
def step(request, tmp_path: Path, next_release: str) -> Iterator[tuple[sa.MetaData, Engine]]:
    """The tables before a migration, and the database after it."""
    earlier, later = request.param
    engine = open_engine(f"sqlite:///{tmp_path}/line.db")
    upgrade(engine, earlier)
    before = tables(engine)
    upgrade(engine, later)
    yield before, engine
    engine.dispose()


def test_nothing_that_was_there_is_gone_or_another(step) -> None:
    before, engine = step
    now = {(t.name, c.name): c for t in tables(engine).tables.values() for c in t.columns}
    for table in before.tables.values():
        for column in table.columns:
            after = now[table.name, column.name]
            assert str(after.type) == str(column.type)
            assert after.nullable or not column.nullable, f"{column} may no longer be empty"


def test_nothing_new_is_asked_of_old_tables(step) -> None:
    before, engine = step
    after = tables(engine)
    for table in before.tables.values():
        same = after.tables[table.name]
        for column in same.columns:
            known = column.name in table.columns
            assert known or column.nullable or column.server_default is not None, str(column)
        assert promises(same) == promises(table)


def promises(table: sa.Table) -> set[str]:
    """What a row of a table must hold beside its types."""
    rules = (sa.UniqueConstraint, sa.ForeignKeyConstraint, sa.CheckConstraint)
    kept = [c for c in table.constraints if isinstance(c, rules)]
    unique = [index for index in table.indexes if index.unique]
    columns = [(type(rule).__name__, sorted(c.name for c in rule.columns)) for rule in kept]
    return {
        str(each) for each in [*columns, *(("unique", sorted(i.columns.keys())) for i in unique)]
    }


def test_older_code_writes_and_reads_what_it_always_did(step) -> None:
    before, engine = step
    for table in before.sorted_tables:
        row = {column.name: value(column) for column in table.columns}
        with writing(engine) as connection:
            connection.execute(table.delete().where(*matching(table, row)))
            connection.execute(table.insert(), row)
            found = connection.execute(table.select().where(*matching(table, row))).one()
        assert found._asdict() == row


def matching(table: sa.Table, row: dict[str, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key.columns]


def value(column: sa.Column[Any]) -> Any:
    if column.name == "value" and isinstance(column.type, sa.Text):
        return "{}"  # kept values are JSON, and indexes look inside
    return next(value for kind, value in VALUES.items() if isinstance(column.type, kind))


def test_tables_in_use_get_their_indexes_online_and_no_rows_are_rewritten() -> None:
    for script in LATER:
        assert offences(Path(script.path).read_text()) == set(), script.revision


@pytest.mark.parametrize(
    ("line", "offence"),
    [
        ('op.create_index("ix_late", "incidents", ["late"])', "incidents"),
        ('op.execute("UPDATE incidents SET next = 1")', "execute"),
        ('op.create_table("own")', None),
    ],
)
def test_a_migration_that_would_hold_up_a_release_is_found(line: str, offence: str | None) -> None:
    assert offences(f"{SOURCE}    {line}\n") == ({offence} if offence else set())


def offences(source: str) -> set[str]:
    """Tables in use that get an index without add_index, and operations that rewrite rows."""
    called = [node for node in ast.walk(ast.parse(source)) if is_op(node)]
    made = {call.args[0].value for call in called if call.func.attr == "create_table"}
    indexed = {call.args[1].value for call in called if call.func.attr == "create_index"}
    rewriting = {"execute", "get_bind", "bulk_insert"} & {call.func.attr for call in called}
    return (indexed - made) | rewriting


def is_op(node: ast.AST) -> bool:
    upgrading = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return upgrading and isinstance(node.func.value, ast.Name) and node.func.value.id == "op"


def test_code_of_the_last_release_takes_a_later_database_for_its_own(engine: Engine) -> None:
    with engine.connect() as connection, connection.begin() as change:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
        change.commit()
    try:
        assert is_migrated(engine)
        migrate(engine)  # an older release that is started again changes nothing
        assert is_migrated(engine)
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": HEAD})


def test_two_processes_may_release_at_once(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/line.db")
    with ThreadPoolExecutor(2) as hosts:
        for done in [hosts.submit(migrate, engine) for _ in range(2)]:
            done.result()
    assert is_migrated(engine)
    engine.dispose()


def test_code_of_the_next_release_waits_for_its_tables(tmp_path: Path, next_release: str) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/line.db")
    upgrade(engine, FIRST_RELEASE)
    assert not is_migrated(engine)
    migrate(engine)
    assert is_migrated(engine)
    engine.dispose()


@pytest.mark.parametrize("revision", ["0001", "0015", "0032", "9999"])
def test_a_database_of_a_development_version_is_refused_in_a_sentence(
    engine: Engine, revision: str
) -> None:
    stamp = text("UPDATE alembic_version SET version_num = :v")
    with engine.begin() as connection:
        connection.execute(stamp, {"v": revision})
    try:
        assert not is_migrated(engine)
        with pytest.raises(SchemaError, match=rf"revision {revision}\) .* to an empty database"):
            migrate(engine)
    finally:
        with engine.begin() as connection:
            connection.execute(stamp, {"v": HEAD})
