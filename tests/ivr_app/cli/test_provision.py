"""`provision` points the numbers at this host, after saying what that changes."""

import json

import pytest

NUMBER, TEXTS_FROM = "+31201234567", "+3197010200000"
RETRY = "#rc=2&rp=all&rt=4500"


@pytest.fixture
def owned(office):
    """What the carrier knows of a number of ours."""
    office.number(NUMBER, voice_url="https://old.example.org/voice")

    def look(number=NUMBER):
        return office._floor.company.numbers[number]

    return look


@pytest.fixture
def asked(office):
    """The requests that changed something at the carrier."""
    return lambda: [r for r in office.requests if r["method"] == "POST"]


def test_calls_their_fallback_and_their_end_and_texts_point_here(
    owned, applied, type_in, environment
):
    result = type_in("provision", "--yes")
    at, number = environment["PUBLIC_URL"], owned()
    assert result.exit_code == 0, result.stderr
    assert (number.voice_url, number.voice_method) == (f"{at}/voice/incoming{RETRY}", "POST")
    assert number.voice_fallback_url == f"{at}/voice/fallback{RETRY}"
    assert number.status_callback == f"{at}/voice/status{RETRY}"
    assert owned(TEXTS_FROM).sms_url == f"{at}/sms/incoming{RETRY}"
    assert number.sms_url == ""


def test_it_says_what_changes_and_asks_first(owned, applied, type_in, asked):
    result = type_in("provision", keys="n\n")
    assert "https://old.example.org/voice" in result.stdout
    assert "Change this at the carrier?" in result.stdout
    assert (result.exit_code, asked()) == (0, [])
    assert type_in("provision", keys="y\n").exit_code == 0
    assert len(asked()) == 2


def test_when_all_is_right_nothing_is_asked_or_changed(owned, applied, type_in, asked):
    type_in("provision", "--yes")
    before = len(asked())
    result = type_in("provision")
    assert result.stdout.splitlines() == [
        f"{NUMBER} needs no change.",
        f"{TEXTS_FROM} needs no change.",
    ]
    assert len(asked()) == before


def test_a_program_learns_what_would_change_and_changes_it_with_yes(owned, applied, objects, asked):
    would = objects("provision")
    assert asked() == []
    first = next(row for row in would if row["setting"] == "voice_url")
    assert first["old"] == "https://old.example.org/voice"
    assert (first["number"], first["changed"]) == (NUMBER, False)
    assert all(row["changed"] for row in objects("provision", "--yes"))
    assert objects("provision", "--yes") == []


def test_one_number_for_calls_and_texts_is_asked_once(owned, type_in, paper, environment, asked):
    type_in("apply", paper('  texts_from: "+3197010200000"\n'))
    type_in("provision", "--yes")
    assert owned().sms_url.startswith(f"{environment['PUBLIC_URL']}/sms/incoming")
    assert len(asked()) == 1


def test_a_name_that_sends_texts_has_no_address(owned, type_in, paper, office):
    type_in("apply", paper('texts_from: "+3197010200000"', 'texts_from: "MSAPLUS"'))
    assert type_in("provision", "--yes").exit_code == 0
    assert office._floor.company.numbers[TEXTS_FROM].sms_url == ""


def test_where_a_name_sends_the_texts_those_to_the_number_that_rings_come_here(
    owned, type_in, paper, office, environment
):
    office.number("+31612340000", voice_url="https://old.example.org/voice")
    named = paper('texts_from: "+3197010200000"', 'texts_from: "MSAPLUS"')
    type_in("apply", named)
    named.write_text(named.read_text().replace(NUMBER, "+31612340000"))
    type_in("apply", named)
    assert type_in("provision", "--yes").exit_code == 0
    assert owned("+31612340000").sms_url == f"{environment['PUBLIC_URL']}/sms/incoming{RETRY}"


def test_what_would_overrule_the_addresses_is_cleared(owned, applied, type_in, office):
    office.number(NUMBER, voice_application_sid="AP" + "1" * 32, trunk_sid="TK" + "2" * 32)
    shown = type_in("provision", "--yes").stdout
    assert "voice_application_sid" in shown
    assert (owned().voice_application_sid, owned().trunk_sid) == ("", "")


def test_a_number_that_is_not_ours_stops_all_of_it(office, applied, type_in, asked):
    result = type_in("provision", "--yes")
    assert result.exit_code == 1
    assert f"{NUMBER} does not belong to this carrier account" in result.stderr
    assert asked() == []


def test_a_carrier_out_of_reach_and_one_that_refuses_are_told_apart(
    owned, applied, type_in, office, type_with
):
    office.faults(requests=[{"path": "IncomingPhoneNumbers/", "status": 400, "code": 21502}])
    assert "refuses (21502)" in type_in("provision", "--yes").stderr
    away = type_with("provision", "--yes", TWILIO_API_URL="http://127.0.0.1:1")
    assert (away.exit_code, "run this again" in away.stderr) == (1, True)


def test_the_doctor_is_content_afterwards(owned, applied, type_in):
    type_in("provision", "--yes")
    rows = map(json.loads, type_in("doctor", "--json").stdout.splitlines())
    found = {row["check"]: row["state"] for row in rows}
    assert found[f"voice, {NUMBER}"] == found[f"sms, {TEXTS_FROM}"] == "ok"
