"""A draft changes exactly the fields that its values have, so mypy refuses a misspelt one."""

from dataclasses import fields
from typing import get_type_hints

import pytest

from routing.call import Call, CallChanges
from routing.incident import EscalationChanges, EscalationState, Incident, IncidentChanges
from routing.page import Page, PageChanges


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (Call, CallChanges),
        (EscalationState, EscalationChanges),
        (Incident, IncidentChanges),
        (Page, PageChanges),
    ],
)
def test_the_changes_have_the_fields_and_types_of_the_value(value, changes):
    hints = get_type_hints(value)
    assert get_type_hints(changes) == {field.name: hints[field.name] for field in fields(value)}
    assert changes.__optional_keys__ == {field.name for field in fields(value)}
