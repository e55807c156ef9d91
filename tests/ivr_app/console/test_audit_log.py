"""The page of who changed what."""

import re

from store.db.engine import writing
from store.people.accounts import Accounts, Role
from store.people.audit import AuditEntry, record
from tests.ivr_app.console.staff import NAMES


def rows(page):
    return re.findall(r'<tr id="change-(\d+)">', page)


def test_a_change_of_ones_own_is_seen_with_what_was_and_is(signed_in):
    ruud = signed_in("manager")
    ruud.post("/profile/clock", zone="Europe/London")
    ruud.post("/profile/clock", zone="Asia/Tokyo")
    page = ruud.get("/audit_log").text
    assert "Klok gekozen" in page
    assert "<del>Europe/London</del>" in page
    assert "<ins>Asia/Tokyo</ins>" in page
    assert "tijdzone" in page


def test_a_role_is_named_in_the_language_of_the_reader(signed_in):
    page = signed_in("manager").get("/audit_log").text
    assert "<ins>dienstleider</ins>" in page
    assert "<ins>manager</ins>" not in page


def test_a_plan_is_named_in_the_language_of_the_reader(signed_in, board):
    before, after = {"plan": "standard"}, {"plan": "gone"}
    deed = AuditEntry(
        board.call_service.clock(), "ruud", "cli", "contracts.change", "contract", "main/1"
    )
    with writing(board.engine) as connection:
        record(connection, deed.on("contract", "main/1", before, after))
    page = signed_in("manager").get("/audit_log", headers={"Accept-Language": "nl"}).text
    assert "<del>standard</del>" not in page
    assert "<ins>gone</ins>" in page


def test_what_somebody_wrote_is_shown_and_never_run(signed_in, board):
    name = "<script>alert(1)</script>"
    deed = AuditEntry(
        board.call_service.clock(), name, "cli", name, name, name, {name: name}, {name: name}
    )
    with writing(board.engine) as connection:
        record(connection, deed)
    page = signed_in("manager").get("/audit_log").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_older_changes_are_a_page_further_and_none_is_shown_twice(signed_in, board):
    ruud = signed_in("manager")
    accounts = Accounts(board.engine)
    account = accounts.named(NAMES[Role.MANAGER])
    for _ in range(60):
        accounts.change(
            account,
            AuditEntry(board.call_service.clock(), "ruud", "api", "profile.clock"),
            zone=None,
        )
    first = ruud.get("/audit_log").text
    older = re.search(r'rel="next" href="/console([^"]+)"', first)[1].replace("&amp;", "&")
    second = ruud.get(older).text
    assert (len(rows(first)), len(rows(second))) == (50, 11)
    assert not set(rows(first)) & set(rows(second))
    assert 'rel="next"' not in second


def test_only_what_one_person_did(signed_in):
    ruud = signed_in("manager")
    ruud.post("/profile/clock", zone="Europe/London")
    assert len(rows(ruud.get("/audit_log").text)) == 2
    assert len(rows(ruud.get("/audit_log?who=ruud").text)) == 1


def test_a_clock_that_does_not_exist_is_refused_beside_its_field(signed_in):
    ruud = signed_in("manager")
    answer = ruud.post("/profile/clock", zone="Mars/Olympus")
    assert answer.status_code == 422
    assert 'id="zone-mistake">Deze tijdzone bestaat niet.' in answer.text
    assert "profile.clock" not in ruud.get("/audit_log").text


def test_times_are_told_by_the_viewers_clock_which_is_named(signed_in):
    ruud = signed_in("manager")
    assert "Tijden volgens Europe/Amsterdam" in ruud.get("/").text
    ruud.post("/profile/clock", zone="Asia/Tokyo")
    page = ruud.get("/audit_log").text
    assert "Tijden volgens Asia/Tokyo" in page
    assert re.search(r'<time datetime="2026-03-02T19:00:00.000\+09:00"[^>]*>19:00</time>', page)
