"""A program at the API of a real line: the application, its database, and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from service.bootstrap import Services, build_services
from settings import Settings
from store.people.api_tokens import TokenRight, Tokens
from store.people.audit import AuditEntry
from store.people.lines import apply_line
from store.work.redis_client import NoJobNotifier
from tests.conftest import Clock
from tests.store.cast import BAKERY, LINE
from tests.web_app import web_app


@pytest.fixture
def board(settings: Settings, clock: Clock) -> Iterator[Services]:
    """The line of the cast, with nothing in its log."""
    made = build_services(settings, NoJobNotifier(), clock)
    apply_line(made.engine, LINE, [BAKERY], clock())
    yield made
    made.engine.dispose()


class Program:
    """Asks the API as this token may."""

    def __init__(self, client: Client, token: str) -> None:
        self.client, self.token = client, token

    def get(self, path: str, **asked: Any) -> TestResponse:
        return self.ask("GET", path, query_string=asked or None)

    def post(self, path: str, said: Any = None, key: str | None = None) -> TestResponse:
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", path, json=said or {}, headers=headers)

    def ask(self, method: str, path: str, **how: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} | how.pop("headers", {})
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **how)


@pytest.fixture
def client(board: Services) -> Client:
    return web_app(board).test_client()


def let_in(board: Services, name: str, may: TokenRight) -> str:
    return Tokens(board.engine).add(
        name, may, AuditEntry(board.call_service.clock(), "root", "cli", "tokens.add")
    )


@pytest.fixture
def reader(client: Client, board: Services) -> Program:
    """A program that may look."""
    return Program(client, let_in(board, "board on the wall", TokenRight.READ))


@pytest.fixture
def changer(client: Client, board: Services) -> Program:
    """A program that may say and open things."""
    return Program(client, let_in(board, "tickets", TokenRight.CHANGE))


@pytest.fixture
def configurer(client: Client, board: Services) -> Program:
    """A program that may also apply a line.yaml."""
    return Program(client, let_in(board, "pipeline", TokenRight.CONFIGURE))
