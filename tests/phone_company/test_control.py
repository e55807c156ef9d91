"""The back office over HTTP, and the company as a process of its own."""

import signal
import subprocess
import sys

import pytest
import requests

from devtools.processes.tied import tied_to_us
from tests.phone_company.conftest import ACCOUNT, CALLER, OURS, SANNE


@pytest.fixture
def desk(office):
    def ask(method, path, **body):
        answer = requests.request(method, f"{office.url}/company{path}", json=body, timeout=5)
        return answer.status_code, answer.json() if answer.ok else answer.text

    return ask


def test_a_whole_call_through_the_back_office(line, desk):
    line.says("/voice", "<Gather numDigits='1' action='/next'><Say>Toets 1</Say></Gather>")
    line.says("/next", f"<Dial>{SANNE}</Dial>")
    _, placed = desk("POST", "/calls", **{"from": CALLER, "to": OURS})
    call = placed["call"]
    assert desk("POST", "/idle") == (200, {"idle": True})
    _, shown = desk("GET", f"/calls/{call}")
    assert shown["asking"]["verb"] == "Gather"
    assert [e["text"] for e in shown["transcript"] if e["what"] == "say"] == ["Toets 1"]
    desk("POST", f"/calls/{call}/keys", digits="1")
    desk("POST", "/idle")
    _, phones = desk("GET", "/phones")
    [leg] = phones["phones"][0]["ringing"]
    desk("POST", f"/calls/{leg}/answer")
    desk("POST", "/idle")
    assert desk("GET", f"/calls/{call}")[1]["bridged_with"] == leg
    desk("POST", f"/calls/{leg}/speak", seconds=1, text="goedenacht")
    assert desk("GET", f"/calls/{call}")[1]["transcript"][-1]["text"] == "goedenacht"
    desk("POST", f"/calls/{call}/hangup")
    assert desk("GET", f"/calls?number={SANNE}&live=1")[1] == {"calls": []}
    assert desk("POST", f"/calls/{leg}/answer")[0] == 409


def test_a_telephone_is_named_by_its_number(line, desk, office):
    line.says("/voice", "<Gather numDigits='1' action='/next'><Say>Toets 1</Say></Gather>")
    line.says("/next", f"<Dial>{SANNE}</Dial>")
    assert desk("POST", f"/calls/{CALLER}/keys", digits="1")[0] == 404
    assert desk("POST", f"/calls/{SANNE}/answer?wait=0.05")[0] == 404
    _, first = desk("POST", "/calls", **{"from": CALLER, "to": OURS})
    heard = f"{office.url}/company/calls/{CALLER}/heard"
    assert requests.get(heard, {"until": "toets 1", "wait": 5}, timeout=9).text == "Toets 1\n"
    desk("POST", f"/calls/{CALLER}/keys", digits="1")
    assert desk("POST", f"/calls/{SANNE}/answer?wait=5")[1]["to"] == SANNE
    assert requests.get(heard, {"until": "toets 1", "wait": 5}, timeout=9).text == "Toets 1\n"
    desk("POST", f"/calls/{CALLER}/hangup")
    desk("POST", "/idle")
    _, second = desk("POST", "/calls", **{"from": CALLER, "to": OURS})
    assert desk("GET", f"/calls/{CALLER}")[1]["call"] == second["call"] != first["call"]
    desk("POST", f"/calls/{CALLER}/hangup")
    assert desk("GET", f"/calls/{CALLER}")[1]["call"] == second["call"]


def test_settings_are_read_and_refused(desk):
    assert desk("PUT", f"/phones/{SANNE}", behaviour="busy")[1]["behaviour"] == "busy"
    assert desk("PUT", f"/phones/{SANNE}", behaviour="sings")[0] == 400
    assert desk("PUT", "/faults", duplicate="all")[1]["duplicate"] == "all"
    assert desk("PUT", "/faults", gremlins=True)[0] == 400
    assert desk("DELETE", "/faults")[1]["duplicate"] == "none"
    assert desk("PUT", f"/numbers/{OURS}", voice_url="http://x/")[1]["voice_url"] == "http://x/"
    before = desk("GET", "/clock")[1]["now"]
    assert desk("POST", "/clock/advance", seconds=60)[1]["now"] > before
    assert desk("POST", "/calls", **{"from": CALLER, "to": "+31000000000"})[0] == 404


def test_the_news_can_be_waited_for(line, desk):
    line.says("/voice", "<Pause length='9'/>")
    assert desk("GET", "/events?after=9999&wait=0.05")[1] == {"events": []}
    desk("POST", "/calls", **{"from": CALLER, "to": OURS})
    events = desk("GET", "/events?after=0&wait=5")[1]["events"]
    assert events[0]["what"] == "call"
    desk("POST", "/idle")
    assert desk("GET", "/webhooks")[1]["webhooks"][0]["url"].endswith("/voice")
    assert desk("GET", "/requests")[1] == {"requests": []}


def test_the_company_runs_as_a_process_and_ends_when_told(line):
    options = ["--account", ACCOUNT.sid, "--token", ACCOUNT.token, "--number", OURS]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "devtools.phone_company",
            *options,
            "--voice-url",
            f"{line.url}/voice",
        ],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=tied_to_us(),
    )
    with process:
        url = process.stdout.readline().strip()
        requests.post(f"{url}/company/calls", json={"from": CALLER, "to": OURS}, timeout=60)
        requests.post(f"{url}/company/idle", timeout=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert line.asked("/voice")[0]["From"] == CALLER
