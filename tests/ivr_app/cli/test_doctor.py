"""`doctor` looks at every part of the line, and exits 1 where it would not work."""

import datetime as dt
import json
import socket
import threading
from contextlib import contextmanager

import pytest
from werkzeug.serving import make_server

from devtools.phone_company.company import Account
from devtools.phone_company.driver.office import Office
from routing.oncall.zonedata import zone_data
from service.bootstrap import build_services, now
from service.doctor.system import BACKUP_COMMAND, check_file_permissions, check_keys
from service.doctor.verdict import CheckState
from service.fallback import refresh_fallback_file
from service.health import ZONE_DATA_TTL, record_zone_data
from settings import read_settings
from store.db.backup import back_up
from store.work.metrics import Heartbeats
from store.work.redis_client import NoJobNotifier
from tests.mail_server import LOGIN, Postbox, mail_server, make_certificate
from tests.web_app import web_app

NUMBER = "+31201234567"
TEXTS_FROM = "+3197010200000"


@pytest.fixture
def office(environment):
    """The company that the settings name."""
    account = Account(environment["TWILIO_ACCOUNT_SID"], environment["TWILIO_AUTH_TOKEN"])
    with Office(account, manual=True) as office:
        environment["TWILIO_API_URL"] = office.url
        yield office


@pytest.fixture
def pointed(office, environment):
    """The numbers belong to the account and point at us, unless told otherwise."""

    def point(**other):
        at = environment["PUBLIC_URL"]
        settings = {
            "voice_url": f"{at}/voice/incoming",
            "voice_fallback_url": f"{at}/voice/fallback",
            "status_callback": f"{at}/voice/status",
        }
        office.number(NUMBER, **settings | other)
        office.number(TEXTS_FROM, sms_url=f"{at}/sms/incoming")

    return point


@contextmanager
def answering(app, port):
    """The front door, open."""
    server = make_server("127.0.0.1", port, app)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def verdicts(type_in):
    """The doctor's round: the exit code, and the states and messages by what was looked at."""

    def look():
        result = type_in("doctor", "--json")
        found = {}
        for one in map(json.loads, result.stdout.splitlines()):
            found.setdefault(one["check"], []).append((one["state"], one["message"]))
        return result.exit_code, found

    return look


@pytest.fixture
def beating(board):
    """Worker and clock live."""
    for kind in ("worker", "clock"):
        Heartbeats(board.engine).beat(kind, "one", now())


def test_a_key_that_can_be_guessed_is_a_warning(environment):
    assert check_keys(read_settings(environment)).state is CheckState.OK
    found = check_keys(read_settings(environment | {"PIN_PEPPER": "geheim van de zaak"}))
    assert found.state is CheckState.WARN
    assert "PIN_PEPPER" in found.message and "SECRET_KEY" not in found.message
    assert "geheim" not in found.message


def test_a_line_that_works_passes(office, pointed, environment, redis_url, paper):
    probe = make_server("127.0.0.1", 0, None)
    port = probe.server_port
    probe.server_close()
    environment |= {"REDIS_URL": redis_url, "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    environment["TWILIO_PCI_MODE"] = "on"
    board = build_services(read_settings(environment), NoJobNotifier())
    app = web_app(board)
    terminal = app.test_cli_runner()
    always = paper('hours: "18:00-09:00"', "days: [mon, tue, wed, thu, fri, sat, sun]")
    assert terminal.invoke(args=["apply", str(always)]).exit_code == 0
    pointed()
    for kind in ("worker", "clock"):
        Heartbeats(board.engine).beat(kind, "one", now())
    with answering(app, port):
        result = terminal.invoke(args=["doctor"])
    board.engine.dispose()
    rows = [row for row in result.stdout.splitlines() if "numbers untried" not in row]
    assert {row.split()[0] for row in rows} == {"ok"}, result.stdout
    assert result.exit_code == 0


def test_missing_parts_are_named_and_none_is_waited_for(verdicts):
    code, found = verdicts()
    assert code == 1
    ((state, said),) = found["redis"]
    assert (state, "check REDIS_URL" in said) == ("warn", True)
    assert found["line"][0] == ("FAIL", "no line is applied: run priority-line apply line.yaml")
    assert found["worker"][0][0] == "warn"
    assert found["clock"][0][0] == "FAIL"
    assert found["web"][0][0] == "warn"
    assert found["carrier account"][0][0] == "FAIL"
    assert "on call, main" not in found


def test_a_database_without_tables_fails_and_names_the_command(verdicts, tmp_path):
    for file in tmp_path.glob("line.db*"):
        file.unlink()
    code, found = verdicts()
    assert (code, found["database"][0][0]) == (1, "FAIL")
    assert "run priority-line migrate" in found["database"][0][1]


def test_settings_that_are_wrong_are_the_first_finding(shell):
    result = shell("doctor", "--json", TWILIO_ACCOUNT_SID="AC1")
    (found,) = map(json.loads, result.stdout.splitlines())
    assert (result.returncode, found["check"], found["state"]) == (1, "settings", "FAIL")
    assert found["message"].startswith("TWILIO_AUTH_TOKEN is missing")


def test_a_step_with_nobody_is_worth_a_look(verdicts, type_in, paper):
    type_in("apply", paper('shifts: [{people: [joris], hours: "18:00-09:00"}]', "shifts: []"))
    _, found = verdicts()
    first, second = found["on call, main"]
    assert first == ("ok", "step 1 rings sanne")
    assert (second[0], second[1].startswith("step 2 rings nobody now")) == ("warn", True)


def test_nobody_in_any_step_fails(verdicts, type_in, paper):
    empty = paper('shifts: [{people: [joris], hours: "18:00-09:00"}]', "shifts: []")
    empty.write_text(empty.read_text().replace("shifts: [{people: [sanne]}]", "shifts: []"))
    assert type_in("apply", empty).exit_code == 0
    code, found = verdicts()
    assert (code, found["on call, main"][0][0]) == (1, "FAIL")


def test_the_fallback_file_must_ring_those_on_call_now(verdicts, applied, board):
    assert verdicts()[1]["fallback file"][0][0] == "ok"
    refresh_fallback_file(board.settings.fallback_file, [], now())
    assert verdicts()[1]["fallback file"][0][0] == "warn"
    board.settings.fallback_file.unlink()
    ((state, said),) = verdicts()[1]["fallback file"]
    assert (state, "is missing or broken" in said) == ("warn", True)


def test_a_number_that_points_elsewhere_names_the_address_to_set(
    pointed, applied, beating, verdicts, environment
):
    pointed(voice_url="https://old.example.org/voice", status_callback="")
    code, found = verdicts()
    at = environment["PUBLIC_URL"]
    to = f"POST {at}/voice/incoming, or run priority-line provision"
    wanted = f'set "A call comes in" (voice_url) to {to}'
    first, second = found[f"voice, {NUMBER}"]
    assert (code, first) == (1, ("FAIL", wanted))
    assert (second[0], f"POST {at}/voice/status" in second[1]) == ("warn", True)
    assert found[f"sms, {TEXTS_FROM}"] == [("ok", f"belongs to this account and points at {at}")]


def test_a_number_that_is_not_ours_fails(office, applied, beating, verdicts):
    code, found = verdicts()
    assert (code, found["carrier account"]) == (1, [("ok", "is active")])
    assert found[f"voice, {NUMBER}"][0][0] == "FAIL"
    assert found[f"sms, {TEXTS_FROM}"][0][0] == "warn"


def test_a_refused_account_names_the_settings(office, environment, verdicts):
    office.faults(requests=[{"path": "Accounts", "status": 401, "code": 20003}])
    code, found = verdicts()
    ((state, said),) = found["carrier account"]
    assert (code, state) == (1, "FAIL")
    assert said == "is refused (20003): check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"


def test_mail_is_reported_on_and_off(environment, type_in, paper, verdicts):
    assert verdicts()[1]["mail"][0][0] == "ok"
    type_in("apply", paper("contracts:", "paging: {channels: [email]}\ncontracts:"))
    ((state, said),) = verdicts()[1]["mail"]
    assert (state, said.startswith("is off, and line main sends mail")) == ("warn", True)


def test_customers_who_would_get_no_mail_are_counted(type_in, paper, verdicts):
    type_in("apply", paper("language: nl}", "language: nl, email: pieter@example.org}"))
    ((state, said),) = verdicts()[1]["customers' mail"]
    assert (state, said[:26]) == ("warn", "main: mail is off, and con")
    assert "(1)" in said
    assert said.endswith("set MAIL_URL")


def test_a_mail_server_that_is_away_is_named(type_with):
    away = {"MAIL_URL": "smtp://127.0.0.1:1", "MAIL_FROM": "line@example.org"}
    found = type_with("doctor", **away).stdout
    assert "warn  mail: 127.0.0.1:1 is of no use: Connection refused; see MAIL_URL" in found


def test_the_doctor_goes_as_far_as_a_mail_would_go(environment, shell, tmp_path):
    certificate, postbox = make_certificate(tmp_path, "localhost"), Postbox()
    trusting = {"MAIL_FROM": "line@example.org", "SSL_CERT_FILE": str(certificate.file)}
    with mail_server(postbox, certificate, require_starttls=True) as port:

        def said(login, **more):
            named = trusting | {"MAIL_URL": f"smtp://{login}@localhost:{port}"} | more
            return shell("doctor", **environment | named).stdout

        there = f"mail: localhost:{port}"
        assert f"ok    {there} would take a mail: with TLS, logged in" in said(LOGIN)
        assert f"warn  {there} refuses us (535 5.7.8); see MAIL_URL" in said("line:hunter2")
        doubted = said(LOGIN, SSL_CERT_FILE="")
    assert f"warn  {there} is of no use: its certificate does not hold: " in doubted
    assert (postbox.noops, postbox.mails) == (1, [])


def test_hosts_that_read_local_time_with_other_zone_data_are_named(verdicts, applied, board):
    record_zone_data(Heartbeats(board.engine), now())
    assert verdicts()[1]["zone data"] == [("ok", f"tzdata {zone_data()} on every host")]
    beats, said = Heartbeats(board.engine), f"{zone_data()} on {socket.gethostname()}"
    beats.beat("zone data", "2019.1 elsewhere", now() - ZONE_DATA_TTL)
    assert verdicts()[1]["zone data"][0][0] == "ok"
    beats.beat("zone data", "2019.1 elsewhere", now())
    ((state, message),) = verdicts()[1]["zone data"]
    assert (state, f"2019.1 on elsewhere; {said}; install" in message) == ("warn", True)


def test_what_other_users_may_read_is_named(verdicts, board):
    file, media = board.settings.fallback_file, board.settings.media_dir
    assert verdicts()[1]["files"][0][0] == "ok"
    file.parent.chmod(0o755)
    file.write_text("{}")
    file.chmod(0o644)
    media.chmod(0o700)
    ((state, said),) = verdicts()[1]["files"]
    assert (state, str(file) in said, str(media) in said) == ("warn", True, False)


def test_a_backup_that_no_longer_comes_is_worth_a_look(verdicts, type_in, paper, board, tmp_path):
    def found():
        ((state, said),) = verdicts()[1]["backup"]
        return state, said

    file = tmp_path / "line.backup"
    type_in("apply", paper())
    assert found()[0] == "ok"
    back_up(board.engine, file, now() - dt.timedelta(days=3))
    assert found() == (
        "warn",
        f"the last was made 3 days ago: run {BACKUP_COMMAND} and find out why",
    )
    assert type_in("backup", file).exit_code == 0
    assert found() == ("ok", "the last was made 0 h ago")


def test_an_env_file_with_secrets_that_anybody_can_read_is_named(
    environment, tmp_path, monkeypatch
):
    settings, file = read_settings(environment), tmp_path / "env"
    monkeypatch.setenv("ENV_FILE", str(file))
    tmp_path.chmod(0o755)
    for row, mode, state in (
        ("SECRET_KEY=x", 0o644, CheckState.WARN),
        ("SECRET_KEY=x", 0o640, CheckState.OK),
        ("PORT=1", 0o644, CheckState.OK),
    ):
        file.write_text(row)
        file.chmod(mode)
        found = check_file_permissions(settings)
        assert (found.state, str(file) in found.message) == (state, state is CheckState.WARN)
    file.write_text("SECRET_KEY=x")
    for folder, state in ((0o711, CheckState.WARN), (0o744, CheckState.OK), (0o700, CheckState.OK)):
        tmp_path.chmod(folder)  # who knows the name needs no list of them
        assert check_file_permissions(settings).state is state
