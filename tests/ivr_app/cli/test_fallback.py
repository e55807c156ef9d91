"""`fallback` prints the TwiML that needs nothing of ours, and puts it where another host has it."""

import json

import pytest

from tests.static_host import Host


@pytest.fixture
def host():
    host = Host()
    yield host
    host.close()


@pytest.fixture
def outside(host, environment):
    """The settings name the other host."""
    environment["FALLBACK_PUT_URL"] = f"{host.url}/6f3a/line.xml"


def test_it_prints_a_document_that_dials_those_on_call_and_then_the_last_resort(applied, type_in):
    text = type_in("fallback").stdout
    assert text.startswith("<?xml")
    assert 'url="fallback-whisper.xml">+31612345601</Number>' in text
    assert text.index("+31612345601") < text.index("+31207654321")


def test_the_whisper_asks_for_a_key_and_hangs_up_without_one(applied, type_in):
    whisper = type_in("fallback", "--document", "whisper").stdout
    assert "toets 1 om aan te nemen" in whisper.lower()
    assert whisper.rstrip().endswith("<Hangup /></Response>")
    assert "+31" not in whisper
    assert "<Response />" in type_in("fallback", "--document", "joined").stdout


def test_a_program_gets_all_three_with_their_addresses(applied, objects):
    rows = objects("fallback", "--at", "https://files.example.org/6f3a/line.xml")
    assert {row["document"]: row["address"].rpartition("/")[2] for row in rows} == {
        "joined": "line-joined.xml",
        "whisper": "line-whisper.xml",
        "main": "line.xml",
    }


def test_a_file_needs_no_database(type_with, paper):
    result = type_with("fallback", "--file", paper(), DATABASE_URL="sqlite:////x")
    assert "+31612345601" in result.stdout, result.stderr


def test_it_is_put_and_the_doctor_tells_its_age(outside, host, applied, type_in):
    def doctor():
        rows = map(json.loads, type_in("doctor", "--json").stdout.splitlines())
        return next(row for row in rows if row["check"] == "static fallback")

    assert doctor()["state"] == "warn"
    assert type_in("fallback", "--put").exit_code == 0
    assert doctor()["state"] == "ok"
    assert "uploaded 0 min ago" in doctor()["message"]
    assert set(host.files) == {f"/6f3a/line{name}.xml" for name in ("", "-whisper", "-joined")}


def test_a_door_that_is_shut_is_a_sentence_without_its_address(outside, host, applied, type_in):
    host.closed = 403
    result = type_in("fallback", "--put")
    assert (result.exit_code, "HTTP 403" in result.stderr) == (1, True)
    assert "6f3a" not in result.stderr


@pytest.fixture
def elsewhere(environment):
    """The settings name where the carrier reads the document."""
    environment["FALLBACK_URL"] = "https://files.example.org/6f3a/line.xml"


def test_provision_falls_back_to_it_where_an_address_is_given(office, elsewhere, applied, objects):
    office.number("+31201234567")
    changed = {row["setting"]: row["new"] for row in objects("provision")}
    assert changed["voice_fallback_url"].startswith("https://files.example.org/6f3a/line.xml#")
    assert changed["voice_fallback_method"] == "GET"
