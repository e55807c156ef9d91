"""A number that no database keeps is no reason for a 500, wherever a program may put one."""

import re

import pytest

from ivr_app.api.app import SECTIONS

HUGE = ("9" * 20, "9" * 5000, "-" + "9" * 20, "1e400")
OPERATIONS = [operation for room in SECTIONS for operation in room.operations]


@pytest.mark.parametrize("huge", HUGE, ids=["20 digits", "endless", "below", "beyond"])
def test_no_operation_stumbles_over_a_number(changer, reader, huge):
    stumbled = []
    for operation in OPERATIONS:
        path = re.sub(r"<[^>]+>", huge, operation.path)
        known = re.sub(r"<[^>]+>", "1001", operation.path)
        fields = (operation.models.body or operation.models.query).model_fields
        if operation.method == "GET":
            answers = [reader.get(path), *(reader.get(known, **{one: huge}) for one in fields)]
        else:
            raw = [f'{{"{one}": {huge}}}' for one in fields] + [
                f'{{"{one}": "{huge}"}}' for one in fields
            ]
            answers = [changer.ask(operation.method, path, json={})]
            answers += [
                changer.ask(operation.method, known, data=one, content_type="application/json")
                for one in raw
            ]
        stumbled += [(known, one.text[:80]) for one in answers if one.status_code >= 500]
    assert stumbled == []
