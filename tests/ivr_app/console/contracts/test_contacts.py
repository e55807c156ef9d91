"""Contacts are added and changed; a PIN is made by the line and is on one page, once."""

import re

import pytest

from store.people.audit import AuditLog
from tests.ivr_app.console.contracts.conftest import DUTCH, mark_in
from tests.ivr_app.console.dashboard.test_dashboard import words

pytestmark = pytest.mark.usefixtures("sample")

BOB = {"name": "Bob Noord", "phones": "06 12345689\n020-8881103", "language": "en"}


@pytest.fixture
def ruud(signed_in):
    return signed_in("manager")


def pin_on(answer):
    return re.search(r'<p class="pin"><code>(\d+)</code>', answer.text)[1]


def test_a_contact_is_added_and_their_pin_is_on_that_answer_alone(ruud, contract, knows, board):
    mark = mark_in(ruud.get("/contracts/100252/contacts/add").text)
    answer = ruud.post("/contracts/100252/contacts/add", **BOB, mark=mark)
    pin = pin_on(answer)
    assert (len(pin), answer.headers["Cache-Control"]) == (6, "no-store")
    bob = contract().contacts[2]
    assert (bob.name, bob.phones) == ("Bob Noord", ("+31612345689", "+31208881103"))
    assert (bob.language, bob.email, bob.ends) == ("en", None, None)
    assert knows(pin, 2)
    deed = AuditLog(board.engine).page(thing=("contract", "main/100252"))[0].entry
    assert (deed.action, deed.before, deed.after) == (
        "contacts.add",
        {"contacts": 2},
        {"contacts": 3},
    )
    assert "meer dan verkocht" in words(ruud.get("/contracts/100252", headers=DUTCH))


def test_a_new_pin_opens_and_the_old_one_no_longer(ruud, knows, board, caplog):
    mark = mark_in(ruud.get("/contracts/100252").text)
    assert knows("508316")
    answer = ruud.post("/contracts/100252/contacts/0/pin", mark=mark)
    pin = pin_on(answer)
    assert knows(pin)
    assert not knows("508316")
    assert knows("816420", 1)
    deeds = [row.entry for row in AuditLog(board.engine).page()]
    assert deeds[0].after == {"pins_changed": 1}
    assert pin not in str(deeds)
    assert pin not in caplog.text
    assert pin not in str(ruud.client.get_cookie("console", path="/console").value)


def test_neither_sent_again_nor_asked_for_again_is_a_pin_shown_twice(ruud, knows):
    mark = mark_in(ruud.get("/contracts/100252").text)
    pin = pin_on(ruud.post("/contracts/100252/contacts/0/pin", mark=mark))
    again = ruud.post("/contracts/100252/contacts/0/pin", mark=mark)
    assert again.location == "/console/contracts/100252"
    assert ruud.get("/contracts/100252/contacts/0/pin").location == "/console/contracts/100252"
    page = ruud.get("/contracts/100252", headers=DUTCH).text
    assert "Er is geen pincode gemaakt" in page
    assert pin not in page
    assert knows(pin)


def test_a_contact_is_changed_and_keeps_their_pin(ruud, contract, knows):
    page = ruud.get("/contracts/100252/contacts/0").text
    assert "+31 6 12345682\n+31 20 888 1102</textarea>" in page
    changed = BOB | {"name": "Karin van Noord", "ends": "2026-12-31", "hears_of_releases": "true"}
    answer = ruud.post("/contracts/100252/contacts/0", **changed, mark=mark_in(page))
    assert answer.location == "/console/contracts/100252"
    karin, alice = contract().contacts
    assert (karin.name, str(karin.ends), karin.hears_of_releases) == (
        "Karin van Noord",
        "2026-12-31",
        True,
    )
    assert (karin.phones[0], alice.name) == ("+31612345689", "Alice Noord")
    assert knows("508316")


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "Vul dit in."),
        ("name", "Alice Noord", "Dit contract heeft al iemand met deze naam."),
        ("name", "ALICE\u00a0 noo\u200brd", "Dit contract heeft al iemand met deze naam."),
        ("phones", "", "Vul dit in."),
        ("phones", ";", "Hier staat iets dat geen telefoonnummer is."),
        ("phones", "+31612345682, 06 12", "Hier staat iets dat geen telefoonnummer is."),
        ("language", "Nederlands", "Een taal zoals nl of en."),
        ("email", "karin", "Een e-mailadres zoals karin@example.org."),
        ("ends", "morgen", "Een datum zoals 2026-12-31."),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_nothing_typed_is_lost(
    ruud, contract, field, typed, sentence
):
    before = contract()
    mark = mark_in(ruud.get("/contracts/100252/contacts/0").text)
    given = BOB | {field: typed, "mark": mark}
    answer = ruud.post("/contracts/100252/contacts/0", headers=DUTCH, **given)
    assert answer.status_code == 422
    assert f'id="{field}-mistake">{sentence}' in answer.text
    assert field == "name" or 'value="Bob Noord"' in answer.text
    assert contract() == before


def test_of_two_who_change_a_contact_the_second_is_told_and_loses_nothing(ruud, contract):
    mark = mark_in(ruud.get("/contracts/100252/contacts/0").text)
    karin = {"name": "Karin Noord", "phones": "+31612345682", "language": "nl"}
    ruud.post(
        "/contracts/100252/contacts/0", **karin | {"email": "karin@example.org", "mark": mark}
    )
    answer = ruud.post("/contracts/100252/contacts/0", headers=DUTCH, **BOB, mark=mark)
    assert answer.status_code == 409
    assert "Iemand anders veranderde dit intussen." in words(answer)
    assert "E-mailadres karin@example.org" in words(answer)
    assert 'value="Bob Noord"' in answer.text
    assert contract().contacts[0].name == "Karin Noord"
    again = ruud.post("/contracts/100252/contacts/0", **BOB, mark=mark_in(answer.text))
    assert again.status_code == 302
    assert contract().contacts[0].name == "Bob Noord"


def test_there_is_no_contact_in_a_place_beyond_the_last(ruud):
    assert ruud.get("/contracts/100252/contacts/2").status_code == 404
    assert ruud.post("/contracts/100252/contacts/2/pin").status_code == 404
    assert ruud.get("/contracts/100999/contacts/add").status_code == 404
