"""Every answer says how many requests are left; a customer in need is never refused."""

from __future__ import annotations

import pytest
from limits import RateLimitItemPerHour
from werkzeug.test import Client

from ivr_app.api import auth
from tests.ivr_app.api.conftest import Program


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three requests an hour."""
    monkeypatch.setattr(auth, "TOKEN_LIMIT", RateLimitItemPerHour(3))


def test_every_answer_says_what_is_left(few: None, reader: Program, client: Client) -> None:
    for left, path in ((2, "/lines"), (1, "/incidents/99")):
        answer = reader.get(path)
        assert answer.headers["RateLimit-Policy"] == '"token";q=3;w=3600'
        assert answer.headers["RateLimit"].startswith(f'"token";r={left};t=')
    assert client.get("/api/v1/lines").headers["RateLimit"].startswith('"wrong-tokens";r=')
    assert "RateLimit-Policy" in client.get("/api/v1/openapi.json").headers


def test_a_token_has_its_own_limit_and_hears_when_to_come_again(
    few: None, reader: Program, changer: Program
) -> None:
    for _ in range(3):
        assert reader.get("/lines").status_code == 200
    refused = reader.get("/lines")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert refused.headers["RateLimit"].startswith('"token";r=0;')
    assert changer.get("/lines").status_code == 200


def test_an_incident_is_opened_at_any_rate(few: None, changer: Program) -> None:
    for _ in range(5):
        assert changer.post("/incidents", {"urgency": 3}).status_code == 201
    assert changer.get("/lines").status_code == 429
