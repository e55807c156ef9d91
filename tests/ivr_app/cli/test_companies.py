"""What a telephone company cannot do is said in a sentence, before a caller meets it."""

import json

import pytest

from devtools.phone_company.company import Account
from devtools.phone_company.dialects.signalwire import SIGNALWIRE
from devtools.phone_company.dialects.telnyx import TELNYX
from devtools.phone_company.driver.office import Office

NUMBER, PROJECT = "+31201234567", "b3877c40-da60-4998-90ad-b792e98472af"
NO_TEXTS = "paging: {channels: [email]}\ncontracts:"


@pytest.fixture
def check(paper, type_in, monkeypatch):
    """What `check` says of the file with more lines, at this company."""

    def checking(carrier, more=""):
        monkeypatch.setenv("CARRIER", carrier)
        return type_in("check", paper("contracts:", f"{more}\ncontracts:"))

    return checking


@pytest.mark.parametrize(
    ("carrier", "more", "refusal"),
    [
        ("telnyx", "", "paging.channels: Telnyx sends and receives texts by an interface"),
        ("telnyx", "transcribe: carrier", "transcribe: Telnyx turns recordings into words"),
        ("telnyx", "speech: {menus: true}", "speech.menus: Telnyx does not describe when"),
        ("telnyx", "voices: {nl: {voice: Google.nl-NL-Wavenet-A}}", "voices.nl: Telnyx does not"),
        (
            "signalwire",
            "voices: {nl: {voice: Google.nl-NL-Wavenet-A}}",
            "voices.nl: SignalWire has no voice of this name",
        ),
    ],
)
def test_check_refuses_what_the_company_cannot_do(check, carrier, more, refusal):
    result = check(carrier, more)
    assert (result.exit_code, refusal in result.stderr) == (1, True), result.stderr


@pytest.mark.parametrize(
    ("carrier", "more"),
    [
        ("twilio", "transcribe: carrier\nspeech: {menus: true}"),
        ("twilio", "voices: {nl: {voice: Google.nl-NL-Wavenet-A}}"),
        ("signalwire", "transcribe: carrier\nspeech: {menus: true}"),
        ("telnyx", "paging: {channels: [email]}"),
    ],
)
def test_check_takes_what_it_can(check, carrier, more):
    assert check(carrier, more).exit_code == 0


def test_check_names_the_line_of_the_file_for_a_program(paper, type_in, monkeypatch):
    monkeypatch.setenv("CARRIER", "telnyx")
    result = type_in("check", paper(), "--json")
    (found,) = map(json.loads, result.stdout.splitlines())
    assert (found["severity"], found["field"]) == ("error", "paging.channels")


@pytest.fixture
def company(environment, monkeypatch):
    """Open the company of a dialect, and let the settings name it."""
    offices = []

    def opening(dialect, **more):
        office = Office(Account(PROJECT, "t0ken", dialect=dialect), manual=True)
        offices.append(office.__enter__())
        office.number(NUMBER)
        environment.update(
            CARRIER=dialect.name,
            CARRIER_SIGNING_KEY=dialect.show_key(office.account.signing),
            TWILIO_ACCOUNT_SID=PROJECT,
            TWILIO_API_URL=office.url + dialect.api,
            **more,
        )
        return office

    yield opening
    for office in offices:
        office.__exit__(None, None, None)


def verdicts(result):
    rows = [json.loads(row) for row in result.stdout.splitlines()]
    return {row["check"]: (row["state"], row["message"]) for row in reversed(rows)}


def test_a_line_at_signalwire_is_applied_provisioned_and_looked_at(company, paper, type_with):
    office = company(SIGNALWIRE)
    file = paper('  texts_from: "+3197010200000"\n', "")
    assert type_with("apply", file).exit_code == 0
    result = type_with("provision", "--yes")
    assert result.exit_code == 0, result.stderr
    number = office._floor.company.numbers[NUMBER]
    assert number.voice_url.endswith("/voice/incoming"), "nothing follows the address"
    assert number.sms_url.endswith("/sms/incoming")
    found = verdicts(type_with("doctor", "--json"))
    assert found["carrier account"] == ("ok", "is active")
    assert found[f"voice, {NUMBER}"][0] == found[f"sms, {NUMBER}"][0] == "ok"
    assert found["telephone company"][0] == "warn"
    assert "was tried against its documents only" in found["telephone company"][1]
    assert "SignalWire does not tell which countries" in found["countries"][1]
    assert found["signatures"][1].endswith("accepted: a signing key")


def test_a_line_at_telnyx_is_told_what_to_set_by_hand(company, paper, type_with):
    company(TELNYX, CARRIER_APPLICATION="1234567890")
    assert type_with("apply", paper("contracts:", NO_TEXTS)).exit_code == 0
    result = type_with("provision", "--yes")
    assert result.exit_code != 0
    for words in (
        "nothing was changed",
        "Telnyx Mission Control Portal",
        "Webhook URL: POST http://127.0.0.1:1/voice/incoming",
        "Webhook Failover URL: POST http://127.0.0.1:1/voice/fallback",
        "Call progress events URL: POST http://127.0.0.1:1/voice/status",
        f"assign the application to {NUMBER}",
    ):
        assert words in result.stderr
    found = verdicts(type_with("doctor", "--json"))
    assert found["carrier account"] == ("ok", "is active")
    assert found["balance"] == ("ok", "100.00 EUR left")
    assert found["numbers"][0] == "ok"
    assert found["signatures"][1].endswith("accepted: Ed25519")


def test_apply_refuses_too_and_changes_nothing(company, paper, type_with):
    company(TELNYX, CARRIER_APPLICATION="1234567890")
    result = type_with("apply", paper())
    assert (result.exit_code, "paging.channels: Telnyx" in result.stderr) == (1, True)
    assert "nothing was changed" not in result.stderr
    assert type_with("oncall").exit_code != 0, "no line is there"


def test_doctor_names_a_need_of_a_line_from_before_the_change(company, paper, type_in, type_with):
    assert type_in("apply", paper()).exit_code == 0
    company(TELNYX, CARRIER_APPLICATION="1234567890")
    state, said = verdicts(type_with("doctor", "--json"))["telephone company"]
    assert (state, said.startswith("line main, paging.channels: Telnyx")) == ("FAIL", True)
