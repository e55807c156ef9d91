"""The environment is read whole, or refused in one sentence that names what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from ivr_app.cli.configuration import HIDDEN, hide_secrets, render_example
from settings import (
    Settings,
    SettingsError,
    describe_settings,
    find_file_with_secrets,
    find_value,
    read_settings,
    read_with_origins,
)

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


def test_the_example_is_what_the_fields_say() -> None:
    """priority-line config --example > .env.example writes it anew."""
    assert Path(".env.example").read_text() == render_example()


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


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PUBLIC_URL", "https://line:hunter2@line.example.org", "no user or password"),
        ("PUBLIC_URL", "https://line.example.org:99999", "port"),
        ("PUBLIC_URL", "https://line.example.org:hunter2", "port"),
        ("PUBLIC_URL", "https://line.example.org:0", "port"),
        ("PUBLIC_URL", "https://line.example.org:", "port"),
        ("PUBLIC_URL", "https://line.example.org:٥٠٠٠", "ASCII"),
        ("PUBLIC_URL", "https://line.example.org/a b", "blank"),
        ("PUBLIC_URL", " https://line.example.org", "blank"),
        ("PUBLIC_URL", "https://line.example.org\n", "blank"),
        ("PUBLIC_URL", "https://line.example.org/\thunter2", "blank"),
        ("PUBLIC_URL", "https://[::1", "host"),
        ("PUBLIC_URL", "https://[hunter2]", "host"),
        ("PUBLIC_URL", "https://hunter2\u2100.example.org", "ASCII"),
        ("PUBLIC_URL", "https://bücher.example", "ASCII"),
        ("PUBLIC_URL", "https://:8080", "names no host"),
        ("PUBLIC_URL", "https://line.example.org/<hunter2>", "no address"),
        ("PUBLIC_URL", "https://line..example.org", "host"),
        ("PUBLIC_URL", "https://line.example.org\\@hunter2", "no address"),
        ("FALLBACK_URL", "https://u:hunter2@files.example.org", "no user or password"),
        ("TWILIO_API_URL", "https://SK1:hunter2@api.example.org", "no user or password"),
        ("TWILIO_API_URL", "https://api.example.org:hunter2", "port"),
        ("OIDC_ISSUER", "https://u:hunter2@id.example.org", "no user or password"),
        ("HEARTBEAT_URL", "https://u:hunter2@watch.example.org:70000", "port"),
        ("FALLBACK_PUT_URL", "https://u:hunter2@files.example.org:x/6f3a", "port"),
        ("FALLBACK_PUT_URL", "https://[hunter2/6f3a", "host"),
        ("FALLBACK_PUT_URL", "http://[hunter2", "host"),
        ("MAIL_URL", "smtp://line:hun/ter2@mail.example.org", "%2F"),
        ("MAIL_URL", "smtp://li/ne:hunter2@mail.example.org", "%2F"),
        ("MAIL_URL", "smtp://line:hunter2#x@mail.example.org", "%23"),
        ("MAIL_URL", "smtp://line:hunter2@mail.example.org:submission", "port"),
        ("MAIL_URL", "smtp://line:hunter2%C3%A9@mail.example.org", "ASCII"),
        ("MAIL_URL", "smtp://:hunter2@mail.example.org", "user"),
        ("REDIS_URL", "redis://:hunter2@redis:many/0", "port"),
        ("REDIS_URL", "redis://:hun/ter2@redis:6379/0", "%2F"),
        ("REDIS_URL", "redis://redis:70000/0", "port"),
        ("REDIS_URL", "redis://redis:6379/first", "number"),
        ("REDIS_URL", "redis://redis:6379/0?hunter2=1", "option"),
        ("REDIS_URL", "redis://redis:6379/0?socket_timeout=hunter2", "option"),
        ("REDIS_URL", "redis://[hunter2", "host"),
        ("REDIS_URL", "unix://?db=1", "must name"),
        ("DATABASE_URL", "postgresql://line:hun@ter:2@db:x/line", "port"),
        ("DATABASE_URL", "postgresql://line:hunter2@db:99999/line", "port"),
        ("DATABASE_URL", "postgresql://line:hunter2@db/line?hunter2=1", "option"),
        ("DATABASE_URL", "sqlite:///var/line.db?timeout=hunter2", "option"),
        ("DATABASE_URL", "postgresql://line:hunter2@db/line\n", "blank"),
        ("SENTRY_DSN", "https://errors.example.org/7", "KEY@host"),
        ("SENTRY_DSN", "https://hunter2@errors.example.org/", "NUMBER"),
        ("SENTRY_DSN", "https://key:hunter2@errors.example.org/7", "without a password"),
        ("OIDC_ROLES", "Line Admins", "pairs such as"),
        ("OIDC_ROLES", "hunter2=boss", "viewer, engineer, manager, admin"),
        ("MAIL_FROM", "the line", "address"),
        ("MAIL_FROM", "line@example.org\nBcc: hunter2@example.org", "address"),
        ("MAIL_FROM", "liné@example.org", "address"),
    ],
)
def test_an_address_that_nothing_could_use_is_one_sentence_without_a_secret(
    name: str, value: str, reason: str
) -> None:
    said = refusal(**{name: value})
    assert said.startswith(f"{name} is wrong: ")
    assert reason in said
    assert not any(part in said for part in ("hunter2", "ter2", "hun/", "\n", "Traceback"))
    assert said.count(". ") == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "http://line_1:5000/base"),
        ("PUBLIC_URL", "https://[::1]:5000"),
        ("PUBLIC_URL", "https://xn--bcher-kva.example/%7Eline"),
        ("HEARTBEAT_URL", "https://line:hunter2@watch.example.org/ping"),
        ("FALLBACK_PUT_URL", "https://line:hunter2@files.example.org/6f3a?sig=a%2Fb"),
        ("SENTRY_DSN", "https://public@errors.example.org/base/7"),
        ("MAIL_FROM", "Prioriteitslijn <line@example.org>"),
        ("MAIL_FROM", "Lijn «Zuid» <line@example.org>"),
        ("REDIS_URL", "rediss://line:hun%2Fter2@redis/3?ssl_cert_reqs=none"),
        ("REDIS_URL", "unix:///run/redis.sock?db=2"),
        ("REDIS_URL", "redis://:p^ss{w}ord@redis"),
        ("DATABASE_URL", "postgresql+psycopg:///line?host=/run/postgresql"),
        ("DATABASE_URL", "postgresql+psycopg://line:pw@/line?host=a:5432&host=b:5433"),
        (
            "DATABASE_URL",
            "postgresql+psycopg://line@db/line?sslmode=verify-full&options=-csearch_path%3Dx",
        ),
        ("DATABASE_URL", "postgresql+psycopg://line:hun/ter2@db/line"),
        ("DATABASE_URL", "sqlite:////srv/my line/line.db"),
    ],
)
def test_an_address_that_works_is_read_as_it_is(name: str, value: str) -> None:
    read = getattr(read_settings(GIVEN | {name: value}), name.lower())
    if name == "DATABASE_URL":  # SQLAlchemy escapes what need not be
        assert make_url(read) == make_url(value)
    else:
        assert read == value


def test_the_mail_server_may_have_a_user_and_password() -> None:
    named = {
        "MAIL_FROM": "line@example.org",
        "MAIL_URL": "smtps://li%40ne:p%2Fw@mail.example.org:465",
    }
    assert read_settings(GIVEN | named).mail_url == named["MAIL_URL"]


def test_a_file_that_cannot_be_read_is_not_shown(tmp_path: Path) -> None:
    """Somebody may have put the value itself where its file belongs."""
    (tmp_path / "key").write_bytes(b"hunter\xff")
    for wrong in ("hunter2", str(tmp_path), str(tmp_path / "key")):
        said = refusal(SECRET_KEY_FILE=wrong)
        assert said.startswith("SECRET_KEY_FILE names a file that cannot be read: ")
        assert wrong not in said
        assert "0xff" not in said


@pytest.mark.parametrize(
    "key", ["x", "changeme", "Change-Me!", "secret", "please-change-me-now", "YOUR_SECRET_KEY_HERE"]
)
def test_a_key_that_anybody_guesses_signs_nothing(key: str) -> None:
    said = refusal(SECRET_KEY=key)
    assert said.startswith("SECRET_KEY is wrong: ")
    assert "secrets.token_hex(32)" in said
    assert f" {key} " not in said


def test_a_key_of_moderate_length_is_taken() -> None:
    for key in ("test-secret-key", "0123456789abcdef", "a" * 32):
        assert read_settings(GIVEN | {"SECRET_KEY": key}).secret_key == key


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
    assert derived != read_settings(GIVEN | {"SECRET_KEY": "another key of the tests"}).pin_pepper
    assert read_settings(GIVEN | {"PIN_PEPPER": "own"}).pin_pepper == "own"


def test_a_database_password_may_hold_any_sign() -> None:
    read = read_settings(GIVEN | {"DATABASE_URL": "postgres://line:p%40ss%2F@db/line"})
    assert read.database_url == "postgresql+psycopg://line:p%40ss%2F@db/line"


def write_places(folder: Path) -> dict[str, str]:
    """An environment in which each place has OIDC_CLIENT_ID, the first ones less of the others."""
    secrets = folder / "secrets"
    secrets.mkdir()
    for name in ("oidc_client_id", "OIDC_CLIENT_SECRET", "redis_url", "twilio_api_key"):
        (secrets / name).write_text(f"of the folder: {name}\n")
    (secrets / "redis_url").write_text("redis://folder")
    (folder / "named").write_text("of a named file\n")
    (folder / "inner").write_text("of a file named in .env")
    (folder / "env").write_text(
        "OIDC_CLIENT_ID=of .env\nOIDC_CLIENT_SECRET=of .env\nMAIL_FROM='a line <a@example.org>'\n"
        f"TWILIO_AUTH_TOKEN_PREVIOUS_FILE={folder}/inner\nOTHER_TOOL=1\nPORT=\n# PORT=1\n"
    )
    return GIVEN | {
        "ENV_FILE": str(folder / "env"),
        "SECRETS_DIR": str(secrets),
        "OIDC_ISSUER": "https://id.example.org",
        "OIDC_CLIENT_ID": "of the environment",
        "OIDC_CLIENT_ID_FILE": str(folder / "named"),
        "TWILIO_API_SECRET_FILE": str(folder / "named"),
        "MAIL_FROM": "",
    }


def test_the_first_place_that_has_a_value_counts(tmp_path: Path) -> None:
    environment = write_places(tmp_path)
    read, origins = read_with_origins(environment)
    found = {name: (getattr(read, name), origin.source) for name, origin in origins.items()}
    assert found["oidc_client_id"] == ("of the environment", "environment")
    assert found["twilio_api_secret"] == ("of a named file", "file")
    assert found["oidc_client_secret"] == ("of .env", "env_file")
    assert found["mail_from"] == ("a line <a@example.org>", "env_file")
    assert found["twilio_auth_token_previous"] == ("of a file named in .env", "file")
    assert found["redis_url"] == ("redis://folder", "secrets_dir")
    assert found["twilio_api_key"] == ("of the folder: twilio_api_key", "secrets_dir")
    assert found["port"] == (5000, "default")
    assert found["pin_pepper"][1] == "derived"
    assert origins["twilio_api_secret"].file == tmp_path / "named"
    del environment["OIDC_CLIENT_ID"]
    assert read_settings(environment).oidc_client_id == "of a named file"
    del environment["OIDC_CLIENT_ID_FILE"]
    assert read_settings(environment).oidc_client_id == "of .env"


def test_a_variable_that_is_no_setting_is_found_in_the_same_places(tmp_path: Path) -> None:
    environment = write_places(tmp_path)
    (tmp_path / "secrets/webhook_tickets").write_text("whsec_folder\n")
    assert find_value("OTHER_TOOL", environment) == "1"
    assert find_value("WEBHOOK_TICKETS", environment) == "whsec_folder"
    assert find_value("WEBHOOK_TICKETS", environment | {"WEBHOOK_TICKETS": "here"}) == "here"
    assert find_value("WEBHOOK_TICKETS_PREVIOUS", environment) is None


def test_only_capital_letters_name_a_setting() -> None:
    """A shell may have variables such as port for itself."""
    assert read_settings(GIVEN | {"port": "1"}).port == 5000


def test_a_place_that_cannot_be_read_is_one_sentence_without_its_content(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "secret_key").write_bytes(b"hunter\xff2")
    assert refusal(SECRET_KEY="", SECRETS_DIR=str(bad)) == (
        "SECRETS_DIR has a file that cannot be read: it is not text in UTF-8."
    )
    assert refusal(SECRETS_DIR="hunter2") == "SECRETS_DIR names no folder that can be read."
    said = refusal(ENV_FILE=str(bad / "secret_key"))
    assert said == f"{bad}/secret_key cannot be read: it is not text in UTF-8."
    assert refusal(ENV_FILE="/no/env") == "/no/env cannot be read: No such file or directory."


def run_in(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of the line in a folder, with nothing in the environment but this."""
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())} | environment
    command = [sys.executable, "-m", "ivr_app.cli", *words]
    return subprocess.run(command, cwd=folder, env=told, capture_output=True, text=True)


def test_a_process_reads_the_file_of_its_folder_unless_it_is_told_not_to(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}={value!r}\n" for name, value in GIVEN.items()))
    shown = run_in(tmp_path, "config", PORT="8000")
    assert shown.returncode == 0, shown.stderr
    rows = {row.split()[0]: row.split()[1:] for row in shown.stdout.splitlines()}
    assert rows["PUBLIC_URL"] == ["https://line.example.org", ".env"]
    assert rows["PORT"] == ["8000", "environment"]
    assert rows["SECRET_KEY"] == [HIDDEN, ".env"]
    assert rows["PIN_PEPPER"] == [HIDDEN, "derived"]
    assert "must stay secret" not in shown.stdout
    refused = run_in(tmp_path, "config", ENV_FILE="")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("TWILIO_ACCOUNT_SID is missing: ")


def test_each_setting_has_a_group_and_a_meaning_without_a_full_stop() -> None:
    for about in describe_settings():
        assert about.group, about.name
        assert about.meaning, about.name
        assert not about.meaning.endswith("."), about.name


@pytest.mark.parametrize("name", [about.name for about in describe_settings()])
def test_a_setting_that_sounds_like_a_secret_is_never_shown(name: str) -> None:
    about = next(each for each in describe_settings() if each.name == name)
    secret = any(word in name for word in ("TOKEN", "SECRET", "KEY", "PEPPER", "DSN"))
    if secret and name != "TWILIO_API_KEY":
        assert about.shown == "never"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("DATABASE_URL", "sqlite:////srv/a@b/line.db", "sqlite:////srv/a@b/line.db"),
        ("DATABASE_URL", "postgresql+psycopg://line:hunter2@db/line", "@db/line"),
        ("DATABASE_URL", "postgresql+psycopg:///line?host=a&password=hunter2", "?host=a&password="),
        ("REDIS_URL", "rediss://:hunter2@redis/3?ssl_cert_reqs=none", "ssl_cert_reqs=none"),
        ("MAILBOX_URL", "imaps://line@example.org:hunter2@imap.example.org/INBOX", "imap.example"),
        ("FALLBACK_PUT_URL", "https://files.example.org/hunter2?sig=hunter2", "files.example.org"),
        ("REDIS_URL", "redis://redis/3?username=a;password=hunter2", "redis://redis/3?username=a"),
        ("REDIS_URL", "redis://redis/3#hunter2", "redis://redis/3"),
        ("DATABASE_URL", "postgresql+psycopg://db/line?options=-c+x%3Dhunter2", "://db/line?"),
        ("FALLBACK_PUT_URL", "https://files.example.org?sig=hunter2", "https://files.example.org/"),
        ("HEARTBEAT_URL", "https://u:hunter2@watch.example.org/hunter2", "watch.example.org"),
        ("MAIL_FROM", "Line <line@example.org>", "Line <line@example.org>"),
    ],
)
def test_an_address_is_shown_without_what_it_opens(name: str, value: str, shown: str) -> None:
    about = next(each for each in describe_settings() if each.name == name)
    found = hide_secrets(about, value)
    assert shown in found
    assert "hunter2" not in found


def test_a_file_with_secrets_is_known(tmp_path: Path) -> None:
    file = tmp_path / "env"
    for row, known in (
        ("PORT=1", False),
        ("SECRET_KEY=x", True),
        ("REDIS_URL=redis://:x@r", True),
        ("HEARTBEAT_URL=https://a/b", True),
        ("WEBHOOK_TICKETS=whsec_x", True),
        ("WEBHOOK_TICKETS_FILE=/x", False),
        ("OTHER=x", False),
    ):
        file.write_text(row)
        found = find_file_with_secrets({"ENV_FILE": str(file)})
        assert found == (file if known else None), row
