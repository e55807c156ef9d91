"""Only a program with a token comes in, and each may only what its token says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from ivr_app.api.auth import WRONG_TOKEN_LIMIT
from service.bootstrap import Services
from store.db.engine import reading
from store.people.accounts import NameTakenError
from store.people.api_tokens import NOTED, PREFIX, TokenRight, Tokens
from store.people.audit import AuditEntry, AuditLog
from store.tables.work import api_tokens
from tests.conftest import Clock
from tests.ivr_app.api.conftest import Program, let_in


def test_without_a_token_nothing_is_told(client: Client) -> None:
    answer = client.get("/api/v1/lines")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json is not None
    assert answer.json["title"] == "Unauthorized"


@pytest.mark.parametrize("given", ["Bearer wrong", "Bearer ", "Basic YTpi", "Bearer line_\xff", ""])
def test_what_is_no_token_of_ours_opens_nothing(client: Client, given: str) -> None:
    assert client.get("/api/v1/lines", headers={"Authorization": given}).status_code == 401


def test_a_token_in_the_address_is_no_token(client: Client, reader: Program) -> None:
    assert client.get(f"/api/v1/lines?token={reader.token}").status_code == 401


def test_a_token_that_ended_opens_nothing(board: Services, reader: Program) -> None:
    kept = Tokens(board.engine)
    deed = AuditEntry(board.call_service.clock(), "root", "cli", "tokens.end")
    assert not kept.end("nobody", deed)
    assert kept.end("board on the wall", deed)
    assert not kept.end("board on the wall", deed)
    assert reader.get("/lines").status_code == 401
    assert kept.all()[0].revoked_at == deed.at
    let_in(board, "board on the wall", TokenRight.READ)


def test_two_programs_have_two_names(board: Services, reader: Program) -> None:
    with pytest.raises(NameTakenError):
        let_in(board, "board on the wall", TokenRight.CHANGE)


def test_only_a_hash_of_a_token_is_kept(board: Services, reader: Program) -> None:
    assert reader.token.startswith(PREFIX)
    with reading(board.engine) as connection:
        (row,) = connection.execute(select(api_tokens)).all()
    assert reader.token not in str(row)
    assert reader.token.removeprefix(PREFIX) not in str(row)


def test_it_is_known_when_a_token_was_last_used(
    board: Services, reader: Program, clock: Clock
) -> None:
    (before,) = Tokens(board.engine).all()
    first = clock()
    reader.get("/lines")
    clock.tick(NOTED.total_seconds() - 1)
    reader.get("/lines")
    assert Tokens(board.engine).all() == [replace(before, last_used_at=first)]
    clock.tick(1)
    reader.get("/lines")
    assert Tokens(board.engine).all() == [replace(before, last_used_at=clock())]


def test_who_tries_wrong_tokens_is_kept_waiting_and_nobody_else(
    client: Client, reader: Program
) -> None:
    wrong = {"Authorization": "Bearer wrong"}
    answers = [
        client.get("/api/v1/lines", headers=wrong) for _ in range(WRONG_TOKEN_LIMIT.amount + 1)
    ]
    assert {answer.status_code for answer in answers[:-1]} == {401}
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert reader.get("/lines").status_code == 200


def test_who_let_a_program_in_stands_in_the_audit_log(board: Services, changer: Program) -> None:
    (row,) = AuditLog(board.engine).page()
    assert (row.entry.who, row.entry.action, row.entry.thing) == ("root", "tokens.add", "tickets")
    assert row.entry.after == {"may": "change"}
