"""My company: what a contact sees of the contract, and what an administrator changes."""

import re
from dataclasses import replace

import pytest

from store.people.audit import AuditLog
from store.people.hashing import Argon2PinVerifier
from store.people.lines import apply_line
from tests.ivr_app.console.contracts.conftest import mark_in
from tests.ivr_app.portal.conftest import (
    ALICE,
    BAKERY,
    JOOST,
    KARIN,
    NOORD,
    SMIT,
    change_contact,
    change_contract,
)

BOB = {
    "name": "Bob Noord",
    "phones": "06 12 34 56 99",
    "language": "nl",
    "email": "bob@example.org",
}


@pytest.fixture
def alice(customer, board):
    """A contact of Noord who administers nothing."""
    return customer("en").come_in(board, NOORD, ALICE)


@pytest.fixture
def roomy(board):
    """The contract of Noord has room for more contacts: its plan has no limit."""
    change_contract(board, NOORD, plan="standard")


def name_of(board, name, number=NOORD):
    """The name of a contact in addresses."""
    now = board.call_service.clock()
    return board.portal.proofs.hash_contact(
        board.portal.find_by_name("main", number, name.lower(), now)
    )


def forms_of(page):
    return re.findall(r'action="/portal(/company[^"]*)"', page)


def pin_in(page):
    found = re.search(r"<code>(\d+)</code>", page)
    return found and found[1]


def test_a_contact_sees_the_contract_and_its_premium_incidents(karin):
    page = karin.get("/company").text
    for words in ("MSA Plus", "van 12 gebruikt", "Nog 12 over.", "2 van 2", KARIN, ALICE):
        assert words in page, words
    # The contract begins in June; the year that shows the day of the test is the one before.
    assert "Contractjaar van 1 jun 2025 tot en met 31 mei 2026" in page


def test_a_contact_who_is_no_administrator_changes_nothing(alice, board):
    page = alice.get("/company").text
    assert "An administrator of your company" in page
    assert forms_of(page) == []
    karin = name_of(board, KARIN)
    assert "karin@example.org" not in page
    for path in ("add", karin, f"{karin}/pin", f"{karin}/end"):
        assert alice.post(f"/company/contacts/{path}").status_code == 403
    assert alice.get("/company/contacts/add").status_code == 403


def test_an_administrator_adds_a_contact_and_sees_the_pin_once(karin, board, contract, roomy):
    form = karin.get("/company/contacts/add").text
    answer = karin.post("/company/contacts/add", mark=mark_in(form), **BOB)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    added = contract(NOORD).contacts[2]
    assert (added.name, added.phones, added.email) == (
        "Bob Noord",
        ("+31612345699",),
        "bob@example.org",
    )
    pin = pin_in(answer.text)
    assert Argon2PinVerifier(board.settings.pin_pepper).find(pin, [added])
    again = karin.post("/company/contacts/add", mark=mark_in(form), **BOB | {"name": "Bob II"})
    assert again.status_code == 409
    assert pin not in karin.get("/company").text


def test_no_more_contacts_than_the_plan_includes(karin, contract):
    form = karin.get("/company/contacts/add").text
    answer = karin.post("/company/contacts/add", mark=mark_in(form), **BOB)
    assert (answer.status_code, "Uw plan heeft 2 contactpersonen" in answer.text) == (422, True)
    assert len(contract(NOORD).contacts) == 2


def test_a_contact_who_has_ended_makes_room_and_comes_back_only_when_there_is_some(
    karin, board, contract
):
    alice = name_of(board, ALICE)
    page = karin.get("/company").text
    karin.post(f"/company/contacts/{alice}/end", mark=mark_in(page))
    assert contract(NOORD).contacts[1].ends < board.call_service.clock().date()
    form = karin.get("/company/contacts/add").text
    assert karin.post("/company/contacts/add", mark=mark_in(form), **BOB).status_code == 200
    form = karin.get(f"/company/contacts/{alice}").text
    back = {"name": ALICE, "phones": "+31612345683", "mark": mark_in(form)}
    assert karin.post(f"/company/contacts/{alice}", **back).status_code == 422


def test_the_session_of_a_contact_ends_with_them(karin, alice, board):
    assert alice.get("/").status_code == 200
    page = karin.get("/company").text
    karin.post(f"/company/contacts/{name_of(board, ALICE)}/end", mark=mark_in(page))
    assert alice.get("/").status_code == 302


def test_an_administrator_gives_a_new_pin_that_is_shown_once(karin, board, knows):
    address = f"/company/contacts/{name_of(board, KARIN)}/pin"
    mark = mark_in(karin.get("/company").text)
    answer = karin.post(address, mark=mark)
    assert knows(pin_in(answer.text), 0)
    assert answer.headers["Cache-Control"] == "no-store"
    assert karin.get(address).location == "/portal/company/"
    assert pin_in(karin.post(address, mark=mark).text) is None


def test_an_administrator_neither_ends_nor_demotes_themselves(karin, board, contract):
    karins = name_of(board, KARIN)
    page = karin.get("/company").text
    assert f"/company/contacts/{karins}/end" not in page
    karin.post(f"/company/contacts/{karins}/end", mark=mark_in(page))
    own = {"name": KARIN, "phones": "+31612345682", "email": "karin@example.org"}
    for values in (own, own | {"admin": "true", "ends": "2026-01-01"}):
        answer = karin.post(f"/company/contacts/{karins}", mark=mark_in(page), **values)
        assert answer.status_code == 422
    assert (contract(NOORD).contacts[0].admin, contract(NOORD).contacts[0].ends) == (True, None)


def test_every_change_is_in_the_audit_log_by_who_made_it(karin, board):
    page = karin.get("/company").text
    karin.post(f"/company/contacts/{name_of(board, ALICE)}/end", mark=mark_in(page))
    newest = AuditLog(board.engine).page(thing=("contract", f"main/{NOORD}"))[0].entry
    assert (newest.who, newest.way, newest.action) == (KARIN, "portal", "contacts.end")
    page = karin.get("/company").text
    assert "Contactpersoon beëindigd · Karin Noord" in page


def test_nobody_of_ours_is_named_and_no_other_contract_is_seen(karin, board):
    change_contract(board, SMIT, customer="Fietsenmaker Smit en Zoon")
    page = karin.get("/company").text
    assert "ruud" not in page
    assert "Contract gewijzigd · wij" in page
    assert "Smit" not in page


def test_a_contract_of_the_file_is_changed_there_only(customer, board):
    pieter = customer().come_in(board, BAKERY, "Pieter Jansen")
    assert "Wij beheren uw contactpersonen. Iets veranderen?" in pieter.get("/company").text
    line, now = board.portal.lines.find_line("main"), board.call_service.clock()
    account = board.portal.find_by_name("main", BAKERY, "pieter jansen", now)
    contract = replace(account.contract, contacts=(replace(account.contact, admin=True),))
    apply_line(board.engine, line, [contract], now)
    page = pieter.get("/company").text
    assert "Wij beheren uw contactpersonen. Iets veranderen?" in page
    assert forms_of(page) == []
    for path in (
        "/company/contacts/add",
        f"/company/contacts/{name_of(board, 'Pieter Jansen', BAKERY)}",
    ):
        assert pieter.get(path).status_code == 404


def test_somebody_elses_change_is_not_overwritten(karin, board, contract):
    address = f"/company/contacts/{name_of(board, ALICE)}"
    form = karin.get(address).text
    change_contact(board, NOORD, 1, language="nl")
    values = {"name": ALICE, "phones": "+31612345683", "language": "en", "mark": mark_in(form)}
    answer = karin.post(address, **values)
    assert (answer.status_code, contract(NOORD).contacts[1].language) == (409, "nl")


def test_an_expensive_number_is_refused(karin, board, roomy):
    form = karin.get("/company/contacts/add").text
    answer = karin.post(
        "/company/contacts/add", mark=mark_in(form), **BOB | {"phones": "0900 8844"}
    )
    assert (answer.status_code, pin_in(answer.text)) == (422, None)


def test_a_contract_without_end_or_bundle_shows_that(customer, board):
    change_contract(board, SMIT, valid_from=None, valid_until=None)
    page = customer().come_in(board, SMIT, JOOST).get("/company").text
    assert "geen premium-incidenten" in page
    assert "zonder einddatum" in page


@pytest.mark.parametrize(
    "taken", [{"email": "Joost@Example.org"}, {"phones": "06 12 34 56 99, 06 12 34 56 80"}]
)
def test_an_address_of_another_contract_cannot_be_set(karin, board, contract, roomy, taken):
    change_contact(board, SMIT, 0, email="joost@example.org", phones=("+31612345680",))
    form = karin.get("/company/contacts/add").text
    answer = karin.post("/company/contacts/add", mark=mark_in(form), **(BOB | taken))
    assert (answer.status_code, "hier niet instellen" in answer.text) == (422, True)
    assert "Smit" not in answer.text
    address = f"/company/contacts/{name_of(board, ALICE)}"
    known = {"name": ALICE, "phones": "+31612345683", "mark": mark_in(karin.get(address).text)}
    assert karin.post(address, **(known | taken)).status_code == 422
    assert len(contract(NOORD).contacts) == 2


def test_an_address_that_was_there_already_stays(karin, board, contract):
    change_contact(board, SMIT, 0, phones=("+31612345683",))
    address = f"/company/contacts/{name_of(board, ALICE)}"
    mark = mark_in(karin.get(address).text)
    known = {"name": ALICE, "phones": "+31612345683", "language": "nl", "mark": mark}
    assert karin.post(address, **known).status_code == 302
    assert contract(NOORD).contacts[1].language == "nl"
