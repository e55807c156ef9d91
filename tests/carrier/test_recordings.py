"""Recordings at the carrier: our credentials go to the carrier's own host and to no other."""

import base64
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from carrier.client import (
    CarrierAccount,
    RecordingFetcher,
    RecordingNotFoundError,
    RecordingUnavailableError,
)

LOGIN = "Basic " + base64.b64encode(b"AC1:t0ken").decode()


class Host(BaseHTTPRequestHandler):
    """Gives what it is told to give, and remembers who asked."""

    def do_GET(self):
        server = self.server
        server.asked.append((self.path, self.headers.get("Authorization")))
        status, headers, body = server.answers.get(self.path.split("/")[-1], (404, {}, b""))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def hosts():
    """The carrier's host, and one that is none of its."""
    opened = [HTTPServer(("127.0.0.1", 0), Host) for _ in range(2)]
    threads = [threading.Thread(target=host.serve_forever, args=(0.02,)) for host in opened]
    for host, thread in zip(opened, threads, strict=True):
        host.asked, host.answers = [], {}
        host.url = f"http://127.0.0.1:{host.server_port}"
        thread.start()
    yield opened
    for host, thread in zip(opened, threads, strict=True):
        host.shutdown()
        thread.join()
        host.server_close()


def media(api_url=None):
    return RecordingFetcher(CarrierAccount("AC1", "t0ken", api_url=api_url))


def fetched(carrier, name="RE1", url=None):
    with media(carrier.url).fetch(url or f"{carrier.url}/Recordings/{name}", name) as stream:
        return stream.content_type, b"".join(stream.chunks)


def test_a_recording_comes_with_our_credentials(hosts):
    carrier, _ = hosts
    carrier.answers["RE1"] = (200, {"Content-Type": "audio/x-wav; x=y"}, b"RIFF")
    assert fetched(carrier) == ("audio/x-wav", b"RIFF")
    assert carrier.asked == [("/Recordings/RE1", LOGIN)]


def test_an_address_elsewhere_is_never_asked_but_the_carriers_own(hosts):
    carrier, stranger = hosts
    carrier.answers["RE1"] = (200, {"Content-Type": "audio/x-wav"}, b"RIFF")
    assert fetched(carrier, url=f"{stranger.url}/Recordings/RE1") == ("audio/x-wav", b"RIFF")
    assert carrier.asked == [("/2010-04-01/Accounts/AC1/Recordings/RE1", LOGIN)]
    assert stranger.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/Recordings/RE1",
        "https://api.twilio.com.evil.example/Recordings/RE1",
        "https://api.twilio.com@evil.example/Recordings/RE1",
        "https://evil.example\\@api.twilio.com/Recordings/RE1",
        "https://evil.example/https://api.twilio.com/Recordings/RE1",
        "//evil.example/RE1",
        "http://169.254.169.254/latest/RE1",
        "file:///etc/RE1",
    ],
)
def test_an_address_that_only_looks_like_the_carriers_is_not_asked(url):
    own = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"
    assert media().address(url, "RE1") == own


def test_a_region_of_the_carrier_is_asked_where_it_says():
    region = media("https://api.ie1.twilio.com/")
    url = "https://api.ie1.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"
    assert region.address(url, "RE1") == url


def test_who_is_sent_on_to_another_host_leaves_the_credentials_behind(hosts):
    carrier, stranger = hosts
    elsewhere = f"http://localhost:{stranger.server_port}/RE2"
    carrier.answers["RE1"] = (302, {"Location": elsewhere}, b"")
    stranger.answers["RE2"] = (200, {"Content-Type": "audio/mpeg"}, b"ID3")
    assert fetched(carrier) == ("audio/mpeg", b"ID3")
    assert stranger.asked == [("/RE2", None)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((404, {}, b""), RecordingNotFoundError),
        ((410, {}, b""), RecordingNotFoundError),
        ((401, {"Content-Type": "audio/x-wav"}, b"RIFF"), RecordingUnavailableError),
        ((500, {}, b""), RecordingUnavailableError),
        ((200, {"Content-Type": "text/html"}, b"<html>"), RecordingUnavailableError),
    ],
)
def test_what_is_no_recording_is_not_taken_for_one(hosts, answer, error):
    hosts[0].answers["RE1"] = answer
    with pytest.raises(error):
        fetched(hosts[0])


def test_an_api_key_is_used_where_there_is_one(hosts):
    carrier, _ = hosts
    carrier.answers["RE1"] = (200, {"Content-Type": "audio/x-wav"}, b"RIFF")
    by_key = RecordingFetcher(CarrierAccount("AC1", "t0ken", "SK1", "secret", carrier.url))
    with by_key.fetch(f"{carrier.url}/RE1", "RE1"):
        pass
    assert carrier.asked[0][1] == "Basic " + base64.b64encode(b"SK1:secret").decode()
