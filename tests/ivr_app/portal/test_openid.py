"""Signing in with the OpenID provider of a customer, over real HTTP."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import requests

from routing.contracts import OpenIdProvider
from store.people.lines import apply_line
from tests.ivr_app.console.oidc_provider import CLIENT, SECRET, provider_running
from tests.ivr_app.portal.conftest import (
    BAKERY,
    KARIN,
    NOORD,
    SMIT,
    change_contact,
    change_contract,
)

EMAIL = "karin@example.org"
DOOR = "/sign-in/with/main/noord"


@pytest.fixture
def provider(board, read, monkeypatch):
    """The provider of Noord, which knows Karin."""
    monkeypatch.setenv("OPENID_NOORD", SECRET)
    with provider_running() as running:
        running.claims = {"sub": "17", "email": EMAIL, "email_verified": True}
        known = OpenIdProvider("noord", running.url, CLIENT, "OPENID_NOORD")
        line = replace(read.line, openid=(known,))
        apply_line(board.engine, line, read.contracts, board.call_service.clock())
        change_contract(board, NOORD, openid="noord")
        yield running


def come_back(visit, path=DOOR, alter=lambda query: query):
    """Go to the provider and come back, with what it gave changed on the way."""
    there = visit.get(path)
    assert there.status_code == 302, there.text
    answer = requests.get(there.location, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}" == "http://localhost"
    return visit.get(f"{back.path.removeprefix('/portal')}?{alter(back.query)}")


def is_in(visit) -> bool:
    return visit.get("/").status_code == 200


def test_a_contact_is_signed_in_by_the_provider_of_the_contract(customer, provider):
    karin = customer()
    assert come_back(karin, f"{DOOR}?next=/portal/company/").location == "/portal/company/"
    page = karin.get("/company").text
    assert KARIN in page
    assert f'href="/portal{DOOR}"' in page


def test_a_mail_address_in_capitals_is_the_same(customer, provider):
    provider.claims["email"] = "Karin@Example.ORG"
    karin = customer()
    come_back(karin)
    assert is_in(karin)


@pytest.mark.parametrize(
    "lies",
    [
        {"email": "joost@example.org"},  # a contact of another company
        {"email": "nobody@example.org"},
        {"email": ""},
        {"email": None},
        {"email_verified": False},
        {"email_verified": None},
        {"email": ["karin@example.org"]},
    ],
)
def test_the_provider_vouches_for_contacts_of_its_contracts_only(customer, provider, lies):
    provider.claims |= lies
    thief = customer()
    answer = come_back(thief)
    assert (answer.status_code, 'data-reason="unknown"' in answer.text) == (403, True)
    assert not is_in(thief)


def test_the_line_may_trust_a_provider_that_never_says_verified(customer, provider, board):
    del provider.claims["email_verified"]
    strict = customer()
    assert come_back(strict).status_code == 403
    line = board.portal.lines.find_line("main")
    trusted = replace(line, openid=(replace(line.openid[0], unverified_emails=True),))
    now = board.call_service.clock()
    apply_line(board.engine, trusted, [board.portal.lines.find_contract("main", BAKERY)], now)
    karin = customer()
    come_back(karin)
    assert is_in(karin)


def test_another_contract_with_the_address_is_not_opened(customer, provider, board):
    change_contact(board, SMIT, 0, email=EMAIL)
    karin = customer()
    come_back(karin)
    assert "Vertaalbureau Noord" in karin.get("/").text


def test_a_contact_of_two_contracts_of_the_provider_chooses(customer, provider, board):
    change_contract(board, SMIT, openid="noord")
    change_contact(board, SMIT, 0, email=EMAIL)
    karin = customer()
    assert come_back(karin).location == "/portal/sign-in/with/contract"
    page = karin.get("/sign-in/with/contract").text
    assert ("Fietsenmaker Smit" in page, is_in(karin)) == (True, False)
    now = board.call_service.clock()
    smit = board.portal.find_by_name("main", SMIT, "joost smit", now)
    name = board.portal.proofs.hash_contact(smit)
    assert customer().post("/sign-in/with/contract", contract=name).status_code == 404
    assert karin.post("/sign-in/with/contract", contract=name).status_code == 302
    assert "Fietsenmaker Smit" in karin.get("/").text


def test_the_session_ends_when_the_contract_names_the_provider_no_more(customer, provider, board):
    karin = customer()
    come_back(karin)
    assert is_in(karin)
    change_contract(board, NOORD, openid=None)
    assert not is_in(karin)


@pytest.mark.parametrize(
    "alter", [lambda query: query.replace("state=", "state=x"), lambda query: "error=access_denied"]
)
def test_what_another_browser_or_nobody_began_signs_nobody_in(customer, provider, alter):
    thief = customer()
    answer = come_back(thief, alter=alter)
    assert (answer.status_code, 'data-reason="away"' in answer.text) == (403, True)
    assert not is_in(thief)


def test_a_provider_whose_issuer_or_key_is_not_its_own_signs_nobody_in(customer, provider):
    provider.issuer = "https://evil.example"
    answer = customer().get(DOOR)
    assert (answer.status_code, 'data-reason="away"' in answer.text) == (403, True)


def test_without_its_secret_a_provider_is_away(customer, provider, monkeypatch):
    monkeypatch.delenv("OPENID_NOORD")
    assert customer().get(DOOR).status_code == 403


@pytest.mark.parametrize("path", ["/sign-in/with/main/other", "/sign-in/with/nowhere/noord"])
def test_an_unknown_provider_is_not_there(customer, provider, path):
    assert customer().get(path).status_code == 404


def test_a_code_still_opens(customer, provider, post):
    karin = customer()
    karin.ask(EMAIL)
    (mail,) = post.deliver()
    assert karin.post(mail.link).status_code == 302
