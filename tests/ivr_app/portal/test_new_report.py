"""A contact reports something: a form, a preview, and a number."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from dataclasses import replace
from html import unescape

import pytest
from markupsafe import escape

from ivr_app.portal.uploads import FileWarning, Refused
from ivr_app.web import has_text
from routing import events
from routing.call import DatabaseAge, RecognitionFault, RequestProgress
from routing.caller.call_me_now import NoCall
from routing.incident import IncidentKind, IncidentSource, IncidentState
from routing.incidents.progress import ProgressKind
from routing.line import SignatureDesk
from routing.message import CONTACT, Via
from routing.notify.customer import CustomerNews
from store.db.engine import reading
from store.people.lines import apply_line
from store.tables.log import messages
from tests.ivr_app.portal.conftest import BAKERY, KARIN, NOORD, change_contact, change_contract

REPORT = {
    "subject": "De scanner loopt vast",
    "words": "Sinds vanochtend.\r\nOp alle <b>kassa's</b>.",
    "level": "2",
    "kind": "incident",
    "products": "Scanner 12",
    "affected_since": "8:30",
}


def file(content=b"one", name="log.txt"):
    return io.BytesIO(content), name


def look(visit, **fields):
    """Look at the preview of a report, as a browser does."""
    assert visit.post("/new", **fields, step="look").location == "/portal/new/check"
    return visit.get("/new/check")


def token_in(text):
    return re.search(r'name="token" value="(\w+)"', text)[1]


def hidden(text):
    """The fields of the preview, as a browser sends them."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text)
    fields = {name: value for name, value in found if name not in ("csrf_token", "next")}
    fields = {name: unescape(value) for name, value in fields.items()}
    boxes = re.findall(r'name="upload" value="(\w+)" checked', text)
    return fields | ({"upload": boxes} if boxes else {})


@pytest.fixture
def incidents(board):
    return lambda: list(board.call_service.calls.find_open("main"))


def test_a_report_is_looked_at_and_sent(karin, board, incidents):
    empty = karin.get("/new").text
    preview = look(karin, **REPORT, token=token_in(empty), files=[file()])
    assert preview.status_code == 200
    assert incidents() == []
    assert "&lt;b&gt;kassa&#39;s&lt;/b&gt;" in preview.text
    assert hashlib.sha256(b"one").hexdigest() in preview.text
    sent = karin.post("/new", **hidden(preview.text), step="send")
    assert sent.status_code == 303
    (incident,) = incidents()
    assert sent.location == f"/portal/incidents/{incident.number}"
    assert (incident.subject, incident.urgency, incident.contract, incident.contact) == (
        REPORT["subject"],
        2,
        NOORD,
        "Karin Noord",
    )
    assert (incident.source, incident.kind, incident.products, incident.affected_since) == (
        IncidentSource.PORTAL,
        IncidentKind.INCIDENT,
        "Scanner 12",
        "8:30",
    )
    correspondence = board.call_service.calls.correspondence
    (message,) = correspondence.find_messages(incident.key)
    (kept,) = correspondence.find_files(incident.key)
    assert (message.words, message.door, message.files) == (
        REPORT["words"],
        Via.PORTAL,
        (kept.id,),
    )
    assert (kept.name, kept.size, kept.by) == ("log.txt", 3, "Karin Noord")
    page = karin.get(f"/incidents/{incident.number}")
    assert page.status_code == 200
    assert "log.txt" in page.text


def test_the_same_form_twice_is_one_incident(karin, incidents):
    preview = look(karin, **REPORT, token="a" * 32).text
    first = karin.post("/new", **hidden(preview), step="send")
    second = karin.post("/new", **hidden(preview), step="send")
    assert first.location == second.location
    assert len(incidents()) == 1


def test_the_token_of_another_customer_finds_nothing(karin, joost, incidents):
    theirs = karin.post("/new", **REPORT, token="a" * 32, step="send")
    other = joost.post("/new", **REPORT, token="a" * 32, step="send")
    assert theirs.location != other.location
    assert {incident.contract for incident in incidents()} == {NOORD, "100251"}


def test_a_request_about_virus_recognition(karin, incidents):
    fields = REPORT | {
        "kind": "signature_request",
        "verdict": "false_positive",
        "databases": "old",
        "level": "3",
    }
    preview = look(karin, **fields, token="a" * 32).text
    assert "Werk uw virusdatabases" in preview
    karin.post("/new", **hidden(preview), step="send")
    (incident,) = incidents()
    assert incident.kind is IncidentKind.SIGNATURE_REQUEST
    assert (incident.request.verdict, incident.request.databases) == (
        RecognitionFault.FALSE_POSITIVE,
        DatabaseAge.OLD,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": ""},
        {"level": ""},
        {"level": "7"},
        {"subject": "x" * 200},
        {"words": "x" * 1_000_000},
        {"kind": "party"},
    ],
)
def test_a_mistake_loses_no_word(karin, incidents, wrong):
    answer = karin.post(
        "/new", **(REPORT | {"token": "a" * 32} | wrong), step="send", files=[file()]
    )
    assert (answer.status_code, answer.location) == (303, "/portal/new/check")
    assert incidents() == []
    answer = karin.get("/new/check")
    kept = (REPORT | wrong)["products"]
    assert kept in answer.text
    assert "log.txt" in answer.text


def test_a_change_keeps_words_and_files(karin):
    preview = look(karin, **REPORT, token="a" * 32, files=[file()]).text
    there = karin.post("/new", **hidden(preview), step="change")
    changed = karin.get(there.location.removeprefix("/portal"))
    assert "nog niet verstuurd" not in changed.text
    assert "log.txt" in changed.text
    assert REPORT["subject"] in changed.text
    assert token_in(changed.text) == "a" * 32


def test_a_request_with_its_sample_is_not_asked_for_it_again(karin, board, incidents):
    change_contract(board, NOORD, valid_from=None)
    line = board.portal.lines.find_line("main")
    desk = replace(
        line.signature_desk or SignatureDesk(ring=("sanne",)), samples_to="samples@example.org"
    )
    contract = board.portal.lines.find_contract("main", BAKERY)
    apply_line(
        board.engine, replace(line, signature_desk=desk), [contract], board.call_service.clock()
    )
    fields = REPORT | {"kind": "signature_request", "verdict": "false_negative"}
    preview = look(karin, **fields, token="a" * 32, files=[file()])
    assert "Onze specialisten" in preview.text
    assert "servicedesk" not in preview.text
    karin.post("/new", **hidden(preview.text), step="send")
    karin.post("/new", **fields, token="b" * 32, step="send")
    sent = sent_words(board)
    assert sorted(sent) == [CustomerNews.REQUEST_RECEIVED, CustomerNews.REQUEST_RECEIVED_SEND]
    page = karin.get(f"/incidents/{incidents()[0].number}").text
    assert "pecialisten" in page
    assert "servicedesk" not in page.lower()


def sent_words(board):
    with reading(board.engine) as connection:
        found = connection.scalars(messages.select().with_only_columns(messages.c.value))
        words = [one.words for one in found if one.reader == CONTACT]
    return [one for one in words if one in tuple(CustomerNews) and "request" in one]


def test_an_expired_contract_is_promised_nothing(customer, board):
    yesterday = board.call_service.clock().date() - dt.timedelta(days=1)
    change_contract(board, NOORD, valid_until=yesterday)
    karin = customer("en").come_in(board, NOORD, KARIN)
    form = karin.get("/new").text
    preview = look(karin, **(REPORT | {"level": "1"}), token="a" * 32).text
    for page in (form, preview):
        assert "Your contract has expired" in page
        assert "Response within" not in page
        assert "we call an engineer straight away" not in page
    assert "Send and call an engineer" not in preview
    assert "We call an engineer at once" not in preview


def test_a_file_that_is_left_out_stays_behind(karin, board, incidents):
    preview = look(karin, **REPORT, token="a" * 32, files=[file(), file(b"two", "two.txt")]).text
    fields = hidden(preview)
    fields["upload"] = fields["upload"][1:]
    karin.post("/new", **fields, step="send")
    kept = board.call_service.calls.correspondence.find_files(incidents()[0].key)
    assert [one.name for one in kept] == ["two.txt"]


def test_an_upload_of_another_customer_goes_with_nothing(karin, joost, board, incidents):
    theirs = look(karin, **REPORT, token="a" * 32, files=[file()]).text
    stolen = hidden(theirs)["upload"]
    answer = joost.post("/new", **REPORT, token="b" * 32, step="send", upload=stolen)
    assert answer.status_code == 422
    assert "log.txt" not in answer.text
    assert incidents() == []
    assert joost.get(f"/files/{stolen[0]}").status_code == 404
    assert karin.get(f"/files/{stolen[0]}").data == b"one"


def test_level_1_says_that_people_are_rung(karin, board):
    change_contract(board, NOORD, valid_from=None)
    preview = look(karin, **(REPORT | {"level": "1"}), token="a" * 32).text
    assert "Versturen en engineer oproepen" in preview


def test_a_form_that_is_not_ours_stores_no_file(karin, board):
    answer = karin.post("/new", csrf_token="forged", **REPORT, files=[file()])
    assert answer.status_code == 400
    assert board.call_service.calls.correspondence.measure_files("main", NOORD).bytes == 0


def test_an_incident_can_be_raised_and_solved(karin, incidents):
    karin.post("/new", **REPORT, token="a" * 32, step="send")
    (incident,) = incidents()
    path = f"/incidents/{incident.number}"
    assert "Mijn bedrijf ligt nu stil" in karin.get(path).text
    assert karin.post(f"{path}/raise").status_code == 303
    (raised,) = incidents()
    assert (raised.number, raised.urgency) == (incident.number, 1)
    assert karin.post(f"{path}/solved").status_code == 303
    assert incidents() == []
    page = karin.get(path).text
    assert "Uw melding is gesloten." in page
    assert "Mijn bedrijf ligt nu stil" not in page


def test_a_message_is_stored_once(karin, board, incidents):
    karin.post("/new", **REPORT, token="a" * 32, step="send")
    (incident,) = incidents()
    path = f"/incidents/{incident.number}/write"
    fields = {"token": "c" * 32, "words": "Het wordt erger.", "files": [file(b"more", "more.log")]}
    assert karin.post(path, **fields).status_code == 303
    fields["files"] = []
    assert karin.post(path, **fields).status_code == 303
    messages = board.call_service.calls.correspondence.find_messages(incident.key)
    assert sorted(one.words for one in messages) == ["Het wordt erger.", REPORT["words"]]
    assert "more.log" in karin.get(f"/incidents/{incident.number}").text
    assert karin.post(path, token="d" * 32, words="").location == f"/portal{path}"
    assert "Schrijf iets" in karin.get(path).text


@pytest.fixture
def answered(karin, board, incidents):
    """A report of level 1 that has been answered, and nobody is rung for it."""
    karin.post("/new", **(REPORT | {"level": "1"}), token="a" * 32, step="send")
    (incident,) = incidents()
    board.call_service.happen(events.Responded(incident.key, "sanne", Via.CONSOLE))
    return incident


def state_of(board, incident):
    return board.call_service.calls.find_by_incident(incident.key).incident.state


def test_thanks_for_an_answer_open_nothing_again(karin, board, answered):
    path = f"/incidents/{answered.number}/write"
    page = karin.get(path).text
    assert "Wij openen de melding weer en bellen meteen een engineer, dag en nacht." in page
    assert 'value="thanks"' in page
    assert karin.post(path, token="c" * 32, means="thanks").status_code == 303
    assert state_of(board, answered) is IncidentState.RESPONDED
    assert "Ja, dit lost het op" in karin.get(f"/incidents/{answered.number}").text


def test_what_is_not_solved_is_open_again(karin, board, answered):
    path = f"/incidents/{answered.number}/write"
    fields = {"token": "c" * 32, "words": "Nog stil", "means": "not_solved"}
    assert karin.post(path, **fields).status_code == 303
    assert state_of(board, answered) is IncidentState.OPEN


def test_an_answer_that_came_meanwhile_is_said_before_anything_is_sent(karin, board, answered):
    path = f"/incidents/{answered.number}/write"
    assert karin.post(path, token="c" * 32, words="Alvast bedankt").status_code == 303
    again = karin.get(path)
    assert "Is het met ons antwoord opgelost?" in again.text
    assert "Alvast bedankt" in again.text
    assert state_of(board, answered) is IncidentState.RESPONDED


def test_the_promise_is_a_whole_sentence(karin, board):
    change_contract(board, NOORD, valid_from=None)
    assert "Inhoudelijk antwoord binnen 4 kantooruren." in karin.get("/new").text


def test_the_part_that_refreshes_is_sent_when_it_changes(karin, board, incidents):
    karin.post("/new", **REPORT, token="a" * 32, step="send")
    (incident,) = incidents()
    page = karin.get(f"/incidents/{incident.number}").text
    address = re.search(r'hx-get="/portal([^"]+)"', page)[1].replace("&amp;", "&")
    assert karin.get(address).status_code == 204
    karin.post(f"/incidents/{incident.number}/raise")
    assert "niveau 1" in karin.get(address).text.lower()


def test_what_was_written_waits_until_it_is_sent(karin, joost):
    karin.post("/new", **(REPORT | {"level": ""}), token="a" * 32, step="send", files=[file()])
    again = karin.get("/new").text
    assert REPORT["subject"] in again
    assert "log.txt" in again
    assert token_in(again) == "a" * 32
    assert "log.txt" not in joost.get("/new").text
    assert karin.post("/new", **REPORT, token=token_in(again), step="send").status_code == 303
    assert REPORT["subject"] not in karin.get("/new").text


def test_a_preview_that_is_asked_for_again_is_the_same_and_leads_on_once_sent(karin):
    first = look(karin, **REPORT, token="a" * 32, files=[file()])
    assert hidden(karin.get("/new/check").text) == hidden(first.text)
    karin.post("/new", **hidden(first.text), step="send")
    assert karin.get("/new/check").location == "/portal/new/"


def test_a_report_without_a_token_gets_one(karin):
    assert re.fullmatch("[0-9a-f]{32}", token_in(look(karin, **REPORT, token="nonsense").text))


def test_a_message_with_a_mistake_waits_beside_a_report(karin, incidents):
    karin.post("/new", **REPORT, token="a" * 32, step="send")
    path = f"/incidents/{incidents()[0].number}/write"
    look(karin, **(REPORT | {"subject": "Nog een"}), token="b" * 32)
    long = "Het wordt erger. " * 2000
    assert karin.post(path, token="c" * 32, words=long, files=[file()]).status_code == 303
    for _ in range(2):
        form = karin.get(path).text
        assert ("Het wordt erger. Het" in form, "log.txt" in form, token_in(form)) == (
            True,
            True,
            "c" * 32,
        )
    assert "Nog een" in karin.get("/new").text
    assert karin.post(path, token="c" * 32, words="Erger").status_code == 303
    assert "Het wordt" not in karin.get(path).text


def test_whoever_was_signed_out_while_writing_is_told(karin, customer, clock):
    karin.get("/new")
    token = karin.token()
    clock.tick(12 * 3600)
    answer = karin.post("/new", csrf_token=token, **REPORT, step="look")
    assert answer.status_code == 302
    page = karin.get("/sign-in").text
    assert "niet verstuurd en niet bewaard" in page
    customer().post("/new", **REPORT)
    assert "niet bewaard" not in customer().get("/sign-in").text


def test_what_was_written_can_be_forgotten(karin):
    look(karin, **REPORT, token="a" * 32)
    assert karin.post("/new/empty").status_code == 303
    assert REPORT["subject"] not in karin.get("/new").text


def test_every_value_has_words_in_the_portal():
    kinds = [kind.value for kind in ProgressKind]
    spelled = [f"{kind}_{n}" for kind in ("trying", "tried") for n in (*"12345", "n")]
    progress = [kind for kind in kinds if kind not in ("trying", "tried")] + spelled
    keys = [f"incidents.progress.{one}" for one in progress]
    keys += [f"incidents.said.by_{one.name.lower()}" for one in Via]
    keys += [f"incidents.from.{one.value}" for one in IncidentSource]
    keys += [f"incidents.state.{one.value}" for one in IncidentState]
    keys += [f"incidents.kinds.{one.value}" for one in IncidentKind]
    keys += [f"incidents.requests.{one.value}" for one in RequestProgress]
    keys += [f"new.verdicts.{one.value}" for one in RecognitionFault]
    keys += [f"new.ages.{one.value}" for one in DatabaseAge]
    keys += [f"files.refused.{one.value}" for one in Refused]
    keys += [f"files.warning.{one.value}" for one in FileWarning]
    keys += [f"incidents.no_call.{one.value}" for one in NoCall]
    assert [key for key in keys if not has_text(f"portal.{key}")] == []


def test_a_merged_report_is_seen_under_the_other(karin, board, incidents):
    for token in ("a" * 32, "b" * 32):
        karin.post("/new", **(REPORT | {"subject": token[:9]}), token=token, step="send")
    first, second = sorted(incidents(), key=lambda incident: incident.number)
    merged = events.Merged(second.key, first.key, "sanne", Via.CONSOLE)
    board.call_service.happen(merged)
    answer = karin.get(f"/incidents/{second.number}")
    assert answer.location == f"/portal/incidents/{first.number}"
    assert f"gaat verder als {first.number}" in karin.get(f"/incidents/{first.number}").text
    assert f"gaat verder als {first.number}" in karin.get("/").text
    assert "gaat verder" not in karin.get(f"/incidents/{first.number}").text
    assert karin.get(f"/incidents/{first.number}").text.count(escape("kassa's")) >= 2
    karin.post(f"/incidents/{second.number}/write", token="c" * 32, words="Nog iets")
    assert "Nog iets" in karin.get(f"/incidents/{first.number}").text


def test_only_a_clock_that_runs_promises_a_time(karin, board, incidents):
    karin.post("/new", **(REPORT | {"level": "1"}), token="a" * 32, step="send")
    (incident,) = incidents()
    path = f"/incidents/{incident.number}"

    def seen():
        page, row = karin.get(path).text, karin.get("/").text
        assert ("klok staat stil" in row) == ("klok staat stil" in page)
        return "reageren wij uiterlijk" in page, "klok staat stil" in page

    def answer(number, **what):
        words = events.AnsweredCustomer(
            incident.key, f"{number:032x}", "sanne", Via.CONSOLE, "Welke versie?", **what
        )
        board.call_service.happen(words)

    assert seen() == (True, False)
    answer(1, asks=True)
    assert seen() == (False, True)
    karin.post(f"{path}/write", token="c" * 32, words="Versie 12")
    assert seen() == (True, False)
    answer(2, responds=True)
    assert seen() == (False, False)


def test_a_closed_report_still_takes_a_message(karin, incidents):
    karin.post("/new", **REPORT, token="a" * 32, step="send")
    path = f"/incidents/{incidents()[0].number}"
    karin.post(f"{path}/solved")
    assert "gesloten" in karin.get(f"{path}/write").text
    assert karin.post(f"{path}/write", token="c" * 32, words="Toch niet").status_code == 303
    assert "Toch niet" in karin.get(path).text


@pytest.mark.parametrize("place", ["-1", "7", "x"])
def test_only_own_numbers_are_called(karin, board, incidents, place):
    karin.post("/new", **(REPORT | {"level": "1"}), token="a" * 32, step="send")
    (incident,) = incidents()
    path = f"/incidents/{incident.number}/call"
    called = karin.post(path, place=place).status_code
    (after,) = incidents()
    if place == "x":  # not a number: the first one
        assert (called, after.customer_leg.to) == (303, "+31612345682")
    else:
        assert (called, after.customer_leg) == (404, None)


def test_a_contact_whose_language_no_page_has_is_answered_in_it(karin, board, incidents):
    line = board.lines.find_line("main")
    apply_line(board.engine, replace(line, languages=("nl", "de")), [], board.call_service.clock())
    change_contact(board, NOORD, 0, email="karin@example.org", admin=True, language="de")
    preview = look(karin, **REPORT, token=token_in(karin.get("/new").text))
    karin.post("/new", **hidden(preview.text), step="send")
    assert [incident.language for incident in incidents()] == ["de"]
