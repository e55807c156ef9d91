"""Every address of the portal, with what is another customer's in it, is a 404; without a session
it leads to the sign-in. The addresses are found, so that a new one is tried too."""

import re

import pytest

from ivr_app.portal.session import PortalRole
from ivr_app.web import PUBLIC, STATIC_FILES, find_needs
from routing.call import Entitlement, Identity
from routing.call_service import lodge
from routing.correspondence import Author, Upload
from routing.decision import Decision
from routing.events import Chose, CustomerWrote, Lodged
from routing.incident import IncidentSource
from routing.jobs import FetchRecording, Job
from routing.message import Via
from routing.recording import Purpose, Recording
from tests.ivr_app.portal.conftest import JOOST, KARIN, NOORD, SMIT, change_contact
from tests.store.test_media_files import spoken

DOOR = {"show", "ask", "code", "code_typed", "link", "link_used", "choose", "chosen", "language"}
OPEN = {f"sign_in.{name}" for name in DOOR}
OPEN |= {f"openid.{name}" for name in ("go", "back", "choose", "chosen")}
"""All that is there for whoever is not signed in."""

WORDS = "the bookkeeping of Noord has stopped"
SECRETS = (WORDS, "Noord", KARIN, "karin@example.org", "31612345682", NOORD)
"""What nobody of another company may read anywhere."""


@pytest.fixture
def incident(board):
    """An incident of Noord."""
    who = Identity(NOORD, "Vertaalbureau Noord", KARIN, "msa_plus", "+31612345682")
    lodged = Lodged(
        "a" * 32,
        "main",
        IncidentSource.API,
        3,
        "nl",
        Entitlement.ENTITLED,
        who,
        words=WORDS,
        subject=WORDS,
    )
    return lodge(board.call_service, lodged).incident


@pytest.fixture
def theirs(board, incident):
    """What is Noord's, by the name of an argument in an address."""
    now, portal = board.call_service.clock(), board.portal
    account = portal.find_by_name("main", NOORD, KARIN.lower(), now)
    return {
        "number": incident.number,
        "contact": portal.proofs.hash_contact(account),
        "file": leave_file(board, incident),
        "recording": leave_message(board, incident),
    }


def leave_file(board, incident):
    """Karin sends a file; its id."""
    desk, now = board.call_service, board.call_service.clock()
    upload = Upload("main", WORDS, "", Author.CUSTOMER, KARIN, Via.PORTAL, NOORD)
    file = desk.calls.correspondence.write_file(upload, [b"a file"], 100, now)
    wrote = CustomerWrote(incident.key, "b" * 32, KARIN, Via.PORTAL, WORDS, (file.id,))
    desk.happen(wrote)
    return file.id


def leave_message(board, incident):
    """Karin calls about it and leaves a message; its id."""
    desk, now = board.call_service, board.call_service.clock()
    call = desk.answer("CA" + "1" * 32, "+31201234567", "+31612345682").case.call
    call = desk.pin_keyed(call.id, call.turn, "508316#").case.call
    case = desk.happen(Chose(call.id, call.turn, "1"))
    said = Recording(
        "c" * 32, "main", incident.key, now, Purpose.MESSAGE, "http://c/RE1", case.call.id
    )
    fetched = (Job(now, FetchRecording(said.id)),)
    desk.save(case, Decision(case, recordings=(said,), jobs=fetched))
    board.recordings.keep(said, [spoken(4)], "audio/x-wav", now)
    return said.id


@pytest.fixture
def addresses(portal):
    """Endpoint, address and methods of each view that is not open to everybody."""
    return [
        (rule, rule.methods & {"GET", "POST"})
        for rule in portal.url_map.iter_rules()
        if rule.endpoint not in STATIC_FILES
        and find_needs(portal.view_functions[rule.endpoint]) is not PUBLIC
    ]


@pytest.fixture
def stranger(customer, board):
    """Joost, who administers the contract of another company."""
    change_contact(board, SMIT, 0, admin=True)
    return customer().come_in(board, SMIT, JOOST)


def fill(rule, values):
    """The path of a rule with these values; a new argument must be given one in ``theirs``."""
    missing = rule.arguments - set(values)
    assert missing == set(), f"say in `theirs` what {missing} of {rule.rule} are for Noord"
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), rule.rule)


def send(visit, method, path):
    return visit.get(path) if method == "GET" else visit.post(path)


def test_every_view_says_who_may_use_it(portal):
    views = {rule.endpoint for rule in portal.url_map.iter_rules()} - set(STATIC_FILES)
    needs = {name: find_needs(portal.view_functions[name]) for name in views}
    assert {name for name, who in needs.items() if who is PUBLIC} == OPEN
    assert [name for name, who in needs.items() if who not in (PUBLIC, *PortalRole)] == []


def test_what_is_another_customers_is_not_there(addresses, theirs, stranger):
    tried = [
        (method, path, send(stranger, method, path).status_code)
        for rule, methods in addresses
        if rule.arguments
        for path in [fill(rule, theirs)]
        for method in methods
    ]
    assert [one for one in tried if one[2] != 404] == []


def test_the_same_addresses_are_there_for_the_customer(addresses, theirs, karin):
    """Or the test above would pass for addresses that nobody can open."""
    pages = [fill(rule, theirs) for rule, methods in addresses if "GET" in methods]
    assert [path for path in pages if karin.get(path).status_code not in (200, 302)] == []


def test_no_page_shows_anything_of_another_customer(addresses, incident, stranger, karin):
    pages = [rule.rule for rule, methods in addresses if "GET" in methods and not rule.arguments]
    shown = [(path, word) for path in pages for word in SECRETS if word in stranger.get(path).text]
    assert (len(pages) > 0, shown) == (True, [])
    assert WORDS in karin.get("/").text


def test_without_a_session_every_address_leads_to_the_sign_in(addresses, theirs, customer):
    nobody = customer()
    for rule, methods in addresses:
        for method in methods:
            answer = send(nobody, method, fill(rule, theirs))
            assert answer.status_code == 302, rule
            assert answer.location.startswith("/portal/sign-in/"), rule


def test_a_form_that_is_not_ours_is_refused(addresses, theirs, karin):
    for rule, methods in addresses:
        if "POST" in methods:
            answer = karin.post(fill(rule, theirs), csrf_token="forged")
            assert answer.status_code == 400, rule


def test_a_session_of_the_console_opens_nothing_here(signed_in, customer, app):
    staff = signed_in("admin")
    cookie = staff.client.get_cookie("console", path="/console").value
    thief = customer()
    thief.client.set_cookie("portal", cookie, path="/portal")
    assert thief.get("/").status_code == 302
