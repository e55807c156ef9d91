"""The environment is read whole, or refused in one sentence that names what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings import Settings, SettingsError, read_settings

GIVEN = {
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "a token that must stay secret",
    "PUBLIC_URL": "https://line.example.org/",
    "SECRET_KEY": "a key that must stay secret",
}


def refusal(**changes: str) -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings(GIVEN | changes)
    return str(refused.value)


def test_the_example_names_every_setting_with_its_default() -> None:
    rows = Path(".env.example").read_text().splitlines()
    example = dict(row.split("=", 1) for row in rows if row and not row.startswith("#"))
    fields = Settings.model_fields
    assert example.keys() == {name.upper() for name in fields}
    for name, field in fields.items():
        shown = "" if field.is_required() or field.default is None else str(field.default)
        assert example[name.upper()] == shown


def test_what_is_required_and_missing_is_named_with_its_reason() -> None:
    assert refusal(PUBLIC_URL="") == (
        "PUBLIC_URL is missing: the carrier reaches us there and signs that address."
    )
    for name in GIVEN:
        assert refusal(**{name: ""}).startswith(f"{name} is missing: ")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PUBLIC_URL", "ftp://line.example.org", "begins with https or http://"),
        ("PUBLIC_URL", "https://line.example.org/?a=b", "before any ? or #"),
        ("TWILIO_API_URL", "https://api.example.org/2010-04-01", "leave out /2010-04-01"),
        ("DATABASE_URL", "mysql://root:hunter2@db/line", "must be sqlite"),
        ("DATABASE_URL", "sqlite://", "must be sqlite"),
        ("FALLBACK_PUT_URL", "http://files.example.org/6f3a", "begins with https://"),
        ("DATABASE_URL", "hunter2", "not a database address"),
        ("REDIS_URL", "127.0.0.1:6379", "must begin with redis://"),
        ("PORT", "many", "integer"),
        ("PORT", "70000", "65535"),
        ("MAIL_URL", "mail.example.org", "smtp"),
        ("HEARTBEAT_URL", "pulse", "http"),
    ],
)
def test_what_is_wrong_is_named_with_the_reason_and_not_shown(
    name: str, value: str, reason: str
) -> None:
    said = refusal(**{name: value})
    assert said.startswith(f"{name} is wrong: ")
    assert reason in said
    assert "hunter2" not in said
    assert "\n" not in said


def test_what_belongs_together_must_come_together() -> None:
    assert "TWILIO_API_SECRET" in refusal(TWILIO_API_KEY="SK1")
    assert "MAIL_FROM" in refusal(MAIL_URL="smtp://mail.example.org")
    assert "OIDC_CLIENT_ID" in refusal(OIDC_ISSUER="https://id.example.org")


def test_no_secret_is_shown_by_printing_the_settings() -> None:
    assert "secret" not in f"{read_settings(GIVEN)!r} {read_settings(GIVEN)}"


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from a file\n")
    given = GIVEN | {"TWILIO_AUTH_TOKEN": "", "TWILIO_AUTH_TOKEN_FILE": str(tmp_path / "token")}
    assert read_settings(given).twilio_auth_token == "from a file"
    assert "TWILIO_AUTH_TOKEN_FILE" in refusal(TWILIO_AUTH_TOKEN_FILE=str(tmp_path / "nothing"))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_read_in_each_of_its_spellings(scheme: str) -> None:
    given = GIVEN | {"DATABASE_URL": f"{scheme}://line:pw@db/line"}
    assert read_settings(given).database_url == "postgresql+psycopg://line:pw@db/line"


def test_addresses_lose_their_last_slash_and_may_have_a_path() -> None:
    read = read_settings(GIVEN | {"TWILIO_API_URL": "http://127.0.0.1:9000/carrier/"})
    assert read.public_url == "https://line.example.org"
    assert read.twilio_api_url == "http://127.0.0.1:9000/carrier"


def test_the_pepper_follows_from_the_secret_key_unless_it_is_given() -> None:
    derived = read_settings(GIVEN).pin_pepper
    assert derived == read_settings(GIVEN).pin_pepper
    assert derived != read_settings(GIVEN | {"SECRET_KEY": "another"}).pin_pepper
    assert read_settings(GIVEN | {"PIN_PEPPER": "own"}).pin_pepper == "own"


def test_a_database_password_may_hold_any_sign() -> None:
    read = read_settings(GIVEN | {"DATABASE_URL": "postgres://line:p%40ss%2F@db/line"})
    assert read.database_url == "postgresql+psycopg://line:p%40ss%2F@db/line"
