"""Every command of the queue comes back from its JSON as it was, and is named by its class."""

from __future__ import annotations

import datetime as dt
import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from routing.call import Call
from routing.incident import Incident
from routing.jobs import Command
from routing.line import Handover
from routing.message import IncidentNote, Message
from routing.page import Page
from routing.recording import Recording
from store.db.sql_types import JsonValue
from store.tables import all_tables

COMMANDS = get_args(Command)
MOMENTS = st.datetimes(min_value=dt.datetime(2020, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001


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


@pytest.mark.parametrize(
    ("column", "kind"),
    {
        "calls.value": Call,
        "incidents.value": Incident,
        "pages.value": Page,
        "recordings.value": Recording,
        "messages.value": Message,
        "notes.value": IncidentNote,
        "handovers.value": Handover,
    }.items(),
)
def test_each_value_has_its_column(column, kind):
    assert json_columns()[column].kind is kind


def _times(command: type) -> dict[str, st.SearchStrategy[dt.datetime]]:
    """Moments of a command are aware; hypothesis would draw naive ones."""
    return {
        name: MOMENTS
        for name, annotation in command.__annotations__.items()
        if annotation in (dt.datetime, "dt.datetime")
    }
