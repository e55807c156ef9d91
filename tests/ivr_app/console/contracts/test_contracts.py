"""Contracts are found without a name in any address, read, added, changed and ended."""

import datetime as dt
import logging
import re
from urllib.parse import unquote

import pytest
from cryptography.fernet import Fernet

from ivr_app.console.contracts import forms
from store.people.audit import AuditLog
from store.people.contract_search import search_contracts
from tests.ivr_app.console.calls.conftest import happened
from tests.ivr_app.console.contracts.conftest import DUTCH, mark_in
from tests.ivr_app.console.dashboard.test_dashboard import words

pytestmark = pytest.mark.usefixtures("sample")

FIELDS = {
    "customer": "Vertaalbureau Noord",
    "plan": "msa_plus",
    "valid_from": "2026-06-01",
    "valid_until": "2027-05-31",
    "premium_incidents": "12",
}


@pytest.fixture
def ruud(signed_in):
    return signed_in("manager")


def numbers(page):
    return re.findall(r'<a class="figures" href="/console/contracts/(\d+)"', page.text)


def deeds(board, number="100252"):
    return [row.entry for row in AuditLog(board.engine).page(thing=("contract", f"main/{number}"))]


def find(visit, **known):
    answer = visit.post("/contracts/find", headers=DUTCH, **known)
    assert answer.status_code == 302, answer.text
    return answer.location


def test_everything_is_listed_with_who_may_call(signed_in):
    page = signed_in("viewer").get("/contracts", headers=DUTCH)
    assert numbers(page) == ["100234", "100251", "100252"]
    assert "Karin Noord +31 6 12345682 , +31 20 888 1102" in words(page)
    assert "t/m 31 dec 2027" in words(page)
    assert "Contract toevoegen" not in words(page)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"number": "1002"}, ["100234", "100251", "100252"]),
        ({"company": "vert"}, ["100252"]),
        ({"contact": "noord"}, ["100252"]),
        ({"contact": "smit", "company": "fiets"}, ["100251"]),
        ({"phone": "06 12345681"}, ["100251"]),
        ({"phone": "+31 20 888 1102"}, ["100252"]),
        ({"validity": "ended"}, []),
        ({"validity": "valid", "company": "fiets"}, ["100251"]),
        ({"plan": "msa_plus"}, ["100252", "100234"]),  # what ends first comes first
        ({"plan": "standard", "company": "fiets"}, ["100251"]),
    ],
)
def test_contracts_are_sought_and_the_address_says_by_what_to_nobody(ruud, known, expected):
    address = find(ruud, **known)
    assert not any(value in unquote(address) for value in known.values())
    page = ruud.get(address.removeprefix("/console"), headers=DUTCH)
    assert numbers(page) == expected
    for name, value in known.items():
        if name not in ("validity", "plan"):
            assert re.search(
                rf'id="{name}" name="{name}"[^>]* value="{re.escape(value)}"', page.text
            )


def test_a_plan_that_the_line_lacks_is_refused_and_the_others_are_offered(ruud):
    answer = ruud.post("/contracts/find", headers=DUTCH, plan="gold")
    assert answer.status_code == 422
    assert "Dit is niet goed ingevuld." in words(answer)
    page = words(ruud.get("/contracts", headers=DUTCH))
    assert "Elk plan MSA Plus Standaard" in page


def test_a_whole_number_leads_to_its_contract(ruud):
    assert find(ruud, number="100252") == "/console/contracts/100252"
    assert find(ruud, number="100999").startswith("/console/contracts/?sought=")
    assert find(ruud) == "/console/contracts/"


def test_no_log_has_what_was_sought(ruud, caplog):
    caplog.set_level(logging.DEBUG)
    ruud.get(find(ruud, contact="Karin Noord").removeprefix("/console"))
    assert "Karin" not in caplog.text


def test_a_search_that_is_not_ours_or_is_over_finds_everything(ruud):
    for sought in ("nonsense", Fernet(Fernet.generate_key()).encrypt(b"[{}, null]").decode()):
        assert len(numbers(ruud.get(f"/contracts?sought={sought}"))) == 3


def test_an_address_leads_to_what_was_sought_for_half_a_day(ruud, monkeypatch):
    address = find(ruud, company="vert").removeprefix("/console")
    assert len(numbers(ruud.get(address))) == 1
    monkeypatch.setattr(forms, "SEARCH_LIFETIME", dt.timedelta(seconds=-1))
    assert len(numbers(ruud.get(address))) == 3


def test_what_cannot_be_sought_is_said_beside_its_field(ruud):
    answer = ruud.post("/contracts/find", headers=DUTCH, phone="06 12", number="12a")
    assert answer.status_code == 422
    assert 'id="phone-mistake">Dit is geen telefoonnummer.' in answer.text
    assert 'value="06 12"' in answer.text
    assert 'id="number-mistake"' in answer.text


def test_the_next_page_begins_where_this_one_ends(ruud, monkeypatch):
    monkeypatch.setattr(
        "ivr_app.console.contracts.search_contracts",
        lambda *given: search_contracts(*given, size=2),
    )
    first = ruud.get("/contracts", headers=DUTCH)
    further = re.search(r'rel="next" href="/console([^"]+)"', first.text)[1]
    second = ruud.get(further, headers=DUTCH)
    assert (numbers(first), numbers(second)) == (["100234", "100251"], ["100252"])


def test_one_contract_tells_its_people_calls_incidents_and_what_was_used(signed_in, board, clock):
    sid = happened(board.call_service, clock, "CA" + "1" * 32)
    page = signed_in("viewer").get("/contracts/100234", headers=DUTCH)
    text = words(page)
    assert "1 van 12 gebruikt dit contractjaar" in text
    assert "Het contractjaar begon op 1 jan 2026." in text
    assert "1 van 2 contactpersonen" in text
    assert "Pieter Jansen +31 6 12345678" in text
    assert page.text.count('href="/console/incidents/1001"') == 2  # counted, and recent
    assert f'href="/console/calls/{sid}"' in page.text
    assert "Dit contract staat in line.yaml." in text
    assert "Wijzigen" not in text
    assert signed_in("viewer").get("/contracts/100999").status_code == 404


def test_nothing_on_the_page_tells_of_a_pin_or_its_hash(signed_in, contract):
    page = signed_in("manager").get("/contracts/100252").text
    assert not any(contact.pin_hash in page for contact in contract().contacts)
    assert not any(secret in page for secret in ("508316", "816420", "argon2"))


def test_a_contract_is_added_with_where_it_came_from(ruud, contract, board):
    answer = ruud.post("/contracts/add", number="100300", **FIELDS)
    assert answer.location == "/console/contracts/100300"
    added = contract("100300")
    assert (added.customer, added.valid_until) == ("Vertaalbureau Noord", dt.date(2027, 5, 31))
    page = ruud.get("/contracts/100300", headers=DUTCH)
    assert "de console" in words(page)
    (deed,) = deeds(board, "100300")
    assert (deed.who, deed.action, deed.way) == ("ruud", "contracts.add", "console")
    assert "Noord" not in str(deed.after)


def test_a_number_that_is_there_is_not_added_again_and_nothing_typed_is_lost(ruud, contract):
    before = contract()
    answer = ruud.post(
        "/contracts/add", headers=DUTCH, number="100252", **FIELDS | {"customer": "Nieuw"}
    )
    assert answer.status_code == 409
    assert 'id="number-mistake">Contract 100252 is er al.' in answer.text
    assert 'value="Nieuw"' in answer.text
    assert contract() == before


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("customer", "", "Vul dit in."),
        ("customer", "x" * 201, "Eén regel van hoogstens 200 tekens."),
        ("valid_from", "1-1-2026", "Een datum zoals 2026-12-31."),
        ("valid_from", "20260601", "Een datum zoals 2026-12-31."),
        ("valid_until", "2025-01-01", "Het contract kan niet eindigen voor het begint."),
        ("premium_incidents", "veel", "Een geheel getal van 0 tot 100000."),
        ("plan", "gold", "Dit is niet goed ingevuld."),
    ],
)
def test_a_mistake_is_told_beside_its_field(ruud, contract, field, typed, sentence):
    before = contract()
    mark = mark_in(ruud.get("/contracts/100252/change").text)
    given = FIELDS | {field: typed, "mark": mark}
    answer = ruud.post("/contracts/100252/change", headers=DUTCH, **given)
    assert answer.status_code == 422
    assert f'id="{field}-mistake">{sentence}' in answer.text
    assert contract() == before


def test_of_two_who_change_a_contract_the_second_is_told_and_loses_nothing(
    ruud, signed_in, contract
):
    anna = signed_in("admin")
    mark = mark_in(ruud.get("/contracts/100252/change").text)
    anna.post("/contracts/100252/change", **FIELDS | {"customer": "Noord BV", "mark": mark})
    mine = FIELDS | {"premium_incidents": "24", "mark": mark}
    answer = ruud.post("/contracts/100252/change", headers=DUTCH, **mine)
    assert answer.status_code == 409
    assert "Iemand anders veranderde dit intussen." in words(answer)
    assert "Bedrijf Noord BV" in words(answer)
    assert 'value="24"' in answer.text
    assert contract().customer == "Noord BV"
    again = mine | {"mark": mark_in(answer.text), "customer": "Noord BV"}
    assert ruud.post("/contracts/100252/change", **again).status_code == 302
    assert (contract().customer, contract().premium_incidents) == ("Noord BV", 24)


def test_a_contract_is_ended_and_all_that_happened_stays(ruud, contract, board):
    people = contract().contacts
    mark = mark_in(ruud.get("/contracts/100252").text)
    answer = ruud.post("/contracts/100252/end", valid_until="2026-07-01", mark=mark)
    assert answer.status_code == 302
    assert (contract().valid_until, contract().contacts) == (dt.date(2026, 7, 1), people)
    ended, *_ = deeds(board)
    assert (ended.action, ended.before, ended.after) == (
        "contracts.end",
        {"valid_until": "2027-05-31"},
        {"valid_until": "2026-07-01"},
    )
    page = words(ruud.get("/contracts/100252", headers=DUTCH))
    assert "Contract beëindigd" in page


def test_who_only_looks_changes_nothing_and_what_stands_in_the_file_stays(signed_in, ruud):
    engineer = signed_in("engineer")
    for path in ("/contracts/add", "/contracts/100252/change", "/contracts/100252/contacts/add"):
        assert engineer.get(path).status_code == 403
        assert engineer.post(path, **FIELDS).status_code == 403
    for path in ("/contracts/100234/change", "/contracts/100234/contacts/0"):
        assert ruud.get(path).status_code == 404
        assert ruud.post(path, **FIELDS).status_code == 404


def test_what_somebody_is_called_is_shown_and_never_run(ruud):
    ruud.post(
        "/contracts/add", number="100300", plan="standard", customer="<script>alert(1)</script>"
    )
    for path in ("/contracts", "/contracts/100300", "/contracts/100300/change"):
        page = ruud.get(path).text
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
