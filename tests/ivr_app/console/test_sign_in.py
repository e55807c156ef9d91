"""Signing in and out."""

import datetime as dt

import pytest
from itsdangerous import URLSafeSerializer

from store.people.accounts import Role
from tests.ivr_app.console.staff import PASSWORD, Visit, hire


def test_whoever_signs_in_comes_to_the_page_they_wanted(visit, board):
    hire(board.engine, Role.MANAGER)
    sent = visit.get("/audit_log?who=ruud")
    assert sent.location == "/console/sign_in/?next=/console/audit_log?who%3Druud"
    answer = visit.sign_in("Ruud ", next="/console/audit_log?who=ruud")
    assert answer.location == "/console/audit_log?who=ruud"
    assert visit.get("/audit_log?who=ruud").status_code == 200


@pytest.mark.parametrize(("name", "password"), [("ruud", "a wrong one"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(visit, board, name, password):
    hire(board.engine, Role.MANAGER)
    answer = visit.sign_in(name, password)
    assert answer.status_code == 403
    assert "passen niet bij elkaar" in answer.text
    assert visit.get("/").status_code == 302


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://evil.example/", "//evil.example", "/voice/incoming", "/consoleevil"),
        *("/console//evil.example", "/console/\\evil.example", "javascript:alert(1)"),
        *("https://[", "//[", "https://[x]:y/console/"),  # no address at all
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(visit, board, wanted):
    hire(board.engine, Role.VIEWER)
    assert visit.sign_in("mila", next=wanted).location == "/console/"


def test_a_form_that_is_not_ours_changes_nothing(signed_in, board):
    anna = signed_in("admin")
    for path in ("/sign_in", "/sign_in/out", "/profile/password", "/sign_in/language"):
        answer = anna.post(path, csrf_token="made up", language="en")
        assert (answer.status_code, "verlopen" in answer.text) == (400, True)
    assert anna.get("/").status_code == 200


def test_the_proof_of_a_form_is_of_one_session_and_signed(signed_in, app):
    anna, before = signed_in("admin"), Visit(app.test_client()).token()
    console = app.extensions["console"].app
    ours = URLSafeSerializer(console.secret_key, salt="form token")
    secret = ours.loads(anna.token())
    forged = URLSafeSerializer("another key", salt="form token").dumps(secret)
    for token in ("", secret, before, forged, anna.token()[:-1]):
        answer = anna.post("/sign_in/language", csrf_token=token, language="en")
        assert (answer.status_code, "verlopen" in answer.text) == (400, True)
    assert anna.post("/sign_in/language", language="en").status_code == 302


def test_signing_in_begins_a_new_proof_of_forms(visit, board):
    hire(board.engine, Role.VIEWER)
    at_the_door = visit.token()
    visit.sign_in("mila")
    answer = visit.post("/sign_in/language", csrf_token=at_the_door, language="en")
    assert answer.status_code == 400


def test_a_session_ends_by_itself_when_nothing_is_done(signed_in, clock):
    ruud = signed_in("manager")
    for _ in range(3):
        clock.tick(11 * 3600)
        assert ruud.get("/").status_code == 200
    clock.tick(12 * 3600)
    assert ruud.get("/").status_code == 302


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(signed_in, clock):
    ruud = signed_in("manager")
    clock.tick(11 * 3600)
    assert ruud.get("/", headers={"HX-Request": "true"}).status_code == 200
    clock.tick(3600)
    answer = ruud.get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/console/sign_in/")


def test_a_session_ends_after_a_week_however_busy(signed_in, clock):
    ruud = signed_in("manager")
    began = clock.now
    while clock.now - began < dt.timedelta(days=7) - dt.timedelta(hours=6):
        clock.tick(6 * 3600)
        assert ruud.get("/").status_code == 200
    clock.tick(6 * 3600)
    assert ruud.get("/").status_code == 302


def test_signing_out_ends_the_session_and_not_only_the_cookie(signed_in, app):
    ruud = signed_in("manager")
    stolen = Visit(app.test_client())
    cookie = ruud.client.get_cookie("console", path="/console")
    stolen.client.set_cookie("console", cookie.value, path="/console")
    assert stolen.get("/").status_code == 200
    assert ruud.post("/sign_in/out").status_code == 302
    assert stolen.get("/").status_code == 302


def test_somebody_signs_out_everywhere_else(signed_in):
    here, there = signed_in("manager"), signed_in("manager")
    here.post("/profile/elsewhere")
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)


def test_a_language_is_chosen_at_the_door_and_kept_for_the_account(visit, signed_in):
    assert "Aanmelden" in visit.get("/sign_in").text
    visit.post("/sign_in/language", language="en", next="/console/sign_in")
    assert "Sign in" in visit.get("/sign_in").text
    ruud = signed_in("manager")
    ruud.post("/sign_in/language", language="en")
    assert 'lang="en"' in signed_in("manager").get("/").text


def test_what_nobody_can_type_and_no_database_needs_to_keep_is_refused(visit, signed_in):
    sanne = signed_in("engineer")
    answers = [
        visit.post("/sign_in", name="sanne\0", password=PASSWORD),
        sanne.get("/calls?company=%00"),
        sanne.get("/contracts/%00"),
        sanne.post("/my_duty/numbers", number="06\0"),
    ]
    assert [answer.status_code for answer in answers] == [400] * 4
