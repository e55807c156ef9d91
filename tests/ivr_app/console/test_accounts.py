"""Accounts: an admin lets people in, says what they may, and lets them go."""

import re

import pytest

from store.people.accounts import Account, Accounts, Role
from store.people.audit import AuditEntry, AuditLog
from tests.ivr_app.console.staff import Visit, hire
from tests.ivr_app.console.test_second_factor import turned_on


@pytest.fixture
def anna(signed_in):
    return signed_in("admin")


@pytest.fixture
def known(board):
    """The account of this name."""
    return Accounts(board.engine).named


def address(account, verb=""):
    return f"/accounts/{account.id}{verb and f'/{verb}'}"


def word(answer):
    """The password that is shown."""
    assert answer.status_code == 200, answer.text
    return re.search(r'class="key">([a-z2-9-]+)<', answer.text)[1]


def newest(board):
    return AuditLog(board.engine).page(size=1)[0].entry


def test_the_password_that_is_shown_opens_once_for_one_of_their_own(anna, app, known):
    given = anna.post("/accounts", name="Milan ", role="viewer", engineer="main joris")
    milan = known("milan")
    assert (milan.role, milan.line, milan.engineer) == (Role.VIEWER, "main", "joris")
    there = Visit(app.test_client())
    assert there.sign_in("milan", word(given)).status_code == 302
    assert there.get("/").location == "/console/profile/password"
    assert word(given) not in anna.get("/accounts").text + anna.get(address(milan)).text


def test_a_name_is_one_persons_and_an_engineer_is_on_a_rota(anna, known):
    taken = anna.post("/accounts", name="ANNA", role="viewer")
    assert (taken.status_code, 'id="name-mistake"' in taken.text) == (422, True)
    unknown = anna.post("/accounts", name="milan", role="viewer", engineer="main milan")
    assert (unknown.status_code, 'id="engineer-mistake"' in unknown.text) == (422, True)
    nameless = anna.post("/accounts", name=" ", role="chief")
    assert (nameless.status_code, 'id="role-mistake"' in nameless.text) == (422, True)
    assert known("milan") is None


def test_a_role_is_changed_at_once_and_stands_in_the_log(anna, signed_in, known, board):
    ruud = signed_in("manager")
    anna.post(address(known("ruud"), "role"), role="viewer")
    assert ruud.get("/audit_log").status_code == 403
    told = newest(board)
    assert (told.who, told.action, told.thing) == ("anna", "accounts.role", "ruud")
    assert (told.before, told.after) == ({"role": "manager"}, {"role": "viewer"})
    assert "Rol veranderd" in anna.get("/audit_log").text


@pytest.mark.parametrize(("verb", "fields"), [("role", {"role": "manager"}), ("end", {})])
def test_the_last_admin_is_neither_let_go_nor_demoted(anna, board, known, verb, fields):
    answer = anna.post(address(known("anna"), verb), **fields)
    assert (answer.status_code, "enige beheerder" in answer.text) == (422, True)
    assert known("anna").role is Role.ADMIN
    hire(board.engine, Role.ADMIN, name="milan")
    assert anna.post(address(known("anna"), verb), **fields).status_code == 302
    assert anna.get("/accounts").status_code in (302, 403)


def test_whoever_comes_from_a_provider_is_tied_to_the_rota_and_keeps_their_role(anna, board, known):
    deed = AuditEntry(board.call_service.clock(), "milan", "console", "oidc.first")
    Accounts(board.engine).add(Account(0, "milan", Role.ENGINEER, subject="https://o 1"), deed)
    anna.post(address(known("milan"), "engineer"), engineer="main joris")
    assert (known("milan").line, known("milan").engineer) == ("main", "joris")
    assert "Joris Bakker" in anna.get("/accounts").text
    anna.post(address(known("milan"), "engineer"), engineer="")
    assert (known("milan").line, known("milan").engineer) == (None, None)
    assert anna.post(address(known("milan"), "role"), role="viewer").status_code == 422
    assert 'name="role"' not in anna.get(address(known("milan"))).text


def test_another_password_ends_every_session_and_opens_once(anna, signed_in, known):
    ruud = signed_in("manager")
    given = anna.post(address(known("ruud"), "password"))
    assert ruud.get("/audit_log").status_code == 302
    assert ruud.sign_in("ruud").status_code == 403
    assert ruud.sign_in("ruud", word(given)).status_code == 302


def test_the_second_step_of_whoever_lost_their_telephone_is_removed(
    anna, signed_in, app, known, clock
):
    turned_on(signed_in("manager"), clock)
    there = Visit(app.test_client())
    assert there.sign_in("ruud").location == "/console/sign_in/second"
    anna.post(address(known("ruud"), "second"))
    assert there.sign_in("ruud").location == "/console/"


def test_whoever_is_ended_is_out_at_once(anna, signed_in, known, board):
    ruud, account = signed_in("manager"), known("ruud")
    anna.post(address(account, "end"))
    assert ruud.get("/audit_log").status_code == 302
    assert ruud.sign_in("ruud").status_code == 403
    assert anna.get(address(account)).status_code == 404
    assert newest(board).before["role"] == "manager"


def test_no_secret_of_an_account_stands_on_its_page(anna, signed_in, known, clock):
    turned_on(signed_in("manager"), clock)
    ruud, page = known("ruud"), anna.get(address(known("ruud"))).text
    assert "ruud" in page
    assert not any(secret in page for secret in (ruud.password_hash, ruud.totp_sealed))
