"""Who may sign in to the console, from the command line."""

import re

import pytest

from store.people.accounts import Account, Accounts, Role
from store.people.audit import AuditEntry, AuditLog
from tests.ivr_app.console.staff import Visit
from tests.web_app import web_app


@pytest.fixture
def added(type_in, applied):
    """Sanne has a way in; gives back the password that was printed."""
    answer = type_in("user", "add", "Sanne", "--role", "engineer", "--engineer", "sanne")
    assert answer.exit_code == 0, answer.stderr
    return answer.stdout.splitlines()[-1]


@pytest.fixture
def visit(board):
    return Visit(web_app(board).test_client())


def test_the_password_that_is_printed_opens_once_for_a_new_one(added, visit):
    assert re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", added)
    assert visit.sign_in("sanne", added).status_code == 302
    assert visit.get("/").location == "/console/profile/password"
    visit.post("/profile/password", old=added, new="een eigen lang woord")
    assert visit.get("/").status_code == 200
    assert visit.sign_in("sanne", added).status_code == 403


def test_everybody_is_listed_without_their_secrets(added, objects):
    (row,) = objects("user", "list")
    assert row == {
        "name": "sanne",
        "role": "engineer",
        "engineer": "sanne",
        "second_step": False,
        "password": "once",
    }


def test_a_name_is_taken_once_and_an_engineer_must_be_known(added, type_in):
    again = type_in("user", "add", "SANNE", "--role", "viewer")
    assert (again.exit_code, again.stderr) == (1, "User sanne already exists.\n")
    unknown = type_in("user", "add", "milan", "--role", "engineer", "--engineer", "milan")
    assert (unknown.exit_code, "no engineer milan" in unknown.stderr) == (1, True)


def test_another_password_ends_every_session(added, visit, type_in):
    visit.sign_in("sanne", added)
    word = type_in("user", "password", "sanne").stdout.splitlines()[-1]
    assert visit.get("/profile/password").status_code == 302
    assert visit.sign_in("sanne", added).status_code == 403
    assert visit.sign_in("sanne", word).status_code == 302


def test_whoever_is_ended_is_out_at_once(added, visit, type_in):
    visit.sign_in("sanne", added)
    assert type_in("user", "end", "sanne").exit_code == 0
    assert visit.get("/profile/password").status_code == 302
    assert visit.sign_in("sanne", added).status_code == 403
    assert type_in("user", "end", "sanne").stderr == "There is no user sanne.\n"


def test_the_log_of_changes_knows_the_command_line(added, type_in, board):
    type_in("user", "password", "sanne")
    type_in("user", "end", "sanne")
    rows = [row.entry for row in AuditLog(board.engine).page()]
    entries = [(row.way, row.action) for row in rows if row.action.startswith("accounts.")]
    assert entries == [("cli", f"accounts.{verb}") for verb in ("end", "password", "add")]


def test_a_role_and_a_place_on_the_rota_are_changed(added, type_in, objects):
    assert type_in("user", "role", "sanne", "manager").stdout == "sanne is manager.\n"
    assert type_in("user", "engineer", "Sanne", "joris").stdout == "sanne is joris on line main.\n"
    (row,) = objects("user", "list")
    assert (row["role"], row["engineer"]) == ("manager", "joris")
    assert type_in("user", "engineer", "sanne").stdout == "sanne is linked to no engineer.\n"
    assert objects("user", "list")[0]["engineer"] is None


@pytest.mark.parametrize("words", [("role", "anna", "viewer"), ("end", "anna")])
def test_the_last_admin_is_neither_let_go_nor_demoted(applied, type_in, objects, words):
    type_in("user", "add", "anna", "--role", "admin")
    refused = type_in("user", *words)
    assert (refused.exit_code, refused.stderr) == (
        1,
        "anna is the only admin: make somebody else one first (user role).\n",
    )
    type_in("user", "add", "milan", "--role", "admin")
    assert type_in("user", *words).exit_code == 0
    assert [row["name"] for row in objects("user", "list") if row["role"] == "admin"] == ["milan"]


def test_a_role_that_a_provider_tells_is_not_changed_here(applied, type_in, board):
    deed = AuditEntry(board.call_service.clock(), "ruud", "console", "oidc.first")
    Accounts(board.engine).add(Account(0, "ruud", Role.VIEWER, subject="https://o 1"), deed)
    refused = type_in("user", "role", "ruud", "admin")
    assert refused.stderr == "The identity provider sets the role of ruud.\n"
