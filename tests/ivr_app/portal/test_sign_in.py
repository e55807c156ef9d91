"""Signing in with a code or a link: once, in ten minutes, and without a word about who is known."""

import re

import pytest
from structlog.testing import capture_logs

from ivr_app.portal import sign_in
from routing.line import Channel
from store.work.rate_limits import Backoff
from tests.ivr_app.portal.conftest import (
    ALICE,
    KARIN,
    NOORD,
    SMIT,
    change_contact,
    change_contract,
)

EMAIL, PHONE = "karin@example.org", "+31612345682"


def signed_in(customer) -> bool:
    return customer.get("/").status_code == 200


def test_a_code_by_mail_signs_in(customer, post):
    karin = customer()
    assert karin.ask(EMAIL).location == "/portal/sign-in/code"
    (mail,) = post.deliver()
    assert (mail.channel, mail.to) == (Channel.EMAIL, EMAIL)
    assert karin.post("/sign-in/code", code=mail.code).location == "/portal/"
    assert "Vertaalbureau Noord" in karin.get("/").text
    assert KARIN in karin.get("/").text


@pytest.mark.parametrize("typed", [PHONE, "06 12 34 56 82", "0031612345682"])
def test_a_code_by_text_signs_in(customer, post, typed):
    karin = customer()
    karin.ask(typed)
    (text,) = post.deliver()
    assert (text.channel, text.to) == (Channel.SMS, PHONE)
    blanks = f"{text.code[:4]} {text.code[4:]}"
    assert karin.post("/sign-in/code", code=blanks).location == "/portal/"
    assert signed_in(karin)


def test_a_text_names_nobody_and_holds_no_link(customer, post):
    customer().ask(PHONE)
    (text,) = post.deliver()
    assert not re.search("Karin|Noord|http|prioriteitslijn", text.words)


def test_a_link_signs_in_also_in_another_browser_and_only_when_the_button_is_pressed(
    customer, post
):
    customer().ask(EMAIL)
    (mail,) = post.deliver()
    scanner, karin = customer(), customer()
    for _ in range(3):
        assert scanner.get(mail.link).status_code == 200
    assert not signed_in(scanner)
    assert karin.post(mail.link).location == "/portal/"
    assert signed_in(karin)


def test_code_and_link_work_once_between_them(customer, post):
    karin = customer()
    karin.ask(EMAIL)
    (mail,) = post.deliver()
    assert karin.post(mail.link).status_code == 302
    assert customer().get(mail.link).status_code == 404
    assert customer().post(mail.link).status_code == 404
    other = customer()
    other.ask(EMAIL)
    assert other.post("/sign-in/code", code=mail.code).status_code == 403


def test_a_used_link_leads_whoever_is_signed_in_to_their_reports(customer, post):
    karin = customer()
    karin.ask(EMAIL)
    (mail,) = post.deliver()
    karin.post(mail.link)
    page = karin.get(mail.link)
    assert (page.status_code, "Naar uw meldingen" in page.text) == (404, True)
    assert "Vraag een nieuwe" not in page.text
    assert "Vraag een nieuwe" in customer().get(mail.link).text


def test_code_and_link_work_for_ten_minutes(customer, post, clock):
    karin = customer()
    karin.ask(EMAIL)
    (mail,) = post.deliver()
    clock.tick(600)
    assert karin.post("/sign-in/code", code=mail.code).status_code == 403
    assert karin.post(mail.link).status_code == 404


def test_a_code_opens_only_in_the_browser_that_asked(customer, post):
    karin, thief = customer(), customer()
    karin.ask(EMAIL)
    (mail,) = post.deliver()
    assert thief.post("/sign-in/code", code=mail.code).status_code == 403


def test_five_codes_may_be_typed(customer, post):
    karin = customer()
    karin.ask(EMAIL)
    (mail,) = post.deliver()
    wrong = f"{(int(mail.code) + 1) % 10**8:08d}"
    for _ in range(5):
        assert karin.post("/sign-in/code", code=wrong).status_code == 403
    assert karin.post("/sign-in/code", code=mail.code).status_code == 403
    assert not signed_in(karin)


def test_an_unknown_address_sees_the_same_pages_and_gets_nothing(customer, post):
    seen = []
    for address in (EMAIL, "nobody@example.org"):
        stranger = customer()
        pages = [stranger.ask(address), stranger.get("/sign-in/code")]
        pages.append(stranger.post("/sign-in/code", code="00000000"))
        tokens = re.compile(r'name="csrf_token" value="[^"]*"')
        seen.append([(page.status_code, tokens.sub("", page.text)) for page in pages])
    assert seen[0] == seen[1]
    assert [mail.to for mail in post.deliver()] == [EMAIL]


def test_no_page_address_or_cookie_holds_what_was_typed(customer):
    karin = customer()
    answer = karin.ask(EMAIL)
    assert "karin" not in answer.location
    assert "karin" not in karin.get("/sign-in/code").text
    cookie = karin.client.get_cookie("portal", path="/portal")
    assert "karin" not in cookie.decoded_value


@pytest.mark.parametrize("typed", ["", "karin", "karin@nowhere", "12", "a b@example.org"])
def test_what_is_no_address_is_said_to_be_none(customer, typed):
    answer = customer().ask(typed)
    assert (answer.status_code, "geen e-mailadres of telefoonnummer" in answer.text) == (422, True)


def test_a_landline_gets_no_text(customer, post, board):
    customer().ask("+31208881102")
    assert post.deliver() == []


def test_one_address_gets_a_few_codes_and_then_waits(customer, post):
    karin = customer()
    answers = [karin.ask(EMAIL).status_code for _ in range(12)]
    assert (answers[:5], 429 in answers[5:]) == ([302] * 5, True)
    assert customer().ask("joost@example.org").status_code == 302


def test_strangers_send_few_texts_to_one_number(customer, post, monkeypatch):
    monkeypatch.setattr(sign_in, "ADDRESS_BACKOFF", Backoff(free=99, longest=300))
    known = customer()
    known.ask(PHONE)
    known.post("/sign-in/code", code=post.deliver()[0].code)
    known.post("/sign-in/out")
    with capture_logs() as logs:
        answers = [customer().ask(PHONE) for _ in range(8)]
    assert [one.status_code for one in answers] == [302] * 5 + [429] * 3
    assert "Gebruik uw e-mailadres" in answers[-1].text
    assert len(post.deliver()) == 5
    throttled = [one for one in logs if one["log_level"] == "warning"]
    assert ([one["subject"] for one in throttled], PHONE in str(logs)) == (["texts"] * 3, False)
    assert known.ask(PHONE).status_code == 302
    assert customer().ask(EMAIL).status_code == 302


def test_whoever_asks_for_many_codes_locks_no_known_browser_out(customer, post):
    karin, stranger = customer(), customer()
    karin.ask(EMAIL)
    karin.post(post.deliver()[0].link)
    karin.post("/sign-in/out")
    assert 429 in [stranger.ask(EMAIL).status_code for _ in range(12)]
    assert karin.ask(EMAIL).status_code == 302
    assert stranger.client.get_cookie("known", path="/portal") is None
    cookie = karin.client.get_cookie("known", path="/portal")
    assert (cookie.http_only, "karin" in cookie.decoded_value) == (True, False)
    assert 429 in [karin.ask(EMAIL).status_code for _ in range(12)]


def test_a_contact_who_has_ended_and_a_plan_without_the_portal_do_not_get_in(customer, post, board):
    day = board.call_service.clock().date()
    change_contact(board, NOORD, 0, ends=day.replace(day=day.day - 1))
    customer().ask(EMAIL)
    assert post.deliver() == []


def test_an_expired_contract_still_shows_its_incidents(customer, post, board):
    day = board.call_service.clock().date()
    change_contract(board, SMIT, valid_until=day.replace(day=day.day - 1))
    joost = customer()
    joost.ask("joost@example.org")
    (mail,) = post.deliver()
    assert joost.post(mail.link).status_code == 302
    assert signed_in(joost)


def test_a_contact_of_two_contracts_chooses_one(customer, post, board):
    change_contact(board, SMIT, 0, email=EMAIL)
    karin = customer()
    karin.ask(EMAIL)
    (mail,) = post.deliver()
    assert karin.post("/sign-in/code", code=mail.code).location == "/portal/sign-in/contract"
    assert not signed_in(karin)
    assert customer().get(mail.link).status_code == 404
    page = karin.get("/sign-in/contract").text
    names = dict(re.findall(r'name="contract" value="(\w+)">([^,]+),', page))
    assert sorted(names.values()) == ["Fietsenmaker Smit", "Vertaalbureau Noord"]
    (smit,) = (name for name, company in names.items() if company == "Fietsenmaker Smit")
    assert customer().post("/sign-in/contract", contract=smit).status_code == 404
    assert karin.post("/sign-in/contract", contract=smit).status_code == 302
    assert "Fietsenmaker Smit" in karin.get("/").text
    other = next(iter(names.keys() - {smit}))
    assert karin.post("/sign-in/contract", contract=other).status_code == 404


def test_the_language_is_that_of_the_browser_or_else_of_the_contact(customer, post, board):
    for language, word in (("en", "Sign in"), ("nl", "Aanmelden"), ("fr", "Sign in")):
        change_contact(board, NOORD, 1, email="alice@example.org")  # her language is English
        customer(language).ask("alice@example.org")
        (mail,) = post.deliver()
        assert mail.subject.startswith(word), language


def test_a_session_ends_by_itself(karin, clock):
    assert signed_in(karin)
    clock.tick(12 * 3600)
    assert not signed_in(karin)


def test_every_session_of_a_contact_ends_with_one_button(customer, board):
    here, there = (customer().come_in(board, NOORD, KARIN) for _ in range(2))
    alice = customer().come_in(board, NOORD, ALICE)
    answer = here.post("/sign-in/out/everywhere")
    assert answer.location == "/portal/sign-in/"
    assert (signed_in(here), signed_in(there), signed_in(alice)) == (False, False, True)


def test_signing_out_ends_the_session_and_not_only_the_cookie(karin, customer):
    cookie = karin.client.get_cookie("portal", path="/portal").value
    karin.post("/sign-in/out")
    thief = customer()
    thief.client.set_cookie("portal", cookie, path="/portal")
    assert not signed_in(thief)


def test_a_session_ends_with_the_contact_or_the_address(karin, board, customer):
    assert signed_in(karin)
    change_contact(board, NOORD, 0, email="k.noord@example.org")
    assert not signed_in(karin)
    again = customer().come_in(board, NOORD, KARIN)
    assert signed_in(again)
    change_contract(board, NOORD, contacts=())
    assert not signed_in(again)


def test_a_page_that_was_wanted_is_opened_after_the_sign_in(customer, post):
    karin = customer()
    door = karin.get("/?after=7").location
    karin.client.get(door)
    karin.ask(EMAIL)
    (mail,) = post.deliver()
    assert karin.post("/sign-in/code", code=mail.code).location == "/portal/?after=7"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/console/"])
def test_no_page_elsewhere_is_opened(customer, post, wanted):
    karin = customer()
    karin.get(f"/sign-in?next={wanted}")
    karin.ask(EMAIL)
    (mail,) = post.deliver()
    assert karin.post("/sign-in/code", code=mail.code).location == "/portal/"
