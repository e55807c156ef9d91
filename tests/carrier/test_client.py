"""Our requests to the carrier, over real HTTP, and the three ways in which they go wrong."""

import datetime as dt
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from carrier.client import (
    CarrierAccount,
    CarrierClient,
    NotDoneError,
    OutgoingCall,
    RefusedError,
    UnsureError,
)
from devtools.phone_company.company import Account as CompanyAccount
from devtools.phone_company.driver.office import Office
from routing.events import Heard

OURS = "+31201234567"
SANNE = "+31612345601"


@pytest.fixture
def office():
    account = CompanyAccount("AC" + "a1" * 16, "t0ken", "SK" + "b2" * 16, "s3cret")
    with Office(account, manual=True) as office:
        office.number(OURS)
        yield office


@pytest.fixture
def telephone(office):
    telephone = CarrierClient(
        CarrierAccount(office.account.sid, office.account.token, api_url=office.url)
    )
    yield telephone
    telephone.close()


def placing(to=SANNE):
    url = "http://127.0.0.1:9/x"
    return OutgoingCall(to, OURS, url, url, url, 30)


def test_a_call_is_placed_found_and_silenced(office, telephone):
    before = office.now - dt.timedelta(seconds=1)
    sid = telephone.place(placing())
    assert telephone.placed_since(SANNE, OURS, before) == sid
    assert telephone.placed_since(SANNE, OURS, office.now + dt.timedelta(seconds=5)) is None
    assert telephone.read_status(sid) is Heard.RINGING
    assert telephone.cancel_call(sid) is Heard.CANCELED
    assert telephone.placed_since(SANNE, OURS, before) is None


def test_a_call_that_was_answered_is_not_silenced(office, telephone):
    sid = telephone.place(placing())
    office.answer_next(SANNE)
    assert telephone.cancel_call(sid) in (Heard.ANSWERED, Heard.COMPLETED)


def test_an_api_key_is_used_where_there_is_one(office):
    account = CarrierAccount(
        office.account.sid, "not the token", office.account.key, office.account.secret, office.url
    )
    assert CarrierClient(account).place(placing())


def test_a_number_the_carrier_refuses_is_refused_with_its_code(telephone):
    with pytest.raises(RefusedError) as refusal:
        telephone.place(placing(to="12"))
    assert refusal.value.code == "21211"


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        ({"status": 429, "code": 20429}, NotDoneError),
        ({"status": 500}, UnsureError),
        ({"close": "after"}, UnsureError),
    ],
)
def test_what_goes_wrong_is_one_of_three_things(office, telephone, fault, wrong):
    office.faults(requests=[{"method": "POST", "path": "Calls.json", **fault}])
    with pytest.raises(wrong):
        telephone.place(placing())


def test_a_carrier_that_is_not_there_was_certainly_not_asked():
    nobody = CarrierClient(CarrierAccount("AC1", "t", api_url="http://127.0.0.1:9"))
    with pytest.raises(NotDoneError):
        nobody.place(placing())


class Odd(BaseHTTPRequestHandler):
    """A carrier that answers 201 with something else than a call."""

    said = b""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(self.said)

    def log_message(self, *args):
        pass


@pytest.mark.parametrize("said", [b"{}", b'{"sid": null}', b'{"sid": ""}', b"", b"[]", b"<x/>"])
def test_an_answer_that_names_no_call_leaves_it_unsure(said):
    server = HTTPServer(("127.0.0.1", 0), type("Said", (Odd,), {"said": said}))
    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()
    telephone = CarrierClient(
        CarrierAccount("AC1", "x", api_url=f"http://127.0.0.1:{server.server_port}")
    )
    try:
        with pytest.raises(UnsureError):
            telephone.place(placing())
        if said.startswith(b"{"):
            assert telephone.text(SANNE, OURS, "x", "http://127.0.0.1:9/x") is None
    finally:
        telephone.close()
        server.shutdown()
        serving.join()
        server.server_close()
