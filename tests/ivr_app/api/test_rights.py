"""Every address of the API × every token: who may only look changes nothing, and who has no token
learns nothing."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from werkzeug.test import Client

from ivr_app.api.app import SECTIONS
from ivr_app.api.openapi import Operation, Transfer
from store.people.api_tokens import TokenRight
from tests.ivr_app.api.conftest import Program

OPERATIONS = [one for section in SECTIONS for one in section.operations]
NEW = {
    ("GET", "/incidents/<int:number>/messages", TokenRight.READ),
    ("POST", "/incidents/<int:number>/messages", TokenRight.CHANGE),
    ("GET", "/incidents/<int:number>/files", TokenRight.READ),
    ("POST", "/incidents/<int:number>/merge", TokenRight.CHANGE),
    ("POST", "/files", TokenRight.CHANGE),
    ("GET", "/files/<file_id>", TokenRight.READ),
}


def name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def ask(program: Program, operation: Operation) -> int:
    path = re.sub(r"<(?:int:)?\w+>", "1", operation.path)
    how = {"json": {}}
    if operation.transfer is Transfer.FILE_IN:
        how = {"data": b"x"}
    return program.ask(operation.method, path, **how).status_code


@pytest.mark.parametrize("operation", OPERATIONS, ids=name)
def test_an_address_is_open_to_its_tokens_alone(
    client: Client,
    reader: Program,
    changer: Program,
    configurer: Program,
    operation: Operation,
) -> None:
    for stranger in ("", "line_made_up"):
        assert ask(Program(client, stranger), operation) == HTTPStatus.UNAUTHORIZED
    looked = ask(reader, operation)
    assert (looked == HTTPStatus.FORBIDDEN) == (operation.right is not TokenRight.READ)
    changed = ask(changer, operation)
    assert (changed == HTTPStatus.FORBIDDEN) == (operation.right is TokenRight.CONFIGURE)
    allowed = ask(configurer, operation)
    assert allowed not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def test_a_ticket_system_does_not_say_whom_a_call_reaches() -> None:
    """Its token is at another company, and may be stolen there."""
    (found,) = (one for one in OPERATIONS if one.right is TokenRight.CONFIGURE)
    assert (found.method, found.path) == ("PUT", "/lines/<line_id>")


def test_messages_and_files_are_read_and_written_by_right() -> None:
    declared = {(one.method, one.path, one.right) for one in OPERATIONS}
    assert declared >= NEW
