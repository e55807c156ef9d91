"""A file is looked through first; confirmed, the good rows are taken and the wrong ones kept."""

import csv
import datetime as dt
import io
import re

import pytest
from sqlalchemy import text

from ivr_app.console.contract_import import AT_ONCE, READING
from ivr_app.console.contract_import.preview import LARGEST_FILE, MOST_ROWS, REASONS
from ivr_app.web.i18n import load_catalogue
from store.db.engine import reading
from store.people.accounts import Accounts
from store.people.audit import AuditLog
from store.people.contract_store import ImportPreviews
from store.people.import_preview import ImportPreview, ImportProgress
from tests.ivr_app.console.contracts.conftest import DUTCH, SAMPLE, mark_in, upload
from tests.ivr_app.console.dashboard.test_dashboard import words

HEAD, JOOST, KARIN, ALICE = SAMPLE.decode().splitlines()
WRONG = "100254,Fietsenmaker Smit,gold,,,12,=Bob,0612345,7301,nl,,"
CHANGED = KARIN.replace("+31612345682;", "").replace("Vertaalbureau Noord", "Noord BV")
ALICE_TOO = ALICE.replace("Vertaalbureau Noord", "Noord BV")


def file(*lines):
    return "\n".join([HEAD, *lines, ""]).encode()


@pytest.fixture
def ruud(signed_in):
    return signed_in("manager")


@pytest.fixture
def preview(ruud):
    """Choose a file and see what it would change: the address, and the page."""

    def see(data):
        answer = upload(ruud, data)
        assert answer.status_code == 302, words(answer)
        address = answer.location.removeprefix("/console")
        return address, ruud.get(address, headers=DUTCH)

    return see


def test_a_new_contract_is_shown_and_nothing_is_changed_yet(preview, contract):
    _, page = preview(SAMPLE)
    said = words(page)
    assert "2 nieuw 0 gewijzigd 0 onveranderd 0 foute rijen" in said
    assert "Telefoonnummers +31 6 12345682, +31 20 888 1102" in said
    assert "Lees 2 contracten in" in said
    assert contract("100251") is None


def test_what_would_change_is_shown_field_by_field(sample, preview):
    swapped = CHANGED.replace("508316", "730184")
    _, page = preview(file(JOOST, swapped, ALICE_TOO))
    said = words(page)
    assert "0 nieuw 1 gewijzigd 1 onveranderd" in said
    assert "Bedrijf Vertaalbureau Noord Noord BV" in said
    assert "Telefoonnummers +31 6 12345682, +31 20 888 1102 +31 20 888 1102" in said
    assert "Pincode een andere" in said
    assert "Alice" not in said.split("1 gewijzigd contract")[1]


def test_confirmed_it_is_what_the_preview_said_and_told_once(
    sample, preview, ruud, contract, board
):
    address, _ = preview(file(CHANGED, ALICE_TOO, WRONG))
    assert ruud.post(address).location == f"/console{address}"
    assert contract().customer == "Noord BV"
    done = words(ruud.get(address, headers=DUTCH))
    assert "Het bestand is ingelezen 0 nieuw 1 gewijzigd 0 onveranderd 1 foute rij" in done
    assert "Lees" not in done.replace("ingelezen", "")
    assert ruud.post(address).location == f"/console{address}"
    whole, each = [row.entry for row in AuditLog(board.engine).page()][:2]
    assert (whole.action, whole.thing) == ("contracts.import", "main")
    assert whole.after == {"added": 0, "changed": 1, "wrong": 1}
    assert (each.thing, each.after) == (
        "main/100252",
        {"customer_changed": 1, "contacts_changed": 1},
    )


def test_a_wrong_row_is_shown_with_its_line_and_every_reason(preview, ruud, contract):
    address, page = preview(file(JOOST, WRONG, KARIN))
    said = words(page)
    assert "1 rij klopt niet" in said
    assert "3 100254 =Bob" in said
    assert "plan moet een van deze zijn: msa_plus, standard" in said
    assert "phone is geen telefoonnummer" in said
    assert "pin moet 6 cijfers zijn" in said
    ruud.post(address)
    assert contract("100251") is not None
    assert contract("100252") is not None
    assert contract("100254") is None


def test_wrong_rows_are_had_as_a_file_before_and_after_without_their_pins(preview, ruud):
    address, _ = preview(file(JOOST, WRONG))
    for _ in range(2):
        answer = ruud.get(f"{address}/wrong.csv", headers=DUTCH)
        assert answer.headers["Content-Type"].startswith("text/csv")
        (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
        assert (row["line"], row["contract"], row["customer"]) == (
            "3",
            "100254",
            "Fietsenmaker Smit",
        )
        assert row["contact"] == "'=Bob"
        assert "plan: moet een van deze zijn" in row["reason"]
        assert row["pin"] == ""
        assert "7301" not in answer.text
        ruud.post(address)


def test_the_file_of_wrong_rows_is_corrected_and_chosen_again(preview, ruud, contract):
    address, _ = preview(file(JOOST, WRONG))
    given = ruud.get(f"{address}/wrong.csv", headers=DUTCH).text
    corrected = (
        given.replace("gold", "standard")
        .replace("0612345,", "0612345690,730184")
        .replace("'=Bob", "Bob")
    )
    again, page = preview(corrected.encode())
    assert "1 nieuw 0 gewijzigd 0 onveranderd 0 foute rijen" in words(page)
    ruud.post(again)
    assert contract("100254").contacts[0].phones == ("+31612345690",)


def test_a_pin_stands_nowhere_between_the_steps(preview, board, ruud, caplog):
    address, page = preview(file(JOOST, WRONG))
    with reading(board.engine) as connection:
        kept = " ".join(map(str, connection.execute(text("SELECT * FROM import_previews")).one()))
    for secret in ("294771", "7301"):
        for place in (kept, page.text, caplog.text, address, str(ruud.client._cookies)):
            assert secret not in place
    assert "argon2" in kept
    assert "argon2" not in page.text


def test_what_changed_since_the_preview_is_told_and_nothing_is_imported(
    sample, preview, ruud, contract
):
    address, _ = preview(file(JOOST.replace("standard", "msa_plus"), CHANGED, ALICE_TOO))
    mark = mark_in(ruud.get("/contracts/100252").text)
    ruud.post("/contracts/100252/end", valid_until="2026-07-01", mark=mark)
    answer = ruud.post(address, headers=DUTCH)
    assert answer.status_code == 409
    assert "Deze contracten zijn veranderd sinds u het bestand koos." in words(answer)
    assert '<p class="figures">100252</p>' in answer.text
    assert contract("100251").plan == "standard"
    assert contract().customer == "Vertaalbureau Noord"


def test_what_stands_in_the_file_of_the_line_is_a_wrong_row(preview):
    _, page = preview(
        file("100234,Bakkerij Jansen BV,msa_plus,,,12,Pieter Jansen,+31612345678,482913,nl,,")
    )
    assert "contract 100234 staat in line.yaml; wijzig het daar" in words(page)
    assert "Het bestand zou niets veranderen." in words(page)


def test_a_pin_that_another_contact_has_is_a_wrong_row(sample, preview):
    bob = KARIN.replace("Karin", "Bob")
    _, page = preview(file(bob))
    assert "is ook de pincode van een ander van dit contract" in words(page)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Er staan geen rijen in het bestand."),
        (HEAD.encode(), "Er staan geen rijen in het bestand."),
        (b"naam,code\nKarin,508316\n", "begint niet met de namen van de kolommen"),
        (file(JOOST).replace(b"customer", b"customr"), "bedoelt u customer?"),
        (
            file(JOOST.replace("Smit", "Café")).decode().encode("latin-1"),
            "Regel 2, file: is geen UTF-8",
        ),
        (file('1,"open'), "een aanhalingsteken is niet gesloten"),
        (file(*[JOOST] * (MOST_ROWS + 1)), f"Het bestand heeft {MOST_ROWS + 1} rijen"),
        (b"x" * (LARGEST_FILE + 1), "Het bestand is groter dan 1024 KiB."),
    ],
)
def test_a_file_that_cannot_be_looked_through_is_refused_in_a_sentence(ruud, data, sentence):
    answer = upload(ruud, data)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "508316" not in answer.text


def test_no_file_and_a_second_file_at_once_are_sentences_too(ruud):
    answer = ruud.post("/contracts/import", headers=DUTCH)
    assert (answer.status_code, "Kies een bestand." in answer.text) == (422, True)
    with READING:
        answer = upload(ruud, SAMPLE)
    assert (answer.status_code, "Er wordt net een ander bestand bekeken." in answer.text) == (
        429,
        True,
    )


def test_what_excel_saves_with_semicolons_is_read(preview):
    cells = [f'"{cell}"' if ";" in cell else cell for cell in KARIN.split(",")]
    data = "\ufeff" + HEAD.replace(",", ";") + "\r\n" + ";".join(cells) + "\r\n"
    _, page = preview(data.encode())
    assert "1 nieuw 0 gewijzigd 0 onveranderd 0 foute rijen" in words(page)


def test_a_preview_is_over_after_an_hour_and_when_nobody_wants_it(preview, ruud, clock):
    address, _ = preview(SAMPLE)
    clock.tick(dt.timedelta(hours=1).total_seconds())
    assert ruud.post(address).location == "/console/contracts/import/"
    assert "Kies het bestand opnieuw." in ruud.get("/contracts/import", headers=DUTCH).text
    address, _ = preview(SAMPLE)
    assert ruud.post(f"{address}/drop").status_code == 302
    assert ruud.get(address).location == "/console/contracts/import/"


def test_nobody_else_sees_or_confirms_it(preview, signed_in, contract):
    address, _ = preview(SAMPLE)
    anna = signed_in("admin")
    assert anna.get(address).status_code == 302
    assert anna.post(address).location == "/console/contracts/import/"
    assert contract("100251") is None
    assert signed_in("engineer").get("/contracts/import").status_code == 403


def test_every_reason_that_a_row_can_be_wrong_for_has_words():
    assert {f"contract_import.reason.{key}" for key in REASONS.values()} == {
        key for key in load_catalogue() if key.startswith("contract_import.reason.")
    }


@pytest.mark.parametrize(
    "wrong",
    [
        JOOST.replace("100251", "A1"),
        JOOST.replace("Fietsenmaker Smit", "S" * 201),
        JOOST.replace("2026-01-01", "1-1-2026"),
        JOOST.replace("2026-01-01", "2028-01-01"),
        JOOST.replace(",,Joost", ",veel,Joost"),
        JOOST.replace("Joost Smit", ""),
        JOOST.replace("+31612345681", "0612"),
        JOOST.replace("294771", ""),
        JOOST.replace(",nl,", ",Nederlands,"),
        JOOST.replace("joost@example.org", "joost"),
        JOOST + "gauw",
        JOOST + ",",
        JOOST.replace("Joost", "Emma"),
        JOOST.replace("standard", "msa_plus"),
    ],
)
def test_each_reason_is_told_in_dutch(preview, wrong):
    _, page = preview(file(JOOST, wrong))
    reasons = re.findall(r"<li><code>\w+</code> ([^<]+)</li>", page.text)
    assert reasons
    english = re.compile(r"\b(must|is empty|has|says|the|this)\b")
    assert not [reason for reason in reasons if english.search(reason)]


def test_a_longer_file_is_looked_through_while_its_page_tells_how_far_it_is(ruud, contract):
    many = AT_ONCE + 1
    rows = [JOOST.replace("100251", str(200100 + row)) for row in range(many)]
    answer = upload(ruud, file(*rows))
    assert answer.status_code == 302
    with READING:  # once it is free again
        page = ruud.get(answer.location.removeprefix("/console"), headers=DUTCH)
    assert f"{many} nieuw 0 gewijzigd 0 onveranderd 0 foute rijen" in words(page)
    ruud.post(answer.location.removeprefix("/console"))
    assert contract("200100").customer == "Fietsenmaker Smit"


@pytest.fixture
def under_way(ruud, board):
    """A file of which 420 of 1000 rows were looked through; the preview, and its address."""
    theirs = Accounts(board.engine).named("ruud")
    at = board.call_service.clock()
    previews = ImportPreviews(board.engine, theirs.id)
    key = previews.keep("main", ImportPreview(progress=ImportProgress(420, 1000, at)), at)
    return previews, key, f"/contracts/import/{key}"


def test_how_far_it_is_renews_itself_with_and_without_scripts(ruud, under_way):
    previews, key, address = under_way
    page = ruud.get(address, headers=DUTCH)
    assert "420 van de 1000 rijen" in words(page)
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.text
    renewed = ruud.get(address, headers=DUTCH | {"HX-Request": "true"})
    assert (renewed.status_code, 'value="420"' in renewed.text) == (200, True)
    assert ruud.post(address).status_code == 302
    previews.write(key, "main", ImportPreview(unchanged=1000))
    renewed = ruud.get(address, headers={"HX-Request": "true"})
    assert (renewed.status_code, renewed.headers["HX-Redirect"]) == (204, f"/console{address}")


def test_a_file_whose_process_ended_is_said_to_stand_still(ruud, under_way, clock):
    clock.tick(31)
    page = ruud.get(under_way[2], headers=DUTCH)
    assert "Het staat stil" in page.text
    assert ("http-equiv" in page.text, "hx-trigger" in page.text) == (False, False)
