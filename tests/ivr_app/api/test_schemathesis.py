"""The document says what the API does: requests made up from it are answered as it says.

``API_REQUESTS=500`` in the environment makes more of them.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from limits import RateLimitItemPerSecond
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema

from config.export import write_line_file
from ivr_app import create_app
from ivr_app.api import auth
from ivr_app.api.app import SECTIONS
from ivr_app.api.auth import HEADER
from ivr_app.api.openapi import EmptyBody
from routing.contracts import ContractChange, ContractOrigin
from routing.decision import Case, Decision
from service.bootstrap import build_services
from settings import read_settings
from store.people.api_tokens import TokenRight
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore
from store.people.lines import apply_line
from store.work.redis_client import NoJobNotifier
from tests.ivr_app.api.conftest import let_in
from tests.store.cast import BAKERY, LINE, NOW, call, incident, leg, proven

REQUESTS = int(os.environ.get("API_REQUESTS", "5"))
DOCUMENT = "/api/v1/openapi.json"


POSITIVE = GenerationMode.POSITIVE
THERE = {
    "calls": {"sid": "CA1"},
    "contracts": {"number": "100251"},
    "files": {"file_id": "0" * 32},
    "incidents": {"number": 1001},
    "lines": {"line_id": "main"},
    "engineers": {"engineer_id": "sanne"},
    "schedules": {"schedule_id": "primary"},
    "swaps": {"uid": "swap-1"},
    "overrides": {"uid": "override-1"},
}


def there(path: str) -> dict[str, object]:
    """What is there, in place of what was made up."""
    found = dict(THERE[path.split("/")[1]]) if "{" in path else {}
    return found | ({"place": 0} if "{place}" in path else {})


@pytest.fixture(scope="module")
def app(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A line with one call and its incident, for all requests together."""
    folder = tmp_path_factory.mktemp("line")
    shutil.copy(migrated_file, folder / "line.db")
    environment = {
        "DATABASE_URL": f"sqlite:///{folder}/line.db",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
        "TWILIO_AUTH_TOKEN": "a token of the tests",
        "PUBLIC_URL": "http://line.test",
        "SECRET_KEY": "a key of the tests",
    }
    board = build_services(read_settings(environment), NoJobNotifier())
    apply_line(board.engine, LINE, [BAKERY], NOW)
    about = replace(incident(1), call="call-1", calls=("CA1",), pages=(leg("leg-1"),))
    smit = ContractChange(None, replace(BAKERY, number="100251", customer="Fietsenmaker Smit"))
    register = ContractStore(board.engine, "main", ContractOrigin.IMPORT)
    register.put([smit], AuditEntry(NOW, "root", "cli", "contracts.import"))
    one = replace(proven(call(1)), incident=about.key)
    board.call_service.calls.save(Case(), Decision(Case(one, about)), NOW)
    yield create_app(board.settings, board)
    board.engine.dispose()


@pytest.fixture(scope="module")
def document(app: Flask) -> BaseSchema:
    """The document as the API gives it to everybody."""
    return schemathesis.openapi.from_wsgi(DOCUMENT, app)


@pytest.fixture(scope="module")
def token(app: Flask) -> str:
    """Of a program that may change."""
    return let_in(app.extensions["services"], "schemathesis", TokenRight.CONFIGURE)


@pytest.fixture(scope="module", autouse=True)
def patient() -> Iterator[None]:
    """So many wrong tokens from one address are wanted here."""
    before = auth.WRONG_TOKEN_LIMIT, auth.TOKEN_LIMIT
    auth.WRONG_TOKEN_LIMIT = auth.TOKEN_LIMIT = RateLimitItemPerSecond(10_000)
    yield
    auth.WRONG_TOKEN_LIMIT, auth.TOKEN_LIMIT = before


def declared() -> Iterator[tuple[str, str, GenerationMode]]:
    """Every operation, asked as the document says, and not as it says where that is possible."""
    for operation in (each for room in SECTIONS for each in room.operations):
        path = re.sub(r"<(?:int:)?(\w+)>", r"{\1}", operation.path)
        yield operation.method, path, GenerationMode.POSITIVE
        fields = operation.models.body or operation.models.query
        if fields is not EmptyBody or path != operation.path:
            yield operation.method, path, GenerationMode.NEGATIVE


@pytest.mark.parametrize(("method", "path", "mode"), list(declared()))
def test_requests_are_answered_as_the_document_says(
    document: BaseSchema, token: str, method: str, path: str, mode: GenerationMode
) -> None:
    made_up = document[path][method].as_strategy(generation_mode=mode)

    @given(case=made_up)
    @settings(
        max_examples=REQUESTS,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def asked(case: schemathesis.Case) -> None:
        if mode is POSITIVE:
            case.path_parameters |= there(path)
            if HEADER in case.headers:  # by a used key anything else is refused, as it should be
                case.headers[HEADER] = secrets.token_hex()
            case.headers.pop("If-Match", None)  # of any other version it is refused
            if method == "PUT":  # the document calls a line an object, and no more
                case.body, case.media_type = write_line_file(LINE), "application/json"
        assume([] not in case.query.values() and {} not in case.query.values())  # is not sent
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

    asked()
