"""Every stored value comes back from its JSON as it was; a command is named by its class."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from routing.jobs import Command
from store.db.sql_types import JsonValue
from store.tables import all_tables

COMMANDS = get_args(Command)
A_MONTH = dt.timedelta(days=30)
MOMENTS = st.datetimes(min_value=dt.datetime(2020, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001


# What the line stores: aware moments, lengths of time, finite numbers, and plain dicts.
st.register_type_strategy(dt.datetime, MOMENTS)
st.register_type_strategy(dt.timedelta, st.timedeltas(dt.timedelta(0), A_MONTH))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(
    Mapping, lambda kind: st.dictionaries(*map(st.from_type, get_args(kind) or (str, str)))
)


def json_columns() -> dict[str, JsonValue]:
    """The columns that keep a value as JSON, by table and name."""
    columns = (column for table in all_tables().sorted_tables for column in table.columns)
    return {str(c): c.type for c in columns if isinstance(c.type, JsonValue)}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_kind_of_a_command_is_the_name_of_its_class(command):
    words = re.findall(r"[A-Z][a-z]*", command.__name__)
    assert command.__dataclass_fields__["kind"].default == "_".join(words).lower()


@pytest.mark.parametrize("command", COMMANDS)
@given(data=st.data())
def test_a_command_comes_back_as_it_was(command, data):
    with_times = st.builds(command, **_times(command))
    value = data.draw(with_times)
    column = json_columns()["jobs.command"]
    text = column.process_bind_param(value, sqlite.dialect())
    assert column.process_result_value(text, sqlite.dialect()) == value


@pytest.mark.parametrize("name", [name for name in json_columns() if name != "jobs.command"])
def test_each_stored_value_comes_back_as_it_was(name):
    column = json_columns()[name]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_type(column.kind))
    def check(value):
        text = column.process_bind_param(value, sqlite.dialect())
        assert column.process_result_value(text, sqlite.dialect()) == value

    check()


def _times(command: type) -> dict[str, st.SearchStrategy[dt.datetime]]:
    """Moments of a command are aware; hypothesis would draw naive ones."""
    return {
        name: MOMENTS
        for name, annotation in command.__annotations__.items()
        if annotation in (dt.datetime, "dt.datetime")
    }
